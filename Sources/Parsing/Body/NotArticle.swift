internal import Markup

/// Recognises documents that are not articles.
enum NotArticle {
    /// Why the page is not an article, or `nil` when it is taken for one.
    static func reason(
        article: ExtractedArticle, facts: PageFacts, body: PageBody, list: BlockList, structured: JSONValue?
    ) -> NotArticleReason? {
        guard list.blocks.contains(where: { $0.characters > 0 }) || !article.blocks.isEmpty else { return .empty }
        let count = body.characters
        let isMarkedListing = isListingType(facts, structured)
        let isMarkedArticle = !isMarkedListing && isArticleType(facts, structured)
        if count < 600 {
            let named = [article.title, facts.documentTitle].lazy.compactMap { $0.flatMap(namedReason) }
            if let reason = named.first { return reason }
        }
        if count < 600, !isMarkedArticle, hasPasswordField(body.document) { return .login }
        // A text of some length is one, however long the menus around it are.
        if count < 600, !isMarkedArticle, isMostlyLinks(list, besides: count) { return .listing }
        if isMarkedListing || !isMarkedArticle && isMadeOfTeasers(body, list) { return .listing }
        return count < (isMarkedArticle ? 80 : 200) ? .tooShort : nil
    }

    private static func isArticleType(_ facts: PageFacts, _ structured: JSONValue?) -> Bool {
        facts.meta("og:type")?.lowercased() == "article" || facts.meta("article:published_time") != nil
            || structured.map(StructuredData.isArticle) ?? false
    }

    /// Whether the page calls itself a collection or somebody's page (schema.org), and names no article beside. OpenGraph
    /// does not count against it: publishing systems call their topic pages articles there.
    private static func isListingType(_ facts: PageFacts, _ structured: JSONValue?) -> Bool {
        guard !(structured.map(StructuredData.isArticle) ?? false) else { return false }
        return facts.structured.objects.contains { object in
            StructuredData.types(of: object).contains { $0 == "CollectionPage" || $0 == "ProfilePage" }
        }
    }

    private static func isMostlyLinks(_ list: BlockList, besides count: Int) -> Bool {
        let links = list.blocks.reduce(0) { $0 + $1.linkCharacters }
        let all = list.blocks.reduce(0) { $0 + $1.characters }
        return links * 10 > all * 6 && count * 3 < links
    }

    /// Whether the text consists of teasers: lines that are links, each with one short paragraph under it.
    private static func isMadeOfTeasers(_ body: PageBody, _ list: BlockList) -> Bool {
        guard body.paragraphs == nil, let last = body.chosen.last else { return false }
        let chosen = Set(body.chosen)
        var links = 0
        var teasers = 0
        var isUnderLink = false
        for (index, block) in list.blocks[...last].enumerated() {
            if block.linkDensity > 0.9, (12...250).contains(block.characters) {
                isUnderLink = true
                links += 1
            } else if chosen.contains(index), block.kind != .caption {
                if isUnderLink, block.kind != .heading, block.characters < 400 { teasers += block.characters }
                isUnderLink = false
            }
        }
        return links >= 4 && teasers * 10 > body.characters * 6
    }

    private static func hasPasswordField(_ document: HTMLDocument) -> Bool {
        document.nodes.indices.contains { index in
            guard document.nodes[index].tag == .input, let type = document.attribute(.type, of: index) else {
                return false
            }
            return document.text[type].elementsEqual("password".utf8)
        }
    }

    /// A reason that the title names.
    private static func namedReason(_ title: String) -> NotArticleReason? {
        let lower = title.lowercased()
        let errors = [
            "404", "not found", "page not found", "access denied", "forbidden", "error", "nicht gefunden",
            "introuvable", "no encontrada", "are you a robot", "just a moment", "captcha", "service unavailable",
        ]
        if errors.contains(where: {
            lower.hasPrefix($0) || (lower.utf8.count < 60 && lower.contains($0) && $0.utf8.count > 5)
        }) {
            return .errorPage
        }
        let logins = ["log in", "login", "sign in", "anmelden", "connexion", "iniciar sesión"]
        if logins.contains(where: lower.hasPrefix) { return .login }
        let searches = [
            "search results", "search:", "suchergebnis", "résultats de recherche", "resultados de la búsqueda",
        ]
        return searches.contains(where: lower.hasPrefix) ? .search : nil
    }
}
