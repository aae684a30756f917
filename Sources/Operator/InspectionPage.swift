internal import Foundation
public import Parsing

/// An inspection as an HTML page of its own: the blocks coloured by what became of them.
///
/// Whatever comes from the inspected page is escaped, so that it is shown and never carried out; the page has no script, and
/// its policy forbids to run or load any.
public struct InspectionPage: Sendable {
    private let address: String
    private let inspection: PageInspection
    private let version: Int

    /// Makes the page.
    ///
    /// - Parameter address: The URL or path of the inspected page.
    public init(address: String, inspection: PageInspection, version: Int = ParseStage.version) {
        self.address = address
        self.inspection = inspection
        self.version = version
    }

    /// The page's HTML.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="referrer" content="no-referrer">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Inspection of \(Self.escaped(address))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <header>
        <h1>\(Self.escaped(inspection.fields.first { $0.name == "title" }?.value ?? "(no title)"))</h1>
        <p class="address">\(Self.escaped(address))</p>
        <p>\(verdict)</p>
        </header>
        \(fields)
        \(blocks)
        <footer>wireroom inspect, extraction version \(version)</footer>
        </body>
        </html>

        """
    }

    private var verdict: String {
        let outcome = inspection.notArticle.map { "No article: <b>\(Self.escaped($0))</b>." } ?? "An article."
        let container = inspection.container.map { "Its element: <code>\(Self.escaped($0))</code>." } ?? ""
        let source = inspection.bodySource == "text" ? "the page itself" : inspection.bodySource
        return "\(outcome) The text comes from \(Self.escaped(source)). \(container)"
    }

    // MARK: - Fields

    private var fields: String {
        let rows = inspection.fields.filter { $0.value != nil || !$0.candidates.isEmpty }.map { field in
            let candidates = field.candidates.map { candidate in
                """
                <li\(candidate.isChosen ? " class=\"won\"" : "")><bdi>\(Self.escaped(candidate.value))</bdi> \
                <small>\(Self.escaped(candidate.source)), \(candidate.weight.formatted()) of \(candidate.votes.formatted()) votes</small></li>
                """
            }
            let list = candidates.isEmpty ? "" : "<ul>\(candidates.joined())</ul>"
            let source = field.source.map { " <small>\(Self.escaped($0))</small>" } ?? ""
            return """
                <tr><th>\(Self.escaped(field.name))</th><td><bdi>\(Self.escaped(field.value ?? "–"))</bdi>\(source)\(list)</td></tr>
                """
        }
        return "<h2>Fields</h2>\n<table class=\"fields\">\n\(rows.joined(separator: "\n"))\n</table>"
    }

    // MARK: - Blocks

    private var blocks: String {
        var counts: [PageInspection.Decision: Int] = [:]
        for block in inspection.blocks { counts[block.decision, default: 0] += 1 }
        let legend = PageInspection.Decision.allCases.filter { counts[$0] != nil }.map {
            "<li class=\"\($0.rawValue)\">\(Self.meaning($0)) <small>\(counts[$0] ?? 0)</small></li>"
        }
        return """
            <h2>Blocks</h2>
            <ul class="legend">\(legend.joined())</ul>
            <ol class="blocks">
            \(inspection.blocks.map(Self.block).joined(separator: "\n"))
            </ol>
            """
    }

    private static func block(_ block: PageInspection.Block) -> String {
        let links = Int((block.linkDensity * 100).rounded())
        let hints = block.hints.isEmpty ? "" : " · \(escaped(block.hints.joined(separator: ", ")))"
        return """
            <li class="\(block.decision.rawValue)" value="\(block.index)">
            <p class="text \(block.kind.rawValue)" dir="auto">\(escaped(block.text))</p>
            <p class="why"><b>\(block.decision.rawValue)</b>: \(escaped(block.reason)) · \(block.kind.rawValue) · \
            score \(block.score.formatted()) · \(block.characters) characters, \(links) % links\(hints)<br>\
            <code>\(escaped(block.path))</code></p>
            </li>
            """
    }

    private static func meaning(_ decision: PageInspection.Decision) -> String {
        switch decision {
        case .article: "the article's text"
        case .caption: "a caption"
        case .pruned: "taken out again"
        case .rejected: "inside the article, not taken"
        case .outside: "outside the article"
        case .repeated: "repeats on the site"
        case .rule: "left out by a rule"
        }
    }

    /// Text that shows as it is, in elements and in attributes; control characters show as U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
                result.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
            }
        }
        return result
    }

    private static let style = """
        :root { color-scheme: light; }
        body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem; color: #1b1f24; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .3rem; }
        h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
        code { font: 12px/1.4 ui-monospace, monospace; color: #57606a; overflow-wrap: anywhere; }
        small, .why, footer, .address { color: #57606a; font-size: .8rem; }
        .address, bdi, .text { overflow-wrap: anywhere; }
        .fields { border-collapse: collapse; width: 100%; }
        .fields th { text-align: left; vertical-align: top; padding: .3rem 1rem .3rem 0; font-weight: 600; }
        .fields td { padding: .3rem 0; border-bottom: 1px solid #eaeef2; width: 100%; }
        .fields ul { margin: .2rem 0 0; padding-left: 1.2rem; }
        .won { font-weight: 600; }
        .legend { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; padding: 0; }
        .legend li { padding: .1rem .6rem; border-left: 4px solid; border-radius: 2px; }
        .blocks { padding: 0; list-style-position: inside; }
        .blocks > li { border-left: 4px solid; border-radius: 2px; margin: .35rem 0; padding: .35rem .8rem; }
        .blocks > li::marker { font-size: .75rem; color: #57606a; }
        .text { margin: 0; white-space: pre-line; }
        .text.heading { font-weight: 700; }
        .text.quote { font-style: italic; }
        .text.preformatted { font-family: ui-monospace, monospace; white-space: pre-wrap; }
        .why { margin: .15rem 0 0; }
        .article { background: #dafbe1; border-color: #1a7f37 !important; }
        .caption { background: #ddf4ff; border-color: #0969da !important; }
        .pruned { background: #fff8c5; border-color: #bf8700 !important; }
        .rejected { background: #ffe9d9; border-color: #bc4c00 !important; }
        .outside { background: #f6f8fa; border-color: #d0d7de !important; color: #57606a; }
        .repeated { background: #fbefff; border-color: #8250df !important; }
        .rule { background: #ffebe9; border-color: #cf222e !important; }
        """
}
