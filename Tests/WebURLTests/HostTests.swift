import Testing

@testable import WebURL

struct HostTests {
    private func host(_ text: String) -> String? {
        ParsedURL("https://\(text)/")?.host
    }

    @Test(arguments: [
        ("EXAMPLE.com", "example.com"), ("b%C3%BCro.de", "xn--bro-hoa.de"), ("büro.de", "xn--bro-hoa.de"),
        ("BÜRO.de", "xn--bro-hoa.de"), ("straße.de", "xn--strae-oqa.de"), ("STRAẞE.de", "xn--strae-oqa.de"),
        ("日本語。jp", "xn--wgv71a119e.jp"), ("ｆｕｌｌ.example", "full.example"), ("a\u{AD}b.example", "ab.example"),
        ("☕.example", "xn--53h.example"), ("-ü-.example", "xn-----xka.example"), ("a_b.example", "a_b.example"),
        ("xn--bro-hoa.de", "xn--bro-hoa.de"), ("x..ü", "x..xn--tda"), ("example.com.", "example.com."),
    ])
    func convertsDomains(input: String, expected: String) {
        #expect(host(input) == expected)
    }

    @Test(arguments: [
        "\u{AD}", "a\u{FFFD}", "%FF", "a\u{202E}b", "א‎a.example", "xn--bro-hoa\u{FE}%", "a/b\u{2A74}:",
        "\u{301}a.example", "%",
        "ü<", "ü\u{200D}x", "xn--ü.example",
    ])
    func refusesDomains(input: String) {
        let parsed = ParsedURL("https://\(input)")?.host
        #expect(parsed == nil || parsed == "a", "\(parsed ?? "")")
    }

    @Test(arguments: [
        ("127.1", "127.0.0.1"), ("0x7F.0.0.01", "127.0.0.1"), ("2130706433", "127.0.0.1"), ("１２７.0.0.1", "127.0.0.1"),
        ("0300.0250.1", "192.168.0.1"), ("1.2.3.4.", "1.2.3.4"), ("0x", "0.0.0.0"),
    ])
    func readsIPv4InAllItsForms(input: String, expected: String) {
        #expect(host(input) == expected)
    }

    @Test(arguments: [
        "256.1.1.1", "1.2.3.4.5", "1.2.3.08", "a.1", "4294967296", "0xffffffff1", "1..1", "99999999999999999999999",
    ])
    func refusesBrokenIPv4(input: String) {
        #expect(host(input) == nil)
    }

    @Test(arguments: [
        ("[1:0:0:4:0:0:0:8]", "[1:0:0:4::8]"), ("[::]", "[::]"), ("[::1]", "[::1]"), ("[1::]", "[1::]"),
        ("[2001:DB8::0:1]", "[2001:db8::1]"), ("[::ffff:1.2.3.4]", "[::ffff:102:304]"),
        ("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]"),
        ("[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:0]"), ("[0:1::]", "[0:1::]"),
        ("[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:102:304]"),
    ])
    func readsAndWritesIPv6(input: String, expected: String) {
        #expect(host(input) == expected)
    }

    @Test(arguments: [
        "[]", "[:]", "[1]", "[1:2]", "[:1:2:3:4:5:6:7]", "[1::2::3]", "[12345::]", "[::1", "[1:2:3:4:5:6:7:8:9]",
        "[::1.2.3]",
        "[::1.2.3.256]", "[::01.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::1%25eth0]", "[1:2:3:4::5:6:7:8]", "[g::]",
        "[::1:]",
    ])
    func refusesBrokenIPv6(input: String) {
        #expect(host(input) == nil)
    }

    @Test func punycodeRoundTrips() {
        for text in ["ü", "bücher", "日本語", "a-ü-b", "ليهمابتكلموشعربي؟", "💩", "-ä", "ää"] {
            let scalars = Array(text.unicodeScalars)
            let encoded = Punycode.encode(scalars).map { String(decoding: $0, as: UTF8.self) }
            #expect(encoded.flatMap { Punycode.decode(Array($0.unicodeScalars)[...]) } == scalars)
        }
    }

    @Test(arguments: ["ü", "99999999999", "a-", "-", "zzzzzzzzzzzzzzzzzzzzzzzzzzz"])
    func punycodeRefusesOrKeepsOddInput(text: String) {
        let decoded = Punycode.decode(Array(text.unicodeScalars)[...])
        #expect(decoded == nil || decoded?.allSatisfy(\.isASCII) == true)
    }
}
