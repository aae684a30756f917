/// Reads whether a page's text is for subscribers.
enum Paywall {
    private static let names: Set<String> = [
        "article:content_tier", "content_tier", "content-tier", "og:article:content_tier", "article:tier", "paywall",
        "premium",
        "ispremium", "is_premium", "is-premium", "article:premium", "cxenseparse:paywall", "cxenseparse:premium",
        "article:free", "isaccessibleforfree", "access", "contentaccess", "article:access", "metered", "locked",
    ]
    private static let paid: Set<String> = [
        "locked", "metered", "premium", "paid", "plus", "subscriber", "subscribers", "subscription", "hard", "soft",
        "restricted",
    ]
    private static let open: Set<String> = ["free", "open", "public", "unlocked", "none"]

    /// Whether readers must pay, or `nil` where the page does not say; what says so goes to `candidates`.
    static func flag(
        _ facts: PageFacts, article: JSONValue?, candidates: inout MetadataCandidates
    ) -> Bool? {
        var votes = FieldVotes(.paywall)
        for object in [article].compactMap({ $0 }) + facts.structured.objects.prefix(60) {
            // A part that is closed closes the whole; an object that is no article says nothing of it.
            guard let member = object["isAccessibleForFree"], let isFree = boolean(member),
                isFree == false || object == article
            else { continue }
            votes.add("\(isFree)", 3, .jsonLD, "isAccessibleForFree", value: isFree ? "free" : "paid")
        }
        for meta in facts.metas.prefix(200) where names.contains(meta.name) {
            let content = meta.content.lowercased()
            let isNegated = meta.name.contains("free")
            if paid.contains(content) || (truth(content) == !isNegated) {
                votes.add(meta.content, 2, .meta, meta.name, value: "paid")
            } else if open.contains(content) || truth(content) == isNegated {
                votes.add(meta.content, 2, .meta, meta.name, value: "free")
            }
        }
        return votes.choose(into: &candidates).map { $0 == "paid" }
    }

    private static func boolean(_ value: JSONValue) -> Bool? {
        if case .bool(let flag) = value { return flag }
        return value.text.flatMap { truth($0.lowercased()) }
    }

    private static func truth(_ text: String) -> Bool? {
        switch text {
        case "true", "yes", "1", "http://schema.org/true", "https://schema.org/true": true
        case "false", "no", "0", "http://schema.org/false", "https://schema.org/false": false
        default: nil
        }
    }
}
