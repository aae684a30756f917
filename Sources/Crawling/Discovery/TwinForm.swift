internal import Foundation
internal import WebURL

/// Tells whether two URLs are forms of one page: AMP, mobile, with or without `www.`, with `http` or `https`.
///
/// A page names its canonical form in `rel=canonical`, but many name their home page, a section or another article there.
/// So that is believed only where the two differ in nothing but the marks of such forms.
enum TwinForm {
    private static let hostMarks: Set<Substring> = ["www", "m", "mobile", "amp", "touch", "wap", "mobil"]
    private static let ampParameters: Set<String> = [
        "amp", "outputtype=amp", "view=amp", "amp=1", "amp=true", "mobile=1", "m=1",
    ]

    /// Whether both name the same page.
    static func areTwins(_ left: ParsedURL, _ right: ParsedURL) -> Bool {
        guard left.isHTTP, right.isHTTP, left.port == right.port else { return false }
        let path = self.path(left)
        return path.count > 1 && host(left) == host(right) && path == self.path(right) && query(left) == query(right)
    }

    /// The host's labels without marks at their beginning.
    private static func host(_ url: ParsedURL) -> [Substring] {
        var labels = (url.host ?? "").split(separator: ".")[...]
        while labels.count > 2, let first = labels.first, hostMarks.contains(first) { labels = labels.dropFirst() }
        return Array(labels)
    }

    private static func path(_ url: ParsedURL) -> String {
        var parts = url.path.lowercased().split(separator: "/").filter { $0 != "amp" && $0 != "amphtml" }.map(
            String.init)
        if let last = parts.popLast() {
            var name = last
            for mark in [".amp.html", ".amp", "-amp.html", "amp.html", "-amp"]
            where name.hasSuffix(mark) && name.count > mark.count {
                name =
                    String(name.dropLast(mark.count)) + (mark.hasSuffix(".html") && mark != "amp.html" ? ".html" : "")
                break
            }
            if name != "amp.html" { parts.append(name) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func query(_ url: ParsedURL) -> [String] {
        (url.query ?? "").split(separator: "&").map { $0.lowercased() }.filter { part in
            let name = part.prefix { $0 != "=" }
            return !ampParameters.contains(part) && !TrackingParameters.contains(Array(name.utf8))
        }.sorted()
    }
}
