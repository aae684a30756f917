internal import Markup

/// Recognises documents that are not articles.
enum NotArticle {
    /// Why the page is not an article, or `nil` when it is taken for one.
    static func reason(
        article: ExtractedArticle, facts: PageFacts, body: PageBody, list: BlockList, structured: JSONValue?
    ) -> NotArticleReason? {
        guard list.blocks.contains(where: { $0.characters > 0 }) || !article.blocks.isEmpty else { return .empty }
        let count = body.characters
        let isMarkedArticle = isArticleType(facts, structured)
        if count < 600, let reason = namedReason(article.title ?? facts.documentTitle ?? "") { return reason }
        if count < 600, !isMarkedArticle, hasPasswordField(body.document) { return .login }
        var links = 0
        var all = 0
        for block in list.blocks {
            links += block.linkCharacters
            all += block.characters
        }
        let linkShare = all == 0 ? 0 : Double(links) / Double(all)
        if !isMarkedArticle, linkShare > 0.6, count * 3 < links { return .listing }
        return count < (isMarkedArticle ? 80 : 200) ? .tooShort : nil
    }

    private static func isArticleType(_ facts: PageFacts, _ structured: JSONValue?) -> Bool {
        if facts.meta("og:type")?.lowercased() == "article" || facts.meta("article:published_time") != nil {
            return true
        }
        guard let structured else { return false }
        return StructuredData.types(of: structured).contains { $0.hasSuffix("Article") || $0 == "BlogPosting" }
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
