/// The JSON-LD of a page: its objects, and which of them is the article.
struct StructuredData: Sendable {
    /// All objects in document order, those inside others after them.
    private(set) var objects: [JSONValue] = []
    private static let maximumObjects = 400

    /// Adds one script's value.
    mutating func add(_ value: JSONValue) { collect(value, depth: 0) }

    private mutating func collect(_ value: JSONValue, depth: Int) {
        guard depth < 6, objects.count < Self.maximumObjects else { return }
        switch value {
        case .array(let elements):
            for element in elements { collect(element, depth: depth + 1) }
        case .object(let members):
            objects.append(value)
            for member in members where Self.isFollowed(member.name) { collect(member.value, depth: depth + 1) }
        default: break
        }
    }

    /// Members whose objects describe the page as well.
    private static func isFollowed(_ name: String) -> Bool {
        name == "@graph" || name == "mainEntity" || name == "mainEntityOfPage" || name == "hasPart"
    }

    /// The types of an object, without the vocabulary's address.
    static func types(of object: JSONValue) -> [String] {
        (object["@type"]?.elements ?? []).compactMap(\.text).map { type in
            type.split(separator: "/").last.map(String.init) ?? type
        }
    }

    /// The object that describes the article, or `nil`.
    ///
    /// - Parameter address: The page's address; an article that names it wins over others.
    func article(at address: String?) -> JSONValue? {
        var best: JSONValue?
        var bestRank = 0
        for object in objects {
            var rank = Self.types(of: object).map(Self.rank).max() ?? 0
            guard rank > 0 else { continue }
            if object["headline"] != nil { rank += 2 }
            if object["datePublished"] != nil { rank += 1 }
            if object["articleBody"] != nil { rank += 2 }
            if let address, Self.names(object, address) { rank += 3 }
            if rank > bestRank {
                best = object
                bestRank = rank
            }
        }
        return best
    }

    /// Whether the object says that it is a piece of news.
    static func isNews(_ object: JSONValue) -> Bool {
        types(of: object).contains { $0.hasSuffix("NewsArticle") || $0 == "LiveBlogPosting" }
    }

    /// Whether the object says that it is an article of any kind.
    static func isArticle(_ object: JSONValue) -> Bool {
        types(of: object).contains { $0.hasSuffix("Article") || $0 == "BlogPosting" || $0 == "LiveBlogPosting" }
    }

    /// Whether the object's address is the page's.
    private static func names(_ object: JSONValue, _ address: String) -> Bool {
        let own = object["url"]?.text ?? object["mainEntityOfPage"]?.text ?? object["mainEntityOfPage"]?["@id"]?.text
        return own == address
    }

    private static func rank(_ type: String) -> Int {
        if type.hasSuffix("Article") || type == "BlogPosting" || type == "LiveBlogPosting" || type == "Report" {
            return 10
        }
        switch type {
        case "Review", "AnalysisNewsArticle", "SocialMediaPosting", "DiscussionForumPosting", "Recipe", "HowTo":
            return 7
        case "VideoObject", "CreativeWork", "PodcastEpisode", "Event", "Product": return 4
        case "WebPage", "ItemPage", "AboutPage": return 2
        default: return 0
        }
    }

    /// The object with an `@id`, to follow references.
    func object(withID id: String) -> JSONValue? {
        objects.first { $0["@id"]?.text == id && $0["@type"] != nil }
    }

    /// The names that a member such as `author` gives, references followed.
    func names(_ value: JSONValue?) -> [String] {
        (value?.elements ?? []).prefix(32).flatMap { element -> [String] in
            if let text = element.text { return [text] }
            if let name = element["name"] {
                return name.elements.compactMap(\.text)
            }
            if let id = element["@id"]?.text, let target = object(withID: id) {
                return (target["name"]?.elements ?? []).compactMap(\.text)
            }
            return []
        }
    }

    /// The publisher's name.
    var publisherName: String? { objects.lazy.compactMap { names($0["publisher"]).first }.first }

    /// The name of the web site.
    var siteName: String? { objects.first { Self.types(of: $0).contains("WebSite") }?["name"]?.text }
}
