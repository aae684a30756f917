import ArgumentParser
import Classifying

/// `wireroom classify`
struct Classify: OneShotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Finds language, topics, places, actors, quotations and events in articles.",
        discussion: """
            Answers JSON lines on standard input, each {"id", "title"?, "body", "language"?, "url"?, "published_at"?}, with {"id", \
            "language", "topics", "places", "actors", "quotes", "events", "ms"}, in their order. Every span has start and end in \
            Unicode scalars of the body. A bad record is answered with {"id", "error"}, and the rest goes on.

            EXAMPLE
              wireroom extract < records.jsonl | wireroom classify > annotations.jsonl
            """)

    @OptionGroup var lines: LineOptions
    @OptionGroup var output: JSONOutputOptions

    func execute() throws {
        let core: ClassifyCommandCore
        do {
            core = ClassifyCommandCore(classifier: try ArticleClassifier())
        } catch {
            throw CommandFailure(.software, error.message)
        }
        try lines.stream { core.respond(to: $0) }
    }
}
