internal import Compression
internal import Markup
internal import TextEncoding

/// Reads RSS 0.90 to 2.0, Atom 0.3 and 1.0, and JSON Feed.
///
/// What the transport says about the type is a hint only: feeds come as `text/html` and pages as `application/rss+xml`. A
/// feed that is cut off or not well formed gives the entries that can be read.
public enum FeedParser {
    /// Bytes of a feed, after decompression.
    public static let maximumBytes = 32 << 20
    /// Entries that are read from one feed.
    public static let maximumEntries = 10_000

    /// Reads a feed.
    ///
    /// - Parameters:
    ///   - bytes: the document, gzip allowed.
    ///   - url: the address that relative links refer to: that of the answer, or its `Content-Location`.
    ///   - contentType: the value of the header, for its charset.
    public static func parse(_ bytes: [UInt8], url: String?, contentType: String?) throws(FeedError) -> Feed {
        let decoded = try decode(bytes, contentType: contentType)
        let utf8 = Array(decoded.text.utf8)
        guard let first = utf8.first(where: { $0 > 0x20 }) else { throw FeedError(.empty, "the document is empty") }
        var feed: Feed
        if first == UInt8(ascii: "{") {
            feed = try JSONFeedReader(base: url).read(utf8)
        } else {
            let tree = XMLTree(utf8: utf8)
            guard !tree.hasNestedEntities else { throw FeedError(.hostile, "entities are made of entities") }
            feed = try FeedReader(tree: tree, url: url).read()
        }
        feed.encoding = decoded.encoding
        return feed
    }

    private static func decode(_ bytes: [UInt8], contentType: String?) throws(FeedError) -> DecodedText {
        var document = bytes
        if Gzip.isGzip(bytes) {
            do {
                document = try Gzip.decompress(bytes, maximumBytes: maximumBytes, acceptsTruncation: true)
            } catch {
                throw FeedError(error.code == .tooLarge ? .tooLarge : .damaged, error.message)
            }
        }
        guard document.count <= maximumBytes else {
            throw FeedError(.tooLarge, "\(document.count) bytes, the limit is \(maximumBytes)")
        }
        let charset = contentType.flatMap { TextDecoder.charset(inContentType: $0) }
        return TextDecoder.decode(document, httpCharset: charset, kind: .xml)
    }
}
