internal import Fetch

/// What a page says to crawlers in `X-Robots-Tag` and in its meta elements: `noindex`, `noarchive` and the like.
///
/// Neither is part of RFC 9309. The forms are those that the large search engines document: directives with commas between
/// them, and in a header an optional crawler name with a colon before them.
enum RobotsDirectives {
    /// Bytes of a page in which the head is looked for.
    private static let reach = 64 << 10
    private static let maximumCount = 16
    /// Directives whose own value stands behind a colon.
    private static let withValue: Set<Substring> = [
        "max-snippet", "max-image-preview", "max-video-preview", "unavailable_after",
    ]

    /// The directives that are meant for all crawlers or for this one, in lower case, each once.
    static func read(headers: HTTPHeaders, body: [UInt8], contentType: String?, productToken: String) -> [String] {
        var found: [String] = []
        for value in headers.values(of: "X-Robots-Tag") { add(header: value, productToken, to: &found) }
        let isHTML = (contentType ?? "text/html").lowercased().contains("html")
        if isHTML { addMeta(body, productToken, to: &found) }
        return Array(found.prefix(maximumCount))
    }

    private static func add(header value: String, _ productToken: String, to found: inout [String]) {
        var isMeant = true
        for part in value.lowercased().split(separator: ",") {
            var directive = part.trimmingSpaces
            if let colon = directive.firstIndex(of: ":"), !withValue.contains(directive[..<colon].trimmingSpaces) {
                isMeant = directive[..<colon].trimmingSpaces == productToken.lowercased()
                directive = directive[directive.index(after: colon)...].trimmingSpaces
            }
            if isMeant { add(directive, to: &found) }
        }
    }

    private static func addMeta(_ body: [UInt8], _ productToken: String, to found: inout [String]) {
        var scanner = HeadScanner(bytes: body, reach: reach, wanted: ["meta", "body"])
        while let tag = scanner.next(), tag.name == "meta" {
            guard let name = tag.attributes["name"]?.lowercased(), name == "robots" || name == productToken.lowercased()
            else { continue }
            for part in (tag.attributes["content"] ?? "").lowercased().split(separator: ",") {
                add(part.trimmingSpaces, to: &found)
            }
        }
    }

    private static func add(_ directive: Substring, to found: inout [String]) {
        guard !directive.isEmpty, directive.utf8.count <= 60 else { return }
        // "none" is short for these two.
        for one in directive == "none" ? ["noindex", "nofollow"] : [String(directive)] where !found.contains(one) {
            found.append(one)
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
