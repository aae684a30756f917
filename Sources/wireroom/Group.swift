import ArgumentParser
import Indexing

/// `wireroom group`
struct Group: OneShotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Groups articles into reprints and stories, by the code of the index stage.",
        discussion: """
            Answers JSON lines on standard input in the order of their time, each {"id", "title"?, "body", "published_at"?, \
            "language"?}, with {"id", "reprint", "story", …}: the ids of the first article that printed the text and of the one \
            that opened the story. A bad record is answered with {"id", "error"}, and the rest goes on.

            EXAMPLE
              wireroom group < articles.jsonl > groups.jsonl
            """)

    @OptionGroup var lines: LineOptions
    @OptionGroup var output: JSONOutputOptions

    func execute() throws {
        var core = GroupCommandCore()
        try lines.stream(transform: { GroupCommandCore.features(of: $0) }, finish: { core.assign($0) })
    }
}
