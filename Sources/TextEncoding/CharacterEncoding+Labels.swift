/// The labels of the WHATWG Encoding Standard, section 4.2.
extension CharacterEncoding {
    static let byLabel: [String: CharacterEncoding] = {
        var found: [String: CharacterEncoding] = [:]
        for (name, scheme, labels) in table {
            let encoding = CharacterEncoding(name: name, scheme: scheme)
            found[name] = encoding
            for label in labels.split(separator: " ") { found[String(label)] = encoding }
        }
        return found
    }()

    private static let table: [(String, Scheme, String)] = unicode + isoParts + otherSingleByte + windows + eastAsian

    private static let unicode: [(String, Scheme, String)] = [
        ("utf-8", .utf8, "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8"),
        ("utf-16be", .utf16(bigEndian: true), "unicodefffe"),
        ("utf-16le", .utf16(bigEndian: false), "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16"),
        ("utf-32be", .utf32(bigEndian: true), ""),
        ("utf-32le", .utf32(bigEndian: false), "utf-32"),
        ("x-user-defined", .userDefined, ""),
        ("replacement", .replacement, "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr"),
    ]

    private static let isoParts: [(String, Scheme, String)] = [
        iso(2, "csisolatin2 iso-ir-101 iso_8859-2:1987 l2 latin2"),
        iso(3, "csisolatin3 iso-ir-109 iso_8859-3:1988 l3 latin3"),
        iso(4, "csisolatin4 iso-ir-110 iso_8859-4:1988 l4 latin4"),
        iso(5, "csisolatincyrillic cyrillic iso-ir-144 iso_8859-5:1988"),
        iso(
            6,
            "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i iso-ir-127 "
                + "iso_8859-6:1987"),
        iso(7, "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso_8859-7:1987 sun_eu_greek"),
        iso(8, "csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso_8859-8:1988 visual"),
        ("iso-8859-8-i", .singleByte("ISO-8859-8"), "csiso88598i logical"),
        iso(10, "csisolatin6 iso-ir-157 l6 latin6"),
        iso(13, ""),
        iso(14, ""),
        iso(15, "csisolatin9 l9"),
        iso(16, ""),
    ]

    private static let otherSingleByte: [(String, Scheme, String)] = [
        ("ibm866", .singleByte("IBM866"), "866 cp866 csibm866"),
        ("koi8-r", .singleByte("KOI8-R"), "cskoi8r koi koi8 koi8_r"),
        ("koi8-u", .singleByte("KOI8-U"), "koi8-ru"),
        ("macintosh", .singleByte("MACINTOSH"), "csmacintosh mac x-mac-roman"),
        ("x-mac-cyrillic", .singleByte("MAC-CYRILLIC"), "x-mac-ukrainian"),
    ]

    private static let windows: [(String, Scheme, String)] = [
        ("windows-874", .singleByte("CP874"), "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620"),
        codePage(1250, ""),
        codePage(1251, ""),
        codePage(
            1252,
            "ansi_x3.4-1968 ascii cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
                + "iso_8859-1:1987 l1 latin1 us-ascii"),
        codePage(1253, ""),
        codePage(
            1254, "csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5"),
        codePage(1255, ""),
        codePage(1256, ""),
        codePage(1257, ""),
        codePage(1258, ""),
    ]

    private static let eastAsian: [(String, Scheme, String)] = [
        // The standard decodes gbk as gb18030, its superset.
        (
            "gbk", .multiByte("GB18030"),
            "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk"
        ),
        ("gb18030", .multiByte("GB18030"), ""),
        ("big5", .multiByte("BIG5-HKSCS"), "big5-hkscs cn-big5 csbig5 x-x-big5"),
        ("euc-jp", .multiByte("EUC-JP-MS"), "cseucpkdfmtjapanese x-euc-jp"),
        ("iso-2022-jp", .multiByte("ISO-2022-JP"), "csiso2022jp"),
        ("shift_jis", .multiByte("CP932"), "csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis"),
        (
            "euc-kr", .multiByte("UHC"),
            "cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949"
        ),
    ]

    private static func iso(_ part: Int, _ labels: String) -> (String, Scheme, String) {
        let name = "iso-8859-\(part)"
        return (name, .singleByte("ISO-8859-\(part)"), "iso8859-\(part) iso8859\(part) iso_8859-\(part) \(labels)")
    }

    private static func codePage(_ number: Int, _ labels: String) -> (String, Scheme, String) {
        ("windows-\(number)", .singleByte("CP\(number)"), "cp\(number) x-cp\(number) \(labels)")
    }
}
