public import Foundation
internal import LanguageID

/// Says what an article is about, which places and actors it names, who says what in it and what happened.
///
/// It is loaded once and may be used by any number of threads at the same time. Its work is linear in the length of the
/// text; what lies behind the first 400,000 scalars of a body is left alone.
public struct ArticleClassifier: Sendable {
    /// The version of the method: greater when annotations of the same article may differ.
    public static let version = 1

    let gazetteer: Gazetteer
    let lexicon: Lexicon
    let topicModel: TopicModel
    let eventLexicon: EventLexicon

    /// Loads the word lists and the gazetteer that are part of this module.
    ///
    /// - Throws: ``ClassifyingError`` when a file is missing or damaged.
    public init() throws(ClassifyingError) {
        gazetteer = try Gazetteer(Self.resource("gazetteer.bin"))
        lexicon = try Lexicon(words: Self.resource("lexicon.txt"), names: Self.resource("names.txt"))
        topicModel = try TopicModel(Self.resource("topics.txt"))
        eventLexicon = try EventLexicon(Self.resource("events.txt"))
    }

    private static func resource(_ name: String) throws(ClassifyingError) -> [UInt8] {
        let url = Bundle.module.bundleURL.appendingPathComponent("Resources").appendingPathComponent(name)
        do {
            return [UInt8](try Data(contentsOf: url))
        } catch {
            throw ClassifyingError(
                code: .resourceMissing,
                message: "cannot read \(name), which belongs beside the program: \(error.localizedDescription)")
        }
    }

    /// Annotates an article. Every span counts Unicode scalars of the body.
    ///
    /// - Parameters:
    ///   - title: the headline: counts for topics and for which place the article is about, but is not part of any span.
    ///   - body: the text, paragraphs separated by line breaks.
    ///   - language: what the source says the language is, as a BCP 47 tag; used where detection is unsure.
    ///   - url: the address; its path is a hint for the topic.
    ///   - publishedAt: when it was published; this version makes nothing of it.
    public func classify(
        title: String?, body: String, language: String?, url: String?, publishedAt: Date?
    )
        -> ArticleAnnotations
    {
        var annotations = ArticleAnnotations()
        let text = ArticleText(body)
        let titleText = ArticleText(title ?? "")
        annotations.language = self.language(of: title, body, hint: language)
        annotations.topics = topicModel.topics(title: titleText, path: ArticleText(Self.path(of: url)), body: text)
        let isGerman = annotations.language == "de" || annotations.language == "lb"
        var actors = ActorFinder(gazetteer: gazetteer, lexicon: lexicon, text: text, capitalisesNouns: isGerman)
        actors.collect()
        annotations.actors = actors.gather()
        let people = actors.mentions.filter { $0.kind == .person }
        var places = PlaceFinder(
            gazetteer: gazetteer, lexicon: lexicon, text: text, taken: Set(people.flatMap(\.tokens)))
        let found = places.find()
        annotations.places = places.annotations(found, titled: placesNamed(in: titleText))
        annotations.quotes = QuoteFinder(
            lexicon: lexicon, text: text, mentions: actors.mentions, actors: annotations.actors
        ).find()
        let arguments = arguments(actors.mentions, annotations.actors, found)
        annotations.events =
            EventFinder(
                lexicon: lexicon, events: eventLexicon, text: text, arguments: arguments,
                quoted: annotations.quotes.flatMap(\.parts)
            ).find()
        return annotations
    }

    /// What can act in an event: the actors, and the places outside their names.
    private func arguments(
        _ mentions: [ActorFinder.Mention], _ actors: [ArticleActor], _ places: [PlaceFinder.Candidate]
    ) -> [EventFinder.Argument] {
        let named = mentions.map { EventFinder.Argument(tokens: $0.tokens, name: actors[$0.actor].name) }
        let taken = Set(mentions.flatMap(\.tokens))
        let areas = places.compactMap { candidate -> EventFinder.Argument? in
            guard let sense = candidate.chosen, !candidate.isDateline, !candidate.tokens.contains(where: taken.contains)
            else { return nil }
            return EventFinder.Argument(tokens: candidate.tokens, name: gazetteer.name(sense.entity))
        }
        return (named + areas).sorted { $0.tokens.lowerBound < $1.tokens.lowerBound }
    }

    /// The words of an address's path: sections such as `sport` stand there.
    private static func path(of url: String?) -> String {
        guard let url, url.utf8.count < 2_000 else { return "" }
        return url.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3).joined(separator: " ")
    }

    /// The places that a headline names.
    private func placesNamed(in title: ArticleText) -> Set<Int> {
        var finder = PlaceFinder(gazetteer: gazetteer, lexicon: lexicon, text: title, taken: [])
        return Set(finder.find().compactMap { $0.chosen?.entity })
    }

    /// The language: what is detected, unless that is unsure and the source says otherwise.
    private func language(of title: String?, _ body: String, hint: String?) -> String? {
        let hinted = hint.flatMap { $0.split { $0 == "-" || $0 == "_" }.first }.map { $0.lowercased() }
        let isShort = body.utf8.count < 200
        let sample = isShort ? (title ?? "") + "\n" + body : body
        guard let guess = LanguageDetector.detect(sample) else { return hinted }
        if guess.isReliable && !isShort || hinted == nil { return guess.code }
        return guess.isReliable && guess.confidence > 0.9 ? guess.code : hinted
    }
}
