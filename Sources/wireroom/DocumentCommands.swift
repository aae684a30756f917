import ArgumentParser
import Crawling
import Foundation

/// A command that reads one kind of document: files on the command line, or JSON lines on standard input.
protocol DocumentCommand: OneShotCommand {
    var lines: LineOptions { get }
    var files: [String] { get }
    var url: String? { get }
    var contentType: String? { get }
    static var respond: @Sendable ([UInt8]) -> [UInt8] { get }
}

extension DocumentCommand {
    func validate() throws {
        if files.isEmpty, url != nil || contentType != nil {
            throw ValidationError(
                "--url and --content-type go with a FILE (- for standard input); JSON lines bring their own")
        }
    }

    func execute() throws {
        guard !files.isEmpty else { return try lines.stream(Self.respond) }
        try forEachDocument(files) { path, bytes in
            let fields = [
                "id": path, "base64": Data(bytes).base64EncodedString(), "url": url, "content_type": contentType,
            ]
            let answer = Self.respond([UInt8](try JSONEncoder().encode(fields.compactMapValues { $0 })))
            try Console.jsonLine(answer)
            return !LineOptions.isFailure(answer)
        }
    }
}

/// `wireroom feed`
struct FeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed", abstract: "Says what an RSS, Atom or JSON feed holds; lists the feeds that are watched.",
        discussion: """
            `wireroom feed FILE` is short for `wireroom feed read FILE`.
            """, subcommands: [FeedRead.self, FeedList.self], defaultSubcommand: FeedRead.self)
}

/// `wireroom feed read`
struct FeedRead: DocumentCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Says what an RSS, Atom or JSON feed holds.",
        discussion: """
            Without FILE it answers JSON lines on standard input: {"id", "path" | "text" | "base64", "url"?, "content_type"?} with \
            {"id", "feed", "ms", "cpu_ms"}, {"id", "date"} with {"id", "utc"}, and {"id", "page", "url"?} with {"id", "feeds"}.

            EXAMPLES
              wireroom feed --url https://www.example.org/feed.xml feed.xml
              curl -s https://www.example.org/feed.xml | wireroom feed -
            """)
    static let respond: @Sendable ([UInt8]) -> [UInt8] = { FeedCommandCore().respond(to: $0) }

    @OptionGroup var lines: LineOptions
    @OptionGroup var output: JSONOutputOptions

    @Argument(help: ArgumentHelp("Feeds; - for standard input.", valueName: "file"))
    var files: [String] = []

    @Option(help: "With FILE: the feed's address, for relative links.")
    var url: String?

    @Option(help: "With FILE: its media type.")
    var contentType: String?
}

/// `wireroom sitemap`
struct SitemapCommand: DocumentCommand {
    static let configuration = CommandConfiguration(
        commandName: "sitemap", abstract: "Says what a sitemap or sitemap index holds.",
        discussion: """
            Without FILE it answers JSON lines on standard input, each {"id", "path" | "text" | "base64", "url"?, \
            "content_type"?}, with {"id", "kind", "count", "truncated", "skipped", "urls", "ms", "cpu_ms"}.

            EXAMPLE
              wireroom sitemap sitemap.xml.gz | jq -r '.urls[].loc'
            """)
    static let respond: @Sendable ([UInt8]) -> [UInt8] = { SitemapCommandCore().respond(to: $0) }

    @OptionGroup var lines: LineOptions
    @OptionGroup var output: JSONOutputOptions

    @Argument(help: ArgumentHelp("Sitemaps; - for standard input.", valueName: "file"))
    var files: [String] = []

    @Option(help: "With FILE: the sitemap's address.")
    var url: String?

    @Option(help: "With FILE: its media type.")
    var contentType: String?
}
