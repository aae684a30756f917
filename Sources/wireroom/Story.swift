import ArgumentParser
import Operator

/// `wireroom story`
struct Story: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows a story with its articles, oldest first.",
        discussion: """
            EXAMPLE
              wireroom story 4
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("Number of the story.", valueName: "id"))
    var storyID: Int64

    func execute(_ session: OperatorSession) async throws {
        guard let story = try await session.withDatabase({ try await NewsReader(database: $0).story(storyID) }) else {
            throw CommandFailure(.failed, "there is no story \(storyID); see `wireroom stories`")
        }
        guard !options.json else { return try Console.json(story) }
        try Console.line(TerminalText.plain(story.title ?? "(no title)"))
        let articles = TerminalText.count(story.articleCount, "article")
        let outlets = TerminalText.count(story.outletCount, "outlet")
        let span = "\(TerminalText.time(story.firstPublishedAt)) to \(TerminalText.time(story.lastPublishedAt))"
        try Console.line("\(articles) by \(outlets), \(span)")
        try Console.line()
        var table = TextTable("ARTICLE", "PUBLISHED", "LANGUAGE", "OUTLET", "REPRINT", "TITLE")
        for member in story.articles {
            let reprint = member.reprint.map { kind in "\(kind) #\(member.reprintID ?? 0)" } ?? ""
            table.add(
                "\(member.articleID)", TerminalText.time(member.publishedAt), member.language ?? "",
                TerminalText.shortened(member.outlet ?? "", to: 28), reprint, member.title ?? "(no title)")
        }
        try table.write()
    }
}

/// `wireroom stories`
struct Stories: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the stories, those with the most outlets first.",
        discussion: """
            EXAMPLE
              wireroom stories --limit 10
            """)

    @OptionGroup var options: OperatorOptions

    @Option(help: "Stories at most, 1 to 10000.")
    var limit = 20

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit \(limit) is not within 1 to 10000") }
    }

    func execute(_ session: OperatorSession) async throws {
        let stories = try await session.withDatabase { try await NewsReader(database: $0).stories(limit: limit) }
        guard !options.json else { return try stories.forEach(Console.json) }
        guard !stories.isEmpty else { return Console.note("there are no stories yet") }
        var table = TextTable("STORY", "OUTLETS", "ARTICLES", "NEWEST", "TITLE")
        for story in stories {
            table.add(
                "\(story.storyID)", "\(story.outletCount)", "\(story.articleCount)",
                TerminalText.time(story.lastPublishedAt),
                story.title ?? "(no title)")
        }
        try table.write()
    }
}
