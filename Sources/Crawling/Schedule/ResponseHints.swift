internal import Fetch
internal import Foundation
internal import WebURL

/// How long an answer says that it stays as it is (RFC 9111).
enum CacheLifetime {
    /// `max-age` of `Cache-Control`, or `nil` where a cache may not keep the answer, or nothing is said.
    static func asked(by headers: HTTPHeaders) -> Duration? {
        guard let text = headers["Cache-Control"]?.lowercased() else { return nil }
        let directives = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        guard !directives.contains("no-cache"), !directives.contains("no-store") else { return nil }
        for directive in directives where directive.hasPrefix("max-age=") {
            let value = directive.dropFirst(8).filter { $0 != "\"" }
            return Int64(value).flatMap { 1...31_536_000 ~= $0 ? .seconds($0) : nil }
        }
        return nil
    }
}

/// WebSub hubs that an answer names in its `Link` header (RFC 8288), as the protocol prefers it over the feed's own elements.
enum WebSubHubs {
    private static let maximumHubs = 8

    static func hubs(of headers: HTTPHeaders, at url: ParsedURL) -> [String] {
        var found: [String] = []
        for field in headers.fields where field.name.lowercased() == "link" {
            for (target, parameters) in links(field.value) where found.count < maximumHubs {
                let isHub = parameters.contains { parameter in
                    let parts = parameter.split(separator: "=", maxSplits: 1).map {
                        $0.filter { !$0.isWhitespace && $0 != "\"" }
                    }
                    return parts.count == 2 && parts[0].lowercased() == "rel" && parts[1].lowercased() == "hub"
                }
                guard isHub, let hub = ParsedURL(target, base: url), hub.isHTTP, !found.contains(hub.href) else {
                    continue
                }
                found.append(hub.href)
            }
        }
        return found
    }

    /// The targets of a `Link` header with their parameters.
    private static func links(_ value: String) -> [(String, [Substring])] {
        value.split(separator: "<").compactMap { part in
            guard let close = part.firstIndex(of: ">") else { return nil }
            let rest = part[part.index(after: close)...].prefix { $0 != "," }
            return (String(part[..<close]), rest.split(separator: ";"))
        }
    }
}
