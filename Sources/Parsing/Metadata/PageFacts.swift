internal import Markup

/// What a page says of itself outside its text: meta elements, links, JSON-LD, headings, times and bylines.
struct PageFacts: Sendable {
    /// Meta elements: name or property in lower case, and content.
    var metas: [(name: String, content: String)] = []
    /// The `<title>`.
    var documentTitle: String?
    var canonical: String?
    var ampURL: String?
    /// The address that the page names as that of the piece that it repeats.
    var syndicated: String?
    /// The language that the page declares, as written.
    var declaredLanguage: String?
    /// The first-level headings, in order.
    var headings: [HeadingFact] = []
    /// The first headings of the second and third level, in order.
    var subheadings: [HeadingFact] = []
    /// Times with machine-readable or visible text.
    var times: [TimeFact] = []
    /// Texts that stand where a byline does.
    var bylines: [BylineFact] = []
    /// Headlines in microdata.
    var itemHeadlines: [String] = []
    /// Microdata dates: property name and value.
    var itemDates: [(property: String, value: String)] = []
    /// All objects of JSON-LD, outermost first.
    var structured = StructuredData()

    /// A heading on the page.
    struct HeadingFact: Sendable {
        var node: Int
        var text: String
        /// The texts of the elements that it is made of, where there are several: a kicker stands beside the headline.
        var parts: [String] = []
        var hints: BlockHints
        /// The headline behind a kicker that stands in an element of its own.
        var headline: String?
        /// Whether it is a link to the site's front page: the site's name.
        var isHomeLink = false
        /// Whether it stands in a list or a navigation: a breadcrumb ends with the page's own name.
        var isInList = false
    }

    /// A date on the page.
    struct TimeFact: Sendable {
        var node: Int
        var text: String
        var isMachineReadable: Bool
        /// Whether the element is a `time` element or is named as a date.
        var isTimeElement: Bool
        var hints: BlockHints
        /// Whether the page calls it the time of a change.
        var isChange: Bool
    }

    /// A byline on the page.
    struct BylineFact: Sendable {
        /// How the page marks it.
        enum Mark: Int, Sendable { case microdata, relation, name }
        var node: Int
        var text: String
        /// The element's texts apart from each other: a name often stands beside a date or a role in an element of its own.
        var pieces: [String] = []
        var mark: Mark
    }

    /// The first content of a meta element that is not empty.
    func meta(_ names: String...) -> String? {
        for name in names {
            if let found = metas.first(where: { $0.name == name && !$0.content.isEmpty }) { return found.content }
        }
        return nil
    }

    /// All contents of meta elements of a name.
    func allMeta(_ name: String) -> [String] {
        metas.filter { $0.name == name && !$0.content.isEmpty }.map(\.content)
    }
}
