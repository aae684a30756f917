import Testing

@testable import Classifying

/// The classifier, loaded once for all tests, and short ways to ask it.
enum Fixture {
    private static let loaded = Result { try ArticleClassifier() }

    static func classifier() throws -> ArticleClassifier { try loaded.get() }

    static func annotate(_ body: String, title: String? = nil, language: String? = nil) throws -> ArticleAnnotations {
        try classifier().classify(title: title, body: body, language: language, url: nil, publishedAt: nil)
    }

    /// The words of a span.
    static func text(_ span: TextSpan, of body: String) -> String {
        let scalars = Array(body.unicodeScalars)
        guard span.start >= 0, span.start <= span.end, span.end <= scalars.count else { return "<span out of range>" }
        return String(String.UnicodeScalarView(scalars[span.start..<span.end]))
    }

    static func hasPlace(_ annotations: ArticleAnnotations, _ name: String, country: String?) -> Bool {
        annotations.places.contains { $0.name == name && $0.countryCode == country }
    }
}
