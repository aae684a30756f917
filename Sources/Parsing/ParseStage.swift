public import Captures
internal import Foundation
internal import LanguageID
public import Model
public import Pipeline
public import Postgres

/// The parse stage: a capture in, an article out.
public struct ParseStage: Stage {
    /// Version of the extraction; grows when captures should be parsed again.
    ///
    /// Whoever changes what comes out of a document raises it, so that ``article.parser_version`` tells what is old;
    /// `wireroom diff` says so when stored articles of this version come out differently.
    public static let version = 6

    private let captures: any CaptureStore
    private let store = ParseStore()
    private let memory = SiteMemoryStore()
    private let contexts = ExtractionContextLoader()

    /// Makes the stage.
    public init(captures: any CaptureStore) {
        self.captures = captures
    }

    public func sizes(of messages: [StageMessage<ParseCapture>], from database: PostgresPool) async throws -> [Int] {
        try await captures.sizes(of: messages.map(\.payload.pointer), from: database)
    }

    public func load(
        _ messages: [StageMessage<ParseCapture>], from database: PostgresPool
    ) async throws -> [StageStep<LoadedCapture>] {
        let loaded = try await captures.load(messages.map(\.payload.pointer), from: database)
        let known = loaded.compactMap { result in if case .success(let capture) = result { capture } else { nil } }
        let contexts = try await contexts.contexts(of: known, from: database)
        return loaded.map { result in
            switch result {
            case .success(let capture):
                .next(LoadedCapture(capture: capture, context: contexts[capture.urlID] ?? ExtractionContext()))
            case .failure(let error) where error.code == .missing:
                .end(.quarantine(.captureMissing, detail: error.message))
            case .failure(let error): .end(.quarantine(.corruptCapture, detail: error.message))
            }
        }
    }

    public func process(
        _ loaded: LoadedCapture, message: StageMessage<ParseCapture>
    ) async throws -> StageStep<ParsedArticle> {
        Self.parse(loaded)
    }

    /// What the stage makes of a capture.
    public static func parse(_ loaded: LoadedCapture) -> StageStep<ParsedArticle> {
        let capture = loaded.capture
        var context = loaded.context
        context.listing = ListingWords(json: capture.evidence)
        let extraction = DocumentExtractor.extraction(
            bytes: capture.body, url: capture.finalURL, contentType: capture.contentType, charset: capture.charset,
            fetchedAt: capture.fetchedAt, context: context)
        var article = extraction.article
        if let reason = article.notArticleReason { return .end(reason.outcome(loaded.context.limits)) }
        let body = article.body
        guard !body.isEmpty else { return .end(.drop(.empty)) }
        if article.language == nil { article.language = LanguageDetector.detect(body)?.code }
        return .next(
            ParsedArticle(
                article: article, body: body, wordCount: WordCount.words(in: body), urlID: capture.urlID,
                url: capture.finalURL, imprint: extraction.imprint))
    }

    public func persist(
        _ batch: [ProcessedMessage<ParseCapture, ParsedArticle>], in transaction: PostgresConnection
    ) async throws -> [StageResult] {
        let articles = batch.map {
            (pointer: $0.message.payload, parsed: $0.value, isReplay: $0.message.envelope.replayMark != nil)
        }
        let revisions = try await store.save(articles, in: transaction)
        let remembered = zip(batch, revisions).compactMap { item, saved in
            saved == nil ? nil : SiteMemoryStore.Observation(item.value, fetchedAt: item.message.payload.capturedAt)
        }
        try await memory.save(remembered, in: transaction)
        return try zip(batch, revisions).map { item, saved in
            guard let saved else { return StageResult(.drop(.superseded)) }
            let next = Envelope(
                ClassifyArticle(articleID: saved.articleID, revision: saved.revision),
                urlID: item.message.envelope.urlID,
                trace: item.message.envelope.trace, replay: item.message.envelope.replayMark)
            return StageResult(.done, publications: [try .next(next)])
        }
    }
}

/// An article with what its row needs besides.
public struct ParsedArticle: Sendable {
    /// The article.
    public var article: ExtractedArticle
    /// Its plain text.
    public var body: String
    /// How many words that has.
    public var wordCount: Int
    /// The URL's row.
    public var urlID: Int64
    /// Where it was fetched from.
    public var url: String
    /// What its site's memory learns from it.
    public var imprint: PageImprint?
}

/// A capture with what is known of its site and source.
public struct LoadedCapture: Sendable {
    /// The capture.
    public var capture: Capture
    /// The site's memory and the operators' rules.
    public var context: ExtractionContext

    /// Pairs a capture with what is known from outside it.
    public init(capture: Capture, context: ExtractionContext) {
        self.capture = capture
        self.context = context
    }
}

extension NotArticleReason {
    /// What becomes of the message.
    func outcome(_ limits: ExtractionLimits) -> StageOutcome {
        switch self {
        case .listing: .drop(.listing)
        case .search: .drop(.search)
        case .login: .drop(.login)
        case .errorPage: .drop(.errorPage)
        case .tooShort: .drop(.tooShort)
        case .empty: .drop(.empty)
        case .tooCostly:
            .quarantine(.tooCostly, detail: "not done after \(limits.processorTime) of computing")
        }
    }
}

/// Counts words the way readers do: runs of letters and digits; each Han or Kana character counts as a word.
enum WordCount {
    static func words(in text: String) -> Int {
        var count = 0
        var isInside = false
        for scalar in text.unicodeScalars {
            if scalar.value < 0x80 {
                // Without the tables of properties, which took a tenth of the extraction.
                let isWord = isWord(UInt8(scalar.value)) || (isInside && scalar == "'")
                if isWord, !isInside { count += 1 }
                isInside = isWord
            } else if scalar.value >= 0x3040 && scalar.value <= 0x9FFF {
                count += 1
                isInside = false
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                if !isInside { count += 1 }
                isInside = true
            } else {
                isInside = false
            }
        }
        return count
    }

    private static func isWord(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 }
}

extension ParseCapture {
    /// Where the capture is stored.
    var pointer: CapturePointer {
        CapturePointer(captureID: captureID, capturedAtMilliseconds: capturedAtMilliseconds)
    }
}
