/// Which of PostgreSQL's text search configurations serves a language.
public enum SearchConfiguration {
    /// The configuration for languages that PostgreSQL has no dictionary for: whole words.
    public static let fallback = "simple"

    /// The configurations of PostgreSQL 15, by BCP 47 primary subtag.
    private static let names: [String: String] = [
        "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
        "es": "spanish",
        "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
        "hy": "armenian",
        "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
        "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
        "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
    ]

    /// The configuration's name, such as `german` for `de` and `de-CH`; ``fallback`` for what is unknown.
    public static func name(language: String?) -> String {
        names[primarySubtag(language ?? "")] ?? fallback
    }

    /// The first part of a language tag in lower case, such as `zh` for `zh-Hant-TW`; empty for what is no tag.
    public static func primarySubtag(_ tag: String) -> String {
        let first = tag.utf8.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        let isSubtag = (2...8).contains(first.count) && first.allSatisfy { (0x41...0x5A).contains($0 & 0xDF) }
        return isSubtag ? String(decoding: first.map { $0 | 0x20 }, as: UTF8.self) : ""
    }
}
