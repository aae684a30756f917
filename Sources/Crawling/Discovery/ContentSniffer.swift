/// Recognises documents that hold no text, whatever their label says.
///
/// After the signatures of the WHATWG MIME Sniffing standard, sections 6.1 to 6.4.
public enum ContentSniffer {
    private static let signatures: [(kind: String, bytes: [UInt8], offset: Int)] = [
        ("application/pdf", Array("%PDF-".utf8), 0), ("image/gif", Array("GIF8".utf8), 0),
        ("image/png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], 0), ("image/jpeg", [0xFF, 0xD8, 0xFF], 0),
        ("image/webp", Array("WEBPVP".utf8), 8), ("application/zip", [0x50, 0x4B, 0x03, 0x04], 0),
        ("application/gzip", [0x1F, 0x8B, 0x08], 0), ("video/mp4", Array("ftyp".utf8), 4),
        ("audio/mpeg", Array("ID3".utf8), 0),
        ("audio/ogg", Array("OggS".utf8), 0), ("video/webm", [0x1A, 0x45, 0xDF, 0xA3], 0),
        ("font/woff2", Array("wOF2".utf8), 0),
    ]

    /// The kind of a document that is not text, or `nil` when it may be an article.
    ///
    /// - Parameters:
    ///   - contentType: the label; believed only where the bytes say nothing.
    public static func kindWithoutText(_ bytes: [UInt8], contentType: String?) -> String? {
        for signature in signatures where bytes.count >= signature.offset + signature.bytes.count {
            if bytes[signature.offset...].starts(with: signature.bytes) { return signature.kind }
        }
        let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        if !isWide, bytes.prefix(512).contains(0) { return "application/octet-stream" }
        let type = (contentType ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        let isOther = ["image/", "audio/", "video/", "font/"].contains { type.hasPrefix($0) }
        return isOther ? type : nil
    }
}
