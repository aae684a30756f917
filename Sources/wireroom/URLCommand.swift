import ArgumentParser
import Crawling
import Foundation
import WebURL

/// `wireroom url`
struct URLCommand: OneShotCommand {
    static let configuration = CommandConfiguration(
        commandName: "url", abstract: "Says what URLs mean to the crawler.",
        discussion: """
            Writes one line for each: its parts, its canonical form with the identity under which it is known, why it is not \
            contacted, and whether it looks like one of endlessly many. Without URL it reads standard input, one URL or JSON \
            object {"id"?, "url", "base"?, "addresses"?, "redirects"?} a line: "addresses" is what a resolver would answer, \
            "redirects" the Location values that would follow; the guard judges each.

            EXAMPLES
              wireroom url 'HTTPS://WWW.Example.org:443/a/../b?utm_source=x#top'
              wireroom url --base https://www.example.org/news/ ../sport/1.html
              wireroom url < urls.txt
            """)

    @OptionGroup var lines: LineOptions
    @OptionGroup var output: JSONOutputOptions

    @Option(help: ArgumentHelp("Resolves relative URLs.", valueName: "url"))
    var base: String?

    @Argument(help: ArgumentHelp("URLs.", valueName: "url"))
    var urls: [String] = []

    func validate() throws {
        if let base, ParsedURL(base) == nil { throw ValidationError("--base \(base) is not a valid URL") }
    }

    func execute() throws {
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        let core = URLCommandCore(base: base.flatMap { ParsedURL($0) }, currentYear: year)
        guard !urls.isEmpty else { return try lines.stream { core.respond(to: $0) } }
        var hasFailed = false
        for url in urls {
            let answer = core.respond(to: Array(url.utf8))
            try Console.jsonLine(answer)
            if Data(answer).range(of: Data(#""failure":true"#.utf8)) != nil || LineOptions.isFailure(answer) {
                hasFailed = true
            }
        }
        if hasFailed { throw CommandFailure(.failed) }
    }
}
