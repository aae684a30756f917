import Markup
import Testing

/// The tree as text: tags, with text in quotes.
private func outline(_ source: String, limits: HTMLLimits = HTMLLimits()) -> String {
    let document = HTMLDocument(parsing: Array(source.utf8), limits: limits)
    func children(_ index: Int) -> String {
        var parts: [String] = []
        var child = document.firstChild(of: index)
        while let current = child {
            parts.append(node(current))
            child = document.nextSibling(of: current)
        }
        return parts.joined(separator: " ")
    }
    func node(_ index: Int) -> String {
        let node = document.nodes[index]
        if node.tag == .text { return "'\(document.string(node.textRange))'" }
        let inner = children(index)
        return inner.isEmpty ? "\(node.tag)" : "\(node.tag)(\(inner))"
    }
    return children(0)
}

@Suite struct HTMLDocumentTests {
    @Test(arguments: [
        ("<p>one<p>two", "p('one') p('two')"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "ul(li('a') li('b' ul(li('c')))) 'd'"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "dl(dt('a') dd('b') dt('c'))"),
        ("<table><tr><td>1<td>2<tr><th>3</table>x", "table(tr(td('1') td('2')) tr(th('3'))) 'x'"),
        ("<table><tr><td><p>a</td><td>b</table>", "table(tr(td(p('a')) td('b')))"),
        ("<p>a<div>b</div>c", "p('a') div('b') 'c'"),
        ("<h1>a<h2>b</h2>c", "h1('a') h2('b') 'c'"),
        ("<p>a<b>b<i>c</b>d", "p('a' b('b' i('c')) 'd')"),
        ("<a href=x><div>a</a>b</div>c", "a(div('a' 'b')) 'c'"),
        ("<a>one<a>two</a>", "a('one') a('two')"),
        ("<div><span>a</div>b</span>", "div(span('a')) 'b'"),
        ("<figure><div>a</figure>b", "figure(div('a')) 'b'"),
        ("a<br>b<img src=x>c", "'a' br 'b' img 'c'"),
        ("<x-card>a<x-row/>b</x-card>c", "other('a' other 'b') 'c'"),
        ("a</b></p></div>b", "'a' 'b'"),
        ("<html><body>a<body class=x>b</html>c", "html(body('a' 'b' 'c'))"),
        ("<head><title>T</title><p>x", "head(title('T')) p('x')"),
        ("<svg><path d=z/><p>no</p></svg>a", "svg 'a'"),
        ("<svg/>a", "svg 'a'"),
        ("<svg>a<p>b", "svg 'a' p('b')"),
        ("<button><div>a</button>b", "button(div('a')) 'b'"),
        ("<select><option>a<option>b</select>c", "select(option('a') option('b')) 'c'"),
    ])
    func buildsTheTreeOfTheStandard(_ source: String, _ expected: String) {
        let joined = outline(source).replacing("' '", with: "")
        #expect(joined == expected.replacing("' '", with: ""))
    }

    @Test(arguments: [
        ("a &amp; b &lt;i&gt; &copy; &#8211; &#x41; &#150;", "a & b <i> © – A –"),
        ("x?a=1&copy=2&unknown; & &", "x?a=1&copy=2&unknown; & &"),
        ("&nbsp &period;&#0;", "\u{A0} .\u{FFFD}"),
        ("1 < 2 <3", "1 < 2 <3"),
        ("a<!-- <p>no --> b<!--> c<!doctype x> d<?pi?> e", "a b c d e"),
        ("a\u{0}b", "ab"),
    ])
    func readsText(_ source: String, _ expected: String) {
        let document = HTMLDocument(parsing: Array(source.utf8))
        let text = document.nodes.filter { $0.tag == .text }.map { document.string($0.textRange) }.joined()
        #expect(text == expected)
    }

    @Test func keepsTheFirstOfEachKnownAttribute() {
        let document = HTMLDocument(
            parsing: Array(
                "<a HREF='x?a=1&amp;b=2' class = big CLASS=small data-unknown=1 hidden title=\"a>b\">t</a>".utf8))
        #expect(document.attributeString(.href, of: 1) == "x?a=1&b=2")
        #expect(document.attributeString(.class, of: 1) == "big")
        #expect(document.attributeString(.hidden, of: 1) == "")
        #expect(document.attributeString(.title, of: 1) == "a>b")
        #expect(document.attributeString(.id, of: 1) == nil)
        #expect(document.nodes[1].attributeCount == 4)
    }

    @Test func keepsScriptsApartFromText() {
        let document = HTMLDocument(parsing: Array("<script type=x>if (a<b) '</p>'</script><style>p{}</style>t".utf8))
        #expect(document.nodes[1].tag == .script)
        #expect(document.string(document.nodes[1].textRange) == "if (a<b) '</p>'")
        #expect(document.nodes.filter { $0.tag == .text }.count == 1)
    }

    @Test func subtreesAreRanges() {
        let document = HTMLDocument(parsing: Array("<div><p>a<b>b</b></p><p>c</p></div><p>d</p>".utf8))
        for index in document.nodes.indices.dropFirst() {
            let node = document.nodes[index]
            #expect(node.endIndex > index && node.endIndex <= document.nodes[node.parentIndex].endIndex)
        }
    }

    // MARK: - Hostile input

    @Test func capsDepth() {
        let source =
            String(repeating: "<div>", count: 100_000) + "deep" + String(repeating: "</div>", count: 100_000)
            + "<p>after"
        let document = HTMLDocument(parsing: Array(source.utf8))
        #expect(document.nodes.allSatisfy { $0.depth <= 512 })
        #expect(document.nodes.last.map { document.string($0.textRange) } == "after")
        #expect(document.nodes.last?.depth == 2)
    }

    @Test func capsNodesAndBytes() {
        var limits = HTMLLimits()
        limits.maximumNodes = 100
        let many = HTMLDocument(parsing: Array(String(repeating: "<p>x", count: 10_000).utf8), limits: limits)
        #expect(many.nodes.count <= 100 && many.isTruncated)
        limits = HTMLLimits()
        limits.maximumBytes = 64
        let long = HTMLDocument(parsing: Array(String(repeating: "x", count: 1000).utf8), limits: limits)
        #expect(long.isTruncated && long.text.count == 64)
    }

    @Test func cutsHugeAttributes() {
        let document = HTMLDocument(
            parsing: Array(("<a href=\"" + String(repeating: "y", count: 5_000_000) + "\">t</a>").utf8))
        #expect(document.attribute(.href, of: 1)?.count == HTMLLimits().maximumAttributeBytes)
        #expect(document.nodes.count == 3)
    }

    @Test(arguments: [
        "<svg>", "<title>", "<textarea>", "<iframe>", "<body>", "<a>", "<b><p>", "</b>", "<table><tr>", "<!--", "<x ",
        "&#",
    ])
    func readsFloodsInLinearTime(_ piece: String) {
        let document = HTMLDocument(parsing: Array(String(repeating: piece, count: 60_000).utf8))
        #expect(document.nodes.count >= 1)
    }

    @Test func survivesRandomBytes() {
        var state: UInt64 = 42
        let alphabet = Array("<>/=\"'&;#!-ap divtableh1 \n\u{0}é".utf8) + [0xFF, 0x80, 0xC2]
        for _ in 0..<300 {
            var bytes: [UInt8] = []
            for _ in 0..<400 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            let document = HTMLDocument(parsing: bytes)
            #expect(document.nodes[0].endIndex == document.nodes.count)
        }
    }

    @Test(arguments: [
        "", "<", "</", "<!", "<!-", "<!--", "<a", "<a b", "<a b=", "<a b='", "&", "&#", "&#x", "<script>", "</script",
        "<title>x",
    ])
    func survivesCutInput(_ source: String) {
        #expect(HTMLDocument(parsing: Array(source.utf8)).nodes.count >= 1)
    }
}
