/// Phrases that mark a block as the outlet talking of itself, wherever in the block they stand: the invitation to a
/// newsletter, the rules for comments, the disclaimer.
///
/// Each is said by a template, hardly ever by an article. They decide about short blocks, and near the end of the text
/// about longer ones.
enum ClosingPhrases {
    /// Whether one of the phrases stands in a range of a text, at the start of a word.
    static func occur(in text: ContiguousArray<UInt8>, _ range: Range<Int>) -> Bool {
        var isWordStart = true
        for position in range {
            let byte = text[position]
            // Every character of a script without word spaces may start a word.
            if isWordStart || byte >= 0xE3 && byte <= 0xED {
                for phrase in buckets[Int(PhraseLexicon.lower(byte))]
                where PhraseLexicon.matches(phrase, text, position, range.upperBound) {
                    return true
                }
            }
            isWordStart = byte < 0x30
        }
        return false
    }

    private static let buckets: [[[UInt8]]] = {
        var buckets = [[[UInt8]]](repeating: [], count: 256)
        for phrase in phrases {
            let bytes = Array(phrase.utf8)
            buckets[Int(bytes[0])].append(bytes)
        }
        return buckets
    }()

    private static let phrases = [
        // Newsletters, channels, subscriptions.
        "our newsletter", "our newsletters", "our free newsletter", "our daily newsletter", "our weekly newsletter",
        "daily newsletter", "newsletter signup", "sign up to the newsletter", "get our newsletter", "to your inbox",
        "in your inbox", "bookmark our", "please bookmark", "follow me on", "follow us on", "follow us at",
        "find us on facebook", "like us on facebook", "join us on whatsapp", "our whatsapp", "our telegram",
        "whatsapp channel", "our youtube channel", "on google news", "unseren newsletter", "unser newsletter",
        "unserem newsletter", "newsletter abonnieren", "unseren kanal", "folgen sie uns", "folge uns",
        "auf google news",
        "kostenlos testen", "jetzt testen", "notre newsletter", "notre lettre", "abonnez-vous", "suivez-nous",
        "nuestro boletín", "nuestra newsletter", "nuestro canal", "síguenos", "suscríbete", "nossa newsletter",
        "nosso canal", "siga-nos", "nostra newsletter", "nostro canale", "seguici su", "iscriviti alla",
        "onze nieuwsbrief", "vårt nyhetsbrev", "vårt nyhetsbrev", "vores nyhedsbrev", "naszego newslettera",
        "naszym kanale", "наш канал", "наш telegram", "нашем канале", "наших каналах", "bültenimize", "kanalımıza",
        "有料会員になると", "会員限定の", "会員登録", "無料登録", "メルマガ", "关注我们", "扫描二维码",
        // Requests for money.
        "support our journalism", "support independent journalism", "become a member", "become a subscriber",
        "make a donation", "consider donating", "unterstützen sie uns", "soutenez-nous", "faites un don",
        // Rules and comments.
        "comment section below", "comments section below", "comments below", "leave a comment",
        "all comments submitted",
        "comments are moderated", "kommentare müssen", "kommentare und pings", "ihre kommentare", "comentários com",
        "los comentarios", "dejar un comentario", "lascia un commento", "laisser un commentaire",
        // Disclaimers and disclosures.
        "affiliate link", "affiliate links", "affiliate-link", "affiliate-links", "may earn a commission",
        "earn a small commission", "receive a small commission", "for informational purposes",
        "informational purposes only",
        "does not constitute", "not intended to replace", "not intended as a substitute", "not legal advice",
        "not a substitute for professional", "our privacy policy", "our terms of", "click here for more information",
        "click here to", "hat keinen einfluss auf die redaktion", "unserer datenschutzerklärung",
        // Credits of a whole piece.
        "contributed to this report", "contributed to this story", "contributed reporting", "in our standards:",
        "with files from", "dieser artikel ist zuerst", "dieser artikel erschien zuerst", "aus dem englischen von",
        "aus dem englischen übersetzt", "articles by this author", "has been written and researched",
    ]
}
