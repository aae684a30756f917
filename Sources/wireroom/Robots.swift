import ArgumentParser
import Crawling
import Foundation
import WebURL

/// `wireroom robots`
struct Robots: OneShotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what a robots.txt allows.",
        discussion: """
            With FILE it writes one line for each --url, or one for the file. Without, it answers JSON lines on standard input, \
            each {"id"?, "robots_txt", "user_agent", "url"?, "robots_txt_encoding"?}, with {"id", "allowed", "rule", \
            "crawl_delay", "sitemaps"}.

            EXAMPLES
              wireroom robots --agent Wireroom --url https://www.example.org/private/ robots.txt
              curl -s https://www.example.org/robots.txt | wireroom robots --agent Wireroom -
            """)

    @OptionGroup var lines: LineOptions
    @OptionGroup var output: JSONOutputOptions

    @Option(help: "With FILE: the crawler's product token, such as Wireroom.")
    var agent: String?

    @Option(help: "With FILE: an address to judge; may be repeated.")
    var url: [String] = []

    @Argument(help: ArgumentHelp("A robots.txt; - for standard input.", valueName: "file"))
    var file: String?

    private struct Record: Encodable {
        var id: String
        var robotsText: String
        var agent: String
        var url: String?
        var encoding = "latin-1-bytes"

        enum CodingKeys: String, CodingKey {
            case id, url
            case robotsText = "robots_txt"
            case agent = "user_agent"
            case encoding = "robots_txt_encoding"
        }
    }

    func validate() throws {
        if file != nil, agent == nil { throw ValidationError("--agent is missing: rules are for a crawler") }
        if file == nil, agent != nil || !url.isEmpty {
            throw ValidationError("--agent and --url go with a FILE (- for standard input); JSON lines bring their own")
        }
    }

    func execute() throws {
        let core = RobotsCommandCore()
        guard let file, let agent else { return try lines.stream { core.respond(to: $0) } }
        try forEachDocument([file]) { path, bytes in
            // Rules are bytes, in whatever encoding: each byte travels as the character of its number.
            let text = String(
                String.UnicodeScalarView(bytes.prefix(RobotsRules.maximumBytes).map { Unicode.Scalar($0) }))
            var isWhole = true
            for target in url.isEmpty ? [nil] : url.map(Optional.some) {
                let record = Record(id: target ?? path, robotsText: text, agent: agent, url: target)
                let answer = core.respond(to: [UInt8](try JSONEncoder().encode(record)))
                if LineOptions.isFailure(answer) { isWhole = false }
                try Console.jsonLine(answer)
            }
            return isWhole
        }
    }
}
