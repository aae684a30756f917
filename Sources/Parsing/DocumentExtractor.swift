public import Foundation
internal import Markup
internal import TextEncoding

/// Takes the article out of a document's bytes, whatever its format.
public enum DocumentExtractor {
    /// Extracts a document.
    ///
    /// - Parameters:
    ///   - bytes: The document as it was fetched, without content coding.
    ///   - url: The document's address.
    ///   - contentType: The media type of the HTTP header, with or without parameters.
    ///   - charset: The encoding's label from outside the document; wins over what the document says.
    ///   - fetchedAt: When the document was fetched.
    ///   - listing: What the feed or sitemap that named the document says of it.
    public static func extract(
        bytes: [UInt8], url: String?, contentType: String?, charset: String?, fetchedAt: Date?,
        listing: ListingWords? = nil
    ) -> ExtractedArticle {
        var context = ExtractionContext()
        context.listing = listing
        return extraction(
            bytes: bytes, url: url, contentType: contentType, charset: charset, fetchedAt: fetchedAt, context: context
        ).article
    }

    /// Extracts a document with what is known from outside it.
    ///
    /// - Parameter context: Limits, the site's memory and the operators' rules.
    /// - Returns: The article, and what the context asks for besides. A document that takes longer than the limits allow
    ///   is given up as ``NotArticleReason/tooCostly``.
    public static func extraction(
        bytes: [UInt8], url: String?, contentType: String?, charset: String?, fetchedAt: Date?,
        context: ExtractionContext
    ) -> Extraction {
        extraction(
            bytes: bytes, url: url, contentType: contentType, charset: charset, fetchedAt: fetchedAt, context: context,
            budget: WorkBudget(context.limits.processorTime))
    }

    /// As above, with a budget that a test may spend by its own clock.
    static func extraction(
        bytes: [UInt8], url: String?, contentType: String?, charset: String?, fetchedAt: Date?,
        context: ExtractionContext, budget: WorkBudget
    ) -> Extraction {
        do {
            let declared = charset ?? contentType.flatMap { TextDecoder.charset(inContentType: $0) }
            let bytes = bytes.count > context.limits.maximumBytes ? Array(bytes[..<context.limits.maximumBytes]) : bytes
            let isPlain = isPlainText(bytes, contentType: contentType, url: url)
            let text = TextDecoder.decode(bytes, httpCharset: declared, kind: isPlain ? .text : .html).text
            try budget.check()
            if isPlain {
                var article = try PlainTextExtractor.extract(text, url: url, fetchedAt: fetchedAt, budget: budget)
                context.listing?.complete(&article)
                return Extraction(article: article)
            }
            var limits = context.limits.html
            limits.shouldStop = { budget.isSpent }
            let document = HTMLDocument(parsing: Array(text.utf8), limits: limits)
            try budget.check()
            return try ArticleExtractor.extract(
                document, url: url, fetchedAt: fetchedAt, context: context, budget: budget)
        } catch {
            return Extraction(article: .tooCostly)
        }
    }

    /// Whether the document is plain text: its type says so, or it has no type and no tags near its start.
    static func isPlainText(_ bytes: [UInt8], contentType: String?, url: String?) -> Bool {
        let looksLikeHTML = looksLikeHTML(bytes)
        if let contentType {
            let type = contentType.prefix { $0 != ";" }.lowercased()
            if type.contains("html") || type.contains("xml") { return false }
            if type.contains("text/plain") { return !looksLikeHTML }
        }
        return !looksLikeHTML
    }

    /// Whether a tag that only HTML has opens in the first 2 KB, or several tags do.
    private static func looksLikeHTML(_ bytes: [UInt8]) -> Bool {
        var tags = 0
        var position = 0
        let end = min(bytes.count, 4096)
        while position + 1 < end {
            if bytes[position] == 0x3C {
                let next = bytes[position + 1]
                if next == 0x21 || next == 0x3F { return true }
                if (next | 0x20) &- 0x61 < 26 || next == 0x2F {
                    tags += 1
                    if tags >= 3 || startsWithDocumentTag(bytes, position + 1) { return true }
                }
            }
            position += 1
        }
        // A UTF-16 page has a zero byte in each tag: the parser's own decoder finds out.
        return bytes.prefix(4).contains(0) && bytes.contains(0x3C)
    }

    private static func startsWithDocumentTag(_ bytes: [UInt8], _ start: Int) -> Bool {
        for name in ["html", "head", "body", "div", "article", "title", "meta"]
        where bytes.count - start > name.utf8.count {
            if zip(bytes[start...], name.utf8).allSatisfy({ $0 | 0x20 == $1 }) { return true }
        }
        return false
    }
}
