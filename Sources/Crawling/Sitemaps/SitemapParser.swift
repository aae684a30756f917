internal import Compression
internal import TextEncoding

/// Reads sitemaps after the protocol of sitemaps.org, with the news extension.
///
/// Sitemaps, indexes, feeds and plain lists are told apart by their content. Of a document that breaks off, the entries
/// before the break are returned.
public enum SitemapParser {
    /// Bytes of a sitemap after decompression: the protocol's limit.
    public static let maximumBytes = 50 << 20
    /// Entries of a sitemap: the protocol's limit.
    public static let maximumEntries = 50_000
    /// Bytes of an address: the protocol's limit.
    static let maximumLocationBytes = 2_048

    /// Reads a sitemap.
    ///
    /// - Parameters:
    ///   - bytes: the document; gzip is told by its content.
    ///   - url: the document's address, for entries that are written relative to it.
    ///   - contentType: the value of the header, for its charset.
    public static func parse(
        _ bytes: [UInt8], url: String? = nil, contentType: String? = nil
    ) throws(SitemapError) -> Sitemap {
        let text = try decode(bytes, contentType: contentType)
        let start = text.prefix(4096)
        guard let first = start.first(where: { $0 > 0x20 }) else {
            throw SitemapError(.empty, "the document is empty")
        }
        if first == UInt8(ascii: "<") {
            var reader = SitemapReader(utf8: text, url: url)
            return try reader.read()
        }
        return try list(text)
    }

    private static func decode(_ bytes: [UInt8], contentType: String?) throws(SitemapError) -> [UInt8] {
        var document = bytes
        // Some servers compress a file that is compressed already.
        for _ in 0..<2 where Gzip.isGzip(document) {
            do {
                document = try Gzip.decompress(document, maximumBytes: maximumBytes, acceptsTruncation: true)
            } catch {
                throw SitemapError(error.code == .tooLarge ? .tooLarge : .damaged, error.message)
            }
        }
        guard document.count <= maximumBytes else {
            throw SitemapError(.tooLarge, "\(document.count) bytes, the limit is \(maximumBytes)")
        }
        let charset = contentType.flatMap { TextDecoder.charset(inContentType: $0) }
        return Array(TextDecoder.decode(document, httpCharset: charset, kind: .xml).text.utf8)
    }

    /// A list of addresses, one a line.
    private static func list(_ text: [UInt8]) throws(SitemapError) -> Sitemap {
        var sitemap = Sitemap(kind: .text)
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            guard let location = String(decoding: line.prefix(maximumLocationBytes + 1), as: UTF8.self).trimmed else {
                continue
            }
            guard isFetchable(location) else {
                sitemap.skipped += 1
                continue
            }
            guard sitemap.urls.count < maximumEntries else {
                sitemap.isTruncated = true
                break
            }
            sitemap.urls.append(SitemapURL(location: location))
        }
        guard !sitemap.urls.isEmpty else { throw SitemapError(.notASitemap, "neither XML nor a list of addresses") }
        return sitemap
    }

    /// Whether an address is one of the web, of a length that the protocol allows.
    static func isFetchable(_ location: String) -> Bool {
        FeedLink.isAbsolute(location) && location.utf8.count <= maximumLocationBytes
            && !location.utf8.contains { $0 <= 0x20 }
    }
}
