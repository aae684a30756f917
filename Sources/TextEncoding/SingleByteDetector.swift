/// Chooses among the encodings that have one byte a character.
enum SingleByteDetector {
    /// The best reading of a sample; windows-1252 when all are equally good, `nil` when the sample has no words.
    static func detect(_ sample: ArraySlice<UInt8>) -> CharacterEncoding? {
        let counts = histogram(sample)
        var best: (encoding: CharacterEncoding, score: Int)?
        for (label, languages) in candidates {
            guard let encoding = CharacterEncoding(label: label) else { continue }
            let table = SingleByteTable.table(for: encoding)
            let form = formScore(sample, table.scalars)
            for letters in languages {
                let score = form + letterScore(counts, table.scalars, letters)
                if score > best?.score ?? Int.min { best = (encoding, score) }
            }
        }
        return best?.encoding
    }

    private static func histogram(_ sample: ArraySlice<UInt8>) -> [Int] {
        var counts = [Int](repeating: 0, count: 128)
        for byte in sample where byte >= 0x80 { counts[Int(byte) - 0x80] += 1 }
        return counts
    }

    /// Points for letters that the language uses, most for its commonest; penalties for letters that it does not have.
    private static func letterScore(_ counts: [Int], _ scalars: [Unicode.Scalar], _ language: String) -> Int {
        let order = Array(language.unicodeScalars)
        var score = 0
        for (index, count) in counts.enumerated() where count > 0 {
            let scalar = scalars[index]
            guard kind(of: scalar).isLetter else { continue }
            let folded = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
            let isCapital = folded != scalar
            if let rank = order.firstIndex(of: folded) {
                score += count * (isCapital ? 10 : 20 + 20 * (order.count - rank) / order.count)
            } else {
                score -= count * 20
            }
        }
        return score
    }

    /// What a scalar is to a word.
    private enum Kind: UInt8 {
        case space, lower, upper, caseless, symbol, quote, bad

        var isLetter: Bool { self == .lower || self == .upper || self == .caseless }
    }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x41...0x5A: return .upper
        case 0x61...0x7A: return .lower
        case 0..<0x80: return .space
        case 0x80..<0xA0, 0xFFFD: return .bad
        case 0xA0, 0xAB, 0xBB, 0x2013, 0x2014, 0x2018...0x201E, 0x2026, 0x2039, 0x203A: return .quote
        default: break
        }
        let properties = scalar.properties
        if properties.isUppercase, scalar.value != 0xAA, scalar.value != 0xBA { return .upper }
        if properties.isLowercase, scalar.value != 0xAA, scalar.value != 0xBA { return .lower }
        return properties.isAlphabetic || properties.generalCategory == .nonspacingMark ? .caseless : .symbol
    }

    /// Penalties for what does not happen inside words, whatever the language.
    private static func formScore(_ sample: ArraySlice<UInt8>, _ scalars: [Unicode.Scalar]) -> Int {
        let kinds = (0..<256).map { kind(of: $0 < 0x80 ? Unicode.Scalar(UInt8($0)) : scalars[$0 - 0x80]) }
        let isLatin = (0..<256).map { $0 < 0x80 || scalars[$0 - 0x80].value < 0x250 }
        var score = 0
        var before = 0x20
        for byte in sample {
            let now = Int(byte)
            defer { before = now }
            guard now >= 0x80 || before >= 0x80 else { continue }
            score += penalty(kinds[before], kinds[now])
            if kinds[before].isLetter, kinds[now].isLetter, isLatin[before] != isLatin[now] { score -= 60 }
        }
        return score
    }

    private static func penalty(_ before: Kind, _ now: Kind) -> Int {
        switch (before, now) {
        case (_, .bad): -200
        case (.lower, .upper): -60
        case (.symbol, .lower), (.symbol, .upper), (.symbol, .caseless): -40
        case (.lower, .symbol), (.upper, .symbol), (.caseless, .symbol): -40
        case (_, .symbol): -5
        default: 0
        }
    }

    private static let cyrillic = [
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "аоиетнрсвдлкпмзубъгяйчщжцхшюф", "оаиентрівсклмдупязьбгйчхжїєшюцщґф",
        "аоиенртсјвкдумплзгбшљчњцћжџђх", "аоиентрлвкдсзмуіпьыячгбўхжцйшёэюф",
    ]
    private static let arabic = ["اليمنوتربدعسفهكقحجشطصخةىأذضثءزئإغؤآظ", "ایرندهمتوسبشکزخلگفقعپحجچصطآضثذئظژغأؤي"]
    private static let greek = ["αοιτεσνηυρκπςμλόίάέγδήωθχύφβώξζψϊϋΐΰ"]
    private static let hebrew = ["יוהלרתאבמשנםדקחעפטכגסצזןךףץ"]
    private static let central = [
        "áíéěýřčžšůúťňóďöü", "ąęółśżćńź", "áéóöőíüúű", "ăîşţâ", "áíéčžýšúľťňôäďóŕĺö", "čšžćđ", "äöüßé",
    ]
    private static let western = [
        "", "éèàêçôâîûùëïœæ", "äüößé", "óáíéñúüºª", "ãçáéíóêõâúàôü", "éàèùòìó", "åäöéü", "øåæéöäü", "éëïóüöèêáç",
        "áðíóþéöúæýø", "áéíóú", "ëçéè", "àéèíïòóúüç",
    ]
    private static let turkish = ["ıişüöğçâîû"]
    private static let baltic = ["āīēšņūļģžčķ", "ėšųžįąčūę", "äõüöšž"]
    private static let thai = ["านรกอเงมลยวดทตสปีะบคหแจพชขใไโผซธถภศณษฟญฐฉฎฏฌฝฆฮฤ่้ัิืุู็์ำ"]

    /// Encodings with the languages that are written in them, letters in the order of their frequency; of two readings
    /// that score alike the first stands.
    private static let candidates: [(String, [String])] = [
        ("windows-1252", western), ("windows-1251", cyrillic), ("windows-1250", central), ("iso-8859-2", central),
        ("windows-1254", turkish), ("windows-1253", greek), ("iso-8859-7", greek), ("windows-1256", arabic),
        ("iso-8859-6", [arabic[0]]), ("windows-1255", hebrew), ("windows-874", thai), ("windows-1257", baltic),
        ("koi8-r", [cyrillic[0]]), ("koi8-u", [cyrillic[2]]), ("iso-8859-5", cyrillic), ("ibm866", [cyrillic[0]]),
        ("x-mac-cyrillic", [cyrillic[0]]),
    ]
}
