/// Phrases that templates put between the paragraphs of an article, in several languages.
///
/// They only decide about short blocks, so a sentence of an article that happens to open like one stays.
enum PhraseLexicon {
    /// What a phrase says of the block that opens with it.
    enum Kind {
        /// The block is nothing but the phrase.
        case whole
        /// The block asks the reader to do something: to subscribe, to follow, to click.
        case call
        /// The block is a credit.
        case credit
        /// The block announces other pieces.
        case pointer
        /// The block opens like such an announcement and goes on, perhaps with the other piece's headline.
        case pointerLine
        /// The block heads a list of sources.
        case references
    }

    /// What the block opens with, or `nil`.
    static func kind(of text: ContiguousArray<UInt8>, _ range: Range<Int>) -> Kind? {
        var start = range.lowerBound
        while start < range.upperBound, text[start] < 0x41, text[start] != 0x26, !isDigit(text[start]) { start += 1 }
        // Headings of Chinese and Japanese pages stand in lenticular brackets (U+3010).
        if start + 3 < range.upperBound, text[start] == 0xE3, text[start + 1] == 0x80, text[start + 2] == 0x90 {
            start += 3
        }
        guard start < range.upperBound else { return nil }
        let bucket = buckets[Int(lower(text[start]))]
        for phrase in bucket where matches(phrase.bytes, text, start, range.upperBound) {
            let rest = range.upperBound - start - phrase.bytes.count
            if phrase.kind == .whole || phrase.kind == .references, rest > 3 { continue }
            if phrase.kind == .pointer, rest > 40 { return .pointerLine }
            return phrase.kind
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    static func matches(_ phrase: [UInt8], _ text: ContiguousArray<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard end - start >= phrase.count else { return false }
        for offset in phrase.indices where lower(text[start + offset]) != phrase[offset] { return false }
        // A phrase ends where a word ends.
        guard start + phrase.count < end, let last = phrase.last, last &- 0x61 < 26 else { return true }
        return lower(text[start + phrase.count]) &- 0x61 >= 26
    }

    private static let buckets: [[(bytes: [UInt8], kind: Kind)]] = {
        var buckets = [[(bytes: [UInt8], kind: Kind)]](repeating: [], count: 256)
        for (kind, phrases) in [
            (Kind.whole, wholes), (.call, calls), (.credit, credits), (.pointer, pointers), (.references, references),
        ] {
            for phrase in phrases {
                let bytes = Array(phrase.utf8)
                buckets[Int(bytes[0])].append((bytes, kind))
                // Only ASCII is compared without case: other alphabets get their capitalised form as well.
                let capitalised = Array((phrase.prefix(1).uppercased() + phrase.dropFirst()).utf8)
                if bytes[0] >= 0x80, capitalised != bytes { buckets[Int(capitalised[0])].append((capitalised, kind)) }
            }
        }
        return buckets
    }()

    private static let wholes = [
        "advertisement", "advertisements", "advertising", "article continues below", "story continues below",
        "continue reading", "back to video",
        "read more", "show more", "load more", "see more", "learn more", "view more", "share", "share this",
        "share this article",
        "share this story", "print", "email", "comments", "comment", "leave a comment", "loading", "save", "listen",
        "follow",
        "subscribe", "sign in", "log in", "close", "menu", "skip", "back to top", "copy link", "link copied", "tweet",
        "next",
        "previous", "play", "watch", "video", "anzeige", "werbung", "teilen", "drucken", "kommentare", "mehr lesen",
        "weiterlesen",
        "publicité", "publicidade", "publicidad", "partager", "imprimer", "compartir", "comentarios", "reklama",
        "reklam",
        "annonse", "annons", "pubblicità", "condividi", "реклама", "поделиться", "комментарии", "広告", "광고",
        "advertentie",
        "originally published", "sponsored", "sponsored content", "promoted", "table of contents", "in this article",
        "tags",
    ]

    private static let calls = [
        "this website uses cookies", "this site uses cookies", "we use cookies", "diese website verwendet cookies",
        "wir verwenden cookies",
        "this slideshow requires javascript", "this is a breaking", "get the latest updates", "get real-time updates",
        "hat ihnen dieser artikel gefallen", "wie hat ihnen dieser artikel gefallen", "ihre meinung ist uns wichtig",
        "reporting by", "additional reporting by", "writing by", "i would like to be emailed",
        "we want to hear from you",
        "click here to", "sign up for", "sign up to", "subscribe to", "subscribe now", "subscribe for", "join our",
        "follow us on",
        "follow us", "download our", "download the app", "get our", "register for free", "sign in to", "log in to",
        "like us on",
        "already a subscriber", "this article is for subscribers", "support our", "donate to", "enable javascript",
        "please enable javascript", "your browser does not support", "you have successfully",
        "thank you for subscribing",
        "please try again", "we apologize, but this video", "try refreshing your browser",
        "this site is protected by recaptcha",
        "by signing up", "by subscribing", "by clicking", "enter your email", "your email address", "like this story?",
        "like what you read", "leave a reply", "leave your comment", "schreibe einen kommentar", "deja un comentario",
        "deja una respuesta", "laisser un commentaire", "lascia un commento",
        "share this", "found an error", "do you have a tip", "got a tip", "have a tip", "all rights reserved",
        "copyright ©",
        "© copyright", "terms of use", "privacy policy", "this content is imported from", "view this post on instagram",
        "a post shared by", "jetzt abonnieren", "jetzt anmelden", "abonnieren sie", "melden sie sich",
        "hier abonnieren",
        "fehler gefunden", "diesen artikel teilen", "folgen sie uns", "dieser artikel erschien",
        "an dieser stelle findest du",
        "an dieser stelle befindet sich", "ich bin damit einverstanden", "externer inhalt", "abonnez-vous",
        "inscrivez-vous",
        "suivez-nous", "suscríbete", "síguenos", "regístrate", "haz clic aquí", "assine", "inscreva-se", "siga-nos",
        "iscriviti",
        "seguici", "abonneer", "schrijf je in", "подписывайтесь", "подпишитесь", "zaloguj się", "subskrybuj",
    ]

    private static let references = [
        "references", "reference list", "sources", "article sources", "citations", "bibliography", "footnotes",
        "works cited", "quellen",
        "quellenangaben", "literatur", "einzelnachweise", "fußnoten", "références", "bibliographie", "referencias",
        "bibliografía", "referências", "riferimenti", "bibliografia", "bronnen", "källor", "kilder", "источники",
        "参考文献",
    ]

    private static let credits = [
        "photo by", "photo:", "photos by", "photos:", "photograph:", "photographs:", "image:", "images:",
        "image credit",
        "image source", "image via", "photo credit", "picture:", "pictures:", "credit:", "courtesy of", "getty images",
        "© ",
        "foto:", "fotos:", "bild:", "bilder:", "quelle:", "fotocredit", "bildquelle", "crédit photo", "crédit :",
        "photo :",
        "imagen:", "crédito:", "créditos:", "foto ", "fuente:", "fonte:", "фото:", "写真", "file photo", "screenshot",
        "source:",
        "video:", "illustration:", "graphic:",
    ]

    private static let pointers = [
        "related", "related articles", "related stories", "related posts", "related content", "related topics",
        "related news",
        "related links", "related resources", "read next", "read also", "also read", "read more", "more from",
        "more stories",
        "more news", "more on this", "more in", "you may also like", "you might also like", "you may like",
        "recommended",
        "recommended for you", "recommended videos", "recommended reading", "don't miss", "must read", "most read",
        "most popular",
        "popular", "trending", "trending now", "latest news", "latest stories", "latest posts", "other posts",
        "other articles",
        "see also", "up next", "further reading", "what to read next", "editor's picks", "editors' picks",
        "helpful links",
        "top stories", "keep reading", "auch interessant", "mehr zum thema", "lesen sie auch",
        "das könnte sie auch interessieren",
        "weitere artikel", "weitere meldungen", "mehr dazu", "verwandte artikel", "meistgelesen", "zum thema",
        "passend dazu",
        "à lire aussi", "lire aussi", "a lire aussi", "sur le même sujet", "articles similaires", "lee también",
        "te puede interesar",
        "más noticias", "noticias relacionadas", "también te puede interesar", "leia também", "leia mais",
        "veja também",
        "você pode gostar", "leggi anche", "potrebbe interessarti", "lees ook", "читайте также", "по теме",
        "czytaj też",
        "zobacz także", "zobacz też", "les også", "läs också", "läs mer", "læs også", "přečtěte si", "関連記事", "관련기사",
        "相关阅读",
    ]
}
