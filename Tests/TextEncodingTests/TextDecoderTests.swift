import Glibc
import Testing

@testable import TextEncoding

private struct UnknownCharset: Error {}

/// Encodes text with the C library; the tests' own way back.
private func encode(_ text: String, _ charset: String) throws -> [UInt8] {
    guard let converter = unsafe iconv_open(charset, "UTF-8") else { throw UnknownCharset() }
    defer { unsafe _ = iconv_close(converter) }
    var source = Array(text.utf8).map { CChar(bitPattern: $0) }
    var target = [CChar](repeating: 0, count: source.count * 4 + 16)
    let room = target.count
    var left = room
    unsafe source.withUnsafeMutableBufferPointer { from in
        unsafe target.withUnsafeMutableBufferPointer { to in
            var start = from.baseAddress
            var end = to.baseAddress
            var length = from.count
            unsafe _ = iconv(converter, &start, &length, &end, &left)
            unsafe _ = iconv(converter, nil, nil, &end, &left)
        }
    }
    return target.prefix(room - left).map { UInt8(bitPattern: $0) }
}

@Suite struct CharacterEncodingTests {
    @Test(arguments: [
        ("UTF8", "utf-8"), (" Latin1 ", "windows-1252"), ("iso-8859-1", "windows-1252"), ("US-ASCII", "windows-1252"),
        ("GB2312", "gbk"), ("x-sjis", "shift_jis"), ("ks_c_5601-1987", "euc-kr"), ("iso8859-2", "iso-8859-2"),
        ("iso-8859-9", "windows-1254"), ("\"koi8-r\";", "koi8-r"), ("tis-620", "windows-874"), ("utf-16", "utf-16le"),
    ])
    func knowsLabels(_ label: String, _ name: String) {
        #expect(CharacterEncoding(label: label)?.name == name)
    }

    @Test func refusesUnknownLabels() {
        #expect(CharacterEncoding(label: "klingon") == nil)
        #expect(CharacterEncoding(label: "") == nil)
    }

    @Test(
        arguments: [
            ("windows-1252", [0x80, 0x81, 0x93, 0xE9], "\u{20AC}\u{81}\u{201C}é"),
            ("windows-1253", [0xAA, 0xE1], "\u{FFFD}α"), ("koi8-u", [0xA4, 0xAE], "єў"),
            ("iso-8859-8-i", [0xE0], "א"), ("x-user-defined", [0x41, 0x80], "A\u{F780}"),
            ("windows-1255", [0xE0, 0xC8], "א\u{5B8}"), ("macintosh", [0xDB], "\u{20AC}"),
            ("replacement", [0x41, 0x42], "\u{FFFD}"),
        ] as [(String, [UInt8], String)])
    func decodesOneByteEncodings(_ label: String, _ bytes: [UInt8], _ text: String) throws {
        #expect(try #require(CharacterEncoding(label: label)).decode(bytes).text == text)
    }

    @Test(arguments: [
        ("shift_jis", "CP932", "東京〜新聞"), ("euc-jp", "EUC-JP", "新聞の記事"), ("gbk", "GBK", "新华社"),
        ("gb18030", "GB18030", "𠀀新华社"), ("big5", "BIG5", "自由時報"), ("euc-kr", "UHC", "한국 뷁"),
        ("iso-2022-jp", "ISO-2022-JP", "朝日新聞"), ("utf-16be", "UTF-16BE", "a𝄞"), ("utf-32le", "UTF-32LE", "a𝄞"),
    ])
    func decodesWiderEncodings(_ label: String, _ charset: String, _ text: String) throws {
        let decoded = try #require(CharacterEncoding(label: label)).decode(encode(text, charset))
        #expect(decoded.replacements == 0)
        #expect(decoded.text.unicodeScalars.count == text.unicodeScalars.count)
    }

    @Test func brokenLeadByteLeavesMarkupAlone() throws {
        let decoded = try #require(CharacterEncoding(label: "shift_jis")).decode([
            0x82, 0x3C, 0x70, 0x3E, 0x82, 0xA0, 0x82,
        ])
        #expect(decoded.text == "\u{FFFD}<p>あ\u{FFFD}")
        #expect(decoded.replacements == 2)
    }

    @Test func everyByteStringDecodes() {
        for encoding in Set(CharacterEncoding.byLabel.values) {
            for first in 0...UInt8.max {
                let bytes: [UInt8] = [first, first &* 7, 0x41, first, 0xFF, first &+ 1]
                #expect(!encoding.decode(bytes).text.isEmpty)
            }
        }
    }
}

@Suite struct TextDecoderTests {
    @Test(
        arguments: [
            ([0xEF, 0xBB, 0xBF, 0x61], "utf-8"), ([0xFF, 0xFE, 0x61, 0], "utf-16le"),
            ([0xFE, 0xFF, 0, 0x61], "utf-16be"),
        ] as [([UInt8], String)])
    func markWinsOverEverything(_ bytes: [UInt8], _ name: String) {
        let decoded = TextDecoder.decode(bytes, httpCharset: "koi8-r", kind: .html)
        #expect(decoded == DecodedText(text: "a", encoding: name, source: .bom, replacements: 0))
    }

    @Test func transportWinsOverDocument() throws {
        let bytes = try encode("<meta charset=koi8-r>Привет", "WINDOWS-1251")
        let decoded = TextDecoder.decode(bytes, httpCharset: "windows-1251", kind: .html)
        #expect(decoded.text.hasSuffix("Привет"))
        #expect(decoded.source == .http)
    }

    @Test(arguments: [
        "<html><head><META CharSet = \"windows-1251\">",
        "<!-- <meta charset=koi8-r> --><meta http-equiv='Content-Type' content='text/html; charset=windows-1251'>",
        "<meta content=\"text/html;charset=windows-1251\" http-equiv=content-type />",
        "<meta name=x content='charset=koi8-r'><meta charset='cp1251'>",
    ])
    func readsMeta(_ head: String) throws {
        let decoded = TextDecoder.decode(try encode(head + "Привет", "WINDOWS-1251"), httpCharset: nil, kind: .html)
        #expect(decoded.text.hasSuffix("Привет"))
        #expect(decoded.source == .meta)
    }

    @Test func readsXMLDeclaration() throws {
        let bytes = try encode("<?xml version='1.0' encoding='ISO-8859-1'?><a>café</a>", "ISO-8859-1")
        let decoded = TextDecoder.decode(bytes, httpCharset: nil, kind: .xml)
        #expect(decoded.text.contains("café"))
        #expect(decoded.encoding == "windows-1252")
        #expect(decoded.source == .xmlDeclaration)
    }

    @Test func utf8WithAWrongLabelIsStillUTF8() {
        let decoded = TextDecoder.decode(Array("café".utf8), httpCharset: "iso-8859-1", kind: .text)
        #expect(decoded.text == "café")
        #expect(decoded.source == .detected)
    }

    @Test func legacyTextLabelledUTF8IsDetected() throws {
        let text = "Президент подписал закон о бюджете, сообщает пресс-служба правительства."
        let decoded = TextDecoder.decode(try encode(text, "WINDOWS-1251"), httpCharset: "utf-8", kind: .html)
        #expect(decoded.text == text)
        #expect(decoded.source == .detected)
    }

    @Test func aStrayByteDoesNotChangeUTF8() {
        let bytes = Array(String(repeating: "Ärger über Öl. ", count: 20).utf8) + [0xE9] + Array(" fin".utf8)
        let decoded = TextDecoder.decode(bytes, httpCharset: "utf-8", kind: .text)
        #expect(decoded.encoding == "utf-8")
        #expect(decoded.replacements == 1)
    }

    @Test func readsUTF16WithoutMark() throws {
        let bytes = try encode("<?xml version='1.0'?><a>é</a>", "UTF-16LE")
        let decoded = TextDecoder.decode(bytes, httpCharset: nil, kind: .xml)
        #expect(decoded.text.hasSuffix("<a>é</a>"))
        #expect(decoded.encoding == "utf-16le")
    }

    @Test func utf16DeclarationInASCIIMeansUTF8() {
        let bytes = Array("<?xml version='1.0' encoding='utf-16'?><a>é</a>".utf8)
        #expect(TextDecoder.decode(bytes, httpCharset: nil, kind: .xml).encoding == "utf-8")
    }

    @Test func emptyInputIsEmptyText() {
        #expect(TextDecoder.decode([], httpCharset: nil, kind: .html).text.isEmpty)
    }

    @Test(
        arguments: [
            ("text/html; charset=utf-8", "utf-8"), ("text/html;Charset=\"koi8-r\"; x=y", "koi8-r"), ("text/html", nil),
            ("text/xml; charset = 'big5'", "big5"),
        ] as [(String, String?)])
    func readsContentType(_ value: String, _ charset: String?) {
        #expect(TextDecoder.charset(inContentType: value) == charset)
    }
}

@Suite struct EncodingDetectorTests {
    @Test(arguments: [
        ("windows-1252", "CP1252", "Le président a déclaré « être très préoccupé » par la sécurité à l’étranger."),
        ("windows-1252", "CP1252", "Die Bürger müssen für die Straße größere Beiträge zahlen, hieß es."),
        ("windows-1252", "CP1252", "It’s the minister’s “final” word – for now."),
        ("windows-1251", "CP1251", "Президент подписал закон о бюджете на следующий год, сообщает служба."),
        ("koi8-r", "KOI8-R", "Президент подписал закон о бюджете на следующий год, сообщает служба."),
        (
            "windows-1250", "CP1250",
            "Prezident podepsal zákon o státním rozpočtu na příští rok, řekl mluvčí Šimek ‚dnes‘."
        ),
        (
            "iso-8859-2", "ISO-8859-2",
            "Prezydent podpisał ustawę budżetową na przyszły rok, poinformował rzecznik rządu; później."
        ),
        ("windows-1253", "CP1253", "Ο πρόεδρος υπέγραψε τον νόμο για τον προϋπολογισμό του επόμενου έτους. Άρθρο"),
        ("windows-1254", "CP1254", "Cumhurbaşkanı gelecek yılın bütçe yasasını imzaladı, sözcü açıkladı, öğrenildi."),
        ("windows-1255", "CP1255", "נשיא המדינה חתם על חוק התקציב לשנה הבאה, כך נמסר"),
        ("windows-1256", "CP1256", "وقع الرئيس على قانون الميزانية للعام المقبل، حسبما أعلن المتحدث"),
        ("shift_jis", "CP932", "大統領は来年の予算案に署名したと報道官が発表した。これにより政府は"),
        ("euc-jp", "EUC-JP", "大統領は来年の予算案に署名したと報道官が発表した。これにより政府は"),
        ("gbk", "GBK", "总统签署了明年的预算法案,发言人在新闻发布会上说,这是国会的一个大的决定。"),
        ("big5", "BIG5", "總統簽署了明年的預算法案,發言人在新聞發布會上說,這是國會的一個大的決定。"),
        ("euc-kr", "UHC", "대통령은 내년도 예산안에 서명했다고 대변인이 밝혔다. 이에 따라 정부는"),
        ("windows-874", "CP874", "ประธานาธิบดีลงนามในกฎหมายงบประมาณปีหน้า โฆษกกล่าวว่า"),
    ])
    func tellsNewsProse(_ name: String, _ charset: String, _ text: String) throws {
        #expect(EncodingDetector.detect(try encode(text, charset)[...])?.name == name)
    }
}
