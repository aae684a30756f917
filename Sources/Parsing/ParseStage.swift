public import Captures
internal import Foundation
internal import LanguageID
public import Model
public import Pipeline
public import Postgres

/// The parse stage: a capture in, an article out.
public struct ParseStage: Stage {
    /// Version of the extraction; grows when captures should be parsed again.
    public static let version = 1

    private let captures: any CaptureStore
    private let store = ParseStore()

    /// Makes the stage.
    public init(captures: any CaptureStore) {
        self.captures = captures
    }

    public func load(
        _ messages: [StageMessage<ParseCapture>], from database: PostgresPool
    ) async throws -> [StageStep<Capture>] {
        let pointers = messages.map {
            CapturePointer(captureID: $0.payload.captureID, capturedAtMilliseconds: $0.payload.capturedAtMilliseconds)
        }
        return try await captures.load(pointers, from: database).map { result in
            switch result {
            case .success(let capture): .next(capture)
            case .failure(let error) where error.code == .missing:
                .end(.quarantine(.captureMissing, detail: error.message))
            case .failure(let error): .end(.quarantine(.corruptCapture, detail: error.message))
            }
        }
    }

    public func process(
        _ capture: Capture, message: StageMessage<ParseCapture>
    ) async throws -> StageStep<ParsedArticle> {
        var article = DocumentExtractor.extract(
            bytes: capture.body, url: capture.finalURL, contentType: capture.contentType, charset: capture.charset,
            fetchedAt: capture.fetchedAt, listing: ListingWords(json: capture.evidence))
        if let reason = article.notArticleReason { return .end(.drop(reason.dropReason)) }
        let body = article.body
        guard !body.isEmpty else { return .end(.drop(.empty)) }
        if article.language == nil { article.language = LanguageDetector.detect(body)?.code }
        return .next(
            ParsedArticle(
                article: article, body: body, wordCount: WordCount.words(in: body), urlID: capture.urlID,
                url: capture.finalURL))
    }

    public func persist(
        _ batch: [ProcessedMessage<ParseCapture, ParsedArticle>], in transaction: PostgresConnection
    ) async throws -> [StageResult] {
        let revisions = try await store.save(batch.map { ($0.message.payload, $0.value) }, in: transaction)
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
}

extension NotArticleReason {
    /// The reason in the ledger's words.
    var dropReason: DropReason {
        switch self {
        case .listing: .listing
        case .search: .search
        case .login: .login
        case .errorPage: .errorPage
        case .tooShort: .tooShort
        case .empty: .empty
        }
    }
}

/// Counts words the way readers do: runs of letters and digits; each Han or Kana character counts as a word.
enum WordCount {
    static func words(in text: String) -> Int {
        var count = 0
        var isInside = false
        for scalar in text.unicodeScalars {
            if scalar.value >= 0x3040 && scalar.value <= 0x9FFF {
                count += 1
                isInside = false
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || (isInside && scalar == "'")
            {
                if !isInside { count += 1 }
                isInside = true
            } else {
                isInside = false
            }
        }
        return count
    }
}
