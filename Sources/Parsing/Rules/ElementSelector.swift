internal import Markup

/// A part of the selectors of CSS: element names, `*`, `.class`, `#id`, `[attribute]` with `=`, `*=`, `^=` or `$=`, the
/// combinators for descendants (a space) and children (`>`), and lists with commas.
public struct ElementSelector: Sendable, Equatable, CustomStringConvertible {
    /// The selector as it was written.
    public let description: String
    /// The alternatives; in each the element itself comes first, then what must stand around it.
    let alternatives: [[Step]]

    /// Conditions on one element, and how it stands to the one inside.
    struct Step: Sendable, Equatable {
        var tag: HTMLTag?
        var conditions: [Condition] = []
        /// Whether the element must be the parent of the one inside, and not any ancestor.
        var isParent = false
    }

    /// A condition on an attribute.
    struct Condition: Sendable, Equatable {
        /// How the value is compared.
        enum Match: Sendable { case present, whole, contains, starts, ends, word }
        var name: HTMLAttributeName
        var match: Match
        var value: [UInt8] = []
    }

    /// Why a selector cannot be used.
    public struct SyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong.
        public var message: String
        public var description: String { message }
    }

    /// Reads a selector.
    public init(_ text: String) throws(SyntaxError) {
        description = text
        var parser = SelectorParser(text)
        alternatives = try parser.alternatives()
    }

    /// Whether the selector takes a node of a page.
    func matches(_ index: Int, in document: HTMLDocument) -> Bool {
        alternatives.contains { Self.matches($0[...], index, document) }
    }

    private static func matches(_ steps: ArraySlice<Step>, _ index: Int, _ document: HTMLDocument) -> Bool {
        guard let first = steps.first else { return true }
        guard holds(first, index, document) else { return false }
        let rest = steps.dropFirst()
        guard let next = rest.first else { return true }
        var ancestor = document.nodes[index].parentIndex
        while ancestor > 0 {
            if matches(rest, ancestor, document) { return true }
            if next.isParent { return false }
            ancestor = document.nodes[ancestor].parentIndex
        }
        return false
    }

    private static func holds(_ step: Step, _ index: Int, _ document: HTMLDocument) -> Bool {
        let tag = document.nodes[index].tag
        guard tag != .text, index > 0, step.tag == nil || step.tag == tag else { return false }
        return step.conditions.allSatisfy { condition in
            guard let range = document.attribute(condition.name, of: index) else { return false }
            let value = document.text[range]
            switch condition.match {
            case .present: return true
            case .whole: return value.elementsEqual(condition.value)
            case .contains: return ByteSearch.firstIndex(of: condition.value, in: value, from: value.startIndex) != nil
            case .starts: return value.starts(with: condition.value)
            case .ends: return value.suffix(condition.value.count).elementsEqual(condition.value)
            case .word: return value.split { $0 <= 0x20 }.contains { $0.elementsEqual(condition.value) }
            }
        }
    }
}

/// Reads the text of an ``ElementSelector``.
private struct SelectorParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private static let maximumSteps = 8

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    mutating func alternatives() throws(ElementSelector.SyntaxError) -> [[ElementSelector.Step]] {
        var found: [[ElementSelector.Step]] = []
        repeat { found.append(try steps()) } while take(",")
        guard position == scalars.count else {
            throw ElementSelector.SyntaxError(message: "unexpected “\(scalars[position])” in the selector")
        }
        return found
    }

    /// The steps of one alternative, innermost first.
    private mutating func steps() throws(ElementSelector.SyntaxError) -> [ElementSelector.Step] {
        skipSpace()
        var found: [ElementSelector.Step] = [try step()]
        while true {
            let start = position
            skipSpace()
            let isChild = take(">")
            if isChild { skipSpace() }
            guard position < scalars.count, scalars[position] != "," else {
                if isChild { throw ElementSelector.SyntaxError(message: "the selector ends with “>”") }
                break
            }
            guard position > start else { break }
            found[found.count - 1].isParent = isChild
            found.append(try step())
            guard found.count <= Self.maximumSteps else {
                throw ElementSelector.SyntaxError(message: "the selector has more than \(Self.maximumSteps) steps")
            }
        }
        return found.reversed()
    }

    private mutating func step() throws(ElementSelector.SyntaxError) -> ElementSelector.Step {
        var step = ElementSelector.Step()
        let start = position
        if !take("*") {
            let name = identifier().lowercased()
            if !name.isEmpty {
                guard let tag = HTMLTag(elementName: name), tag != .text else {
                    throw ElementSelector.SyntaxError(message: "“\(name)” is no element that is told apart")
                }
                step.tag = tag
            }
        }
        while let condition = try condition() { step.conditions.append(condition) }
        guard position > start else {
            throw ElementSelector.SyntaxError(message: "an element, .class, #id or [attribute] is expected")
        }
        return step
    }

    private mutating func condition() throws(ElementSelector.SyntaxError) -> ElementSelector.Condition? {
        if take(".") { return .init(name: .class, match: .word, value: try requiredIdentifier("class")) }
        if take("#") { return .init(name: .id, match: .whole, value: try requiredIdentifier("id")) }
        guard take("[") else { return nil }
        let name = identifier()
        guard let attribute = HTMLAttributeName(attributeName: name.lowercased()) else {
            throw ElementSelector.SyntaxError(message: "“\(name)” is no attribute that is kept")
        }
        var condition = ElementSelector.Condition(name: attribute, match: .present)
        for (mark, match) in [("*", ElementSelector.Condition.Match.contains), ("^", .starts), ("$", .ends)]
        where take(Unicode.Scalar(mark)!) { condition.match = match }
        if take("=") {
            if condition.match == .present { condition.match = .whole }
            condition.value = value()
            guard !condition.value.isEmpty else {
                throw ElementSelector.SyntaxError(message: "[\(name)=…] has no value")
            }
        } else if condition.match != .present {
            throw ElementSelector.SyntaxError(message: "“=” is expected in [\(name)…]")
        }
        guard take("]") else { throw ElementSelector.SyntaxError(message: "“]” is missing after [\(name)") }
        return condition
    }

    private mutating func value() -> [UInt8] {
        var text = String.UnicodeScalarView()
        if take("\"") || take("'") {
            let quote = scalars[position - 1]
            while position < scalars.count, scalars[position] != quote {
                text.append(scalars[position])
                position += 1
            }
            position = min(position + 1, scalars.count)
        } else {
            while position < scalars.count, scalars[position] != "]" {
                text.append(scalars[position])
                position += 1
            }
        }
        return Array(String(text).utf8)
    }

    private mutating func requiredIdentifier(_ kind: String) throws(ElementSelector.SyntaxError) -> [UInt8] {
        let name = identifier()
        guard !name.isEmpty else { throw ElementSelector.SyntaxError(message: "the name of the \(kind) is missing") }
        return Array(name.utf8)
    }

    /// Letters, digits, hyphens, underscores, colons and everything outside of ASCII; a backslash takes the next one as it is.
    private mutating func identifier() -> String {
        var name = String.UnicodeScalarView()
        while position < scalars.count {
            let scalar = scalars[position]
            if scalar == "\\", position + 1 < scalars.count {
                position += 1
                name.append(scalars[position])
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "-"
                || scalar == "_" || scalar == ":" || scalar.value >= 0x80
            {
                name.append(scalar)
            } else {
                break
            }
            position += 1
        }
        return String(name)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard position < scalars.count, scalars[position] == scalar else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < scalars.count, scalars[position].properties.isWhitespace { position += 1 }
    }
}
