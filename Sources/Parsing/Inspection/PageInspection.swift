/// How the decisions about one page fell: what an operator looks at when an outlet comes out wrong.
public struct PageInspection: Sendable, Codable {
    /// What became of a block of text.
    public enum Decision: String, Sendable, Codable, CaseIterable {
        /// Part of the article.
        case article
        /// A caption of the article.
        case caption
        /// Chosen at first, and taken out by a look at the text as a whole.
        case pruned
        /// Inside the article's element, and not taken.
        case rejected
        /// Outside the article's element.
        case outside
        /// It stands on other pages of the site as well.
        case repeated
        /// A rule leaves it out.
        case rule
    }

    /// A block of text.
    public struct Block: Sendable, Codable {
        /// Its place among the blocks of the page, from 0.
        public var index: Int
        /// Paragraph, heading, list item and so on.
        public var kind: ArticleBlock.Kind
        /// What became of it.
        public var decision: Decision
        /// Why, in words.
        public var reason: String
        /// What it says for or against its surroundings holding the article.
        public var score: Double
        /// Its length; a character of a script without spaces counts for three.
        public var characters: Int
        /// The share of it that is links, 0 to 1.
        public var linkDensity: Double
        /// The elements around it, outermost first, with ids and class names.
        public var path: String
        /// What their names and kinds say.
        public var hints: [String]
        /// The text.
        public var text: String

        enum CodingKeys: String, CodingKey {
            case index, kind, decision, reason, score, characters, path, hints, text
            case linkDensity = "link_density"
        }
    }

    /// A field of the article: what was chosen, and among what.
    public struct Field: Sendable, Codable {
        /// What some source says.
        public struct Candidate: Sendable, Codable {
            /// What it says.
            public var value: String
            /// Where it stands.
            public var source: String
            /// What the source counts for.
            public var weight: Double
            /// What all sources that say the same count for.
            public var votes: Double
            /// Whether it was chosen.
            public var isChosen: Bool

            enum CodingKeys: String, CodingKey {
                case value, source, weight, votes
                case isChosen = "chosen"
            }
        }

        /// The field's name.
        public var name: String
        /// What was chosen.
        public var value: String?
        /// The source that gave it.
        public var source: String?
        /// All that was to choose among, the heaviest first.
        public var candidates: [Candidate]
    }

    /// The article's element, as ``Block/path``; `nil` where no text reads like an article.
    public var container: String?
    /// Where the text comes from: the page's text or its script data.
    public var bodySource: String
    /// Why the page is no article.
    public var notArticle: String?
    /// The fields.
    public var fields: [Field]
    /// The blocks of the page in order.
    public var blocks: [Block]

    enum CodingKeys: String, CodingKey {
        case container, fields, blocks
        case bodySource = "body_source"
        case notArticle = "not_article"
    }
}
