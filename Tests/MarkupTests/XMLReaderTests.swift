import Markup
import Testing

private func events(_ text: String, limits: XMLLimits = XMLLimits()) -> [String] {
    var reader = XMLReader(utf8: Array(text.utf8), limits: limits)
    var found: [String] = []
    while let event = reader.next() {
        switch event {
        case .start(let name, let attributes):
            let list = attributes.map { " \($0.name.local)=\($0.value)" }.joined()
            found.append("<\(name.local)\(list)>")
        case .end(let name, let implied): found.append(implied ? "</\(name.local)!>" : "</\(name.local)>")
        case .text(let text): found.append(text)
        }
    }
    return found
}

@Suite struct XMLReaderTests {
    @Test(arguments: [
        ("<?xml version='1.0'?><a b='1' c=\"x&amp;y\">t<d/></a>", ["<a b=1 c=x&y>", "t", "<d>", "</d>", "</a>"]),
        ("<a><!-- <b> --><![CDATA[<p>&amp;]]></a>", ["<a>", "<p>&amp;", "</a>"]),
        ("<a>1 &lt; 2 &#65;&#x42;&#X43; &#150; &eacute;&nbsp;</a>", ["<a>", "1 < 2 ABC – é\u{A0}", "</a>"]),
        ("<a>x?b=1&c=2&copy=3 &unknown; & </a>", ["<a>", "x?b=1&c=2&copy=3 &unknown; & ", "</a>"]),
        ("<a><b>one<c>two</b></a>", ["<a>", "<b>", "one", "<c>", "two", "</c!>", "</b>", "</a>"]),
        ("<a></z>t</a>", ["<a>", "t", "</a>"]),
        ("<A>t</a>", ["<A>", "t", "</A>"]),
        ("<a>1 < 2</a>", ["<a>", "1 ", "<", " 2", "</a>"]),
        ("<a b=1 c>t</a>", ["<a b=1 c=>", "t", "</a>"]),
        ("litter <a>t</a> litter", ["<a>", "t", "</a>"]),
        ("<!DOCTYPE a [<!ENTITY me \"My &#169;\"> ]><a>&me;</a>", ["<a>", "My ©", "</a>"]),
        ("", []), ("<", []), ("<a", []),
    ])
    func reads(_ text: String, _ expected: [String]) {
        #expect(events(text) == expected)
    }

    @Test(arguments: ["<a><b>x</b><c d='", "<a><b>x</b><c", "<a><b>x</b><!-- ", "<a><b>x</b></", "<a><b>x</b><?x"])
    func givesWhatIsCompleteBeforeTheBreak(_ text: String) {
        var reader = XMLReader(utf8: Array(text.utf8))
        while reader.next() != nil {}
        #expect(reader.isTruncated)
        #expect(events(text) == ["<a>", "<b>", "x", "</b>", "</a!>"])
    }

    @Test func resolvesNamespaces() {
        let text = "<r xmlns='urn:d' xmlns:p='urn:p'><p:a x='1' p:y='2'/><b xmlns=''/><q:c/><c xml:lang='en'/></r>"
        var reader = XMLReader(utf8: Array(text.utf8))
        var names: [XMLName] = []
        while let event = reader.next() {
            if case .start(let name, let attributes) = event { names += [name] + attributes.map(\.name) }
        }
        #expect(
            names.map(\.namespace) == [
                "urn:d", "urn:p", "", "urn:p", "", "", "urn:d", "http://www.w3.org/XML/1998/namespace",
            ])
        #expect(names[5].prefix == "q")
    }

    @Test func neverExpandsNestedOrExternalEntities() {
        let text =
            "<!DOCTYPE a [<!ENTITY x 'xx'><!ENTITY y '&x;&x;'><!ENTITY z SYSTEM 'file:///etc/hosts'>]><a>&y;|&z;</a>"
        var reader = XMLReader(utf8: Array(text.utf8))
        var seen = ""
        while let event = reader.next() { if case .text(let text) = event { seen += text } }
        #expect(seen == "|")
        #expect(reader.hasNestedEntities)
        #expect(reader.hasRefusedEntities)
    }

    @Test func declaredEntitiesHaveABudget() {
        let value = String(repeating: "v", count: 1000)
        let text = "<!DOCTYPE a [<!ENTITY x '\(value)'>]><a>" + String(repeating: "&x;", count: 100) + "</a>"
        var limits = XMLLimits()
        limits.maximumEntityBytes = 10_000
        #expect(events(text, limits: limits).joined().utf8.count < 11_000)
    }

    @Test func depthIsBounded() {
        let text = String(repeating: "<a>", count: 100_000)
        #expect(events(text).count == 512)
        let closed = String(repeating: "<a>", count: 1000) + "x" + String(repeating: "</a>", count: 1000)
        #expect(!events(closed).contains("</a!>"))
    }

    @Test func hostileInputTakesLinearTime() {
        for piece in ["<", "<a ", "<!--", "<![CDATA[", "&", "</a", "<a b='", "<?", "<!", "&#", "<!DOCTYPE [<!ENTITY "] {
            _ = events("<r>" + String(repeating: piece, count: 60_000 / piece.utf8.count))
        }
    }

    @Test func treeKeepsOrderAndText() throws {
        let tree = XMLTree(utf8: Array("<a>1<b c='2'>3</b>4</a>".utf8))
        let root = try #require(tree.root)
        #expect(tree.text(of: root) == "134")
        #expect(tree.attribute("c", of: tree.elements(of: root)[0]) == "2")
        #expect(!tree.isTruncated)
    }
}
