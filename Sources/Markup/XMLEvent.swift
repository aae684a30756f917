/// The name of an element or attribute with its namespace.
public struct XMLName: Sendable, Hashable {
    /// The namespace's address; empty when there is none or its prefix is not bound.
    public let namespace: String
    /// The prefix as written; empty when there is none.
    public let prefix: String
    /// The name without prefix, as written.
    public let local: String

    /// Makes a name.
    public init(namespace: String, prefix: String, local: String) {
        self.namespace = namespace
        self.prefix = prefix
        self.local = local
    }
}

/// One attribute of an element; namespace declarations are not among them.
public struct XMLAttribute: Sendable, Hashable {
    /// The attribute's name; an attribute without prefix has no namespace.
    public let name: XMLName
    /// The value with its references resolved.
    public let value: String

    /// Makes an attribute.
    public init(name: XMLName, value: String) {
        self.name = name
        self.value = value
    }
}

/// What a reader comes across.
public enum XMLEvent: Sendable, Equatable {
    /// A start tag. An empty-element tag gives a start and an end.
    case start(XMLName, [XMLAttribute])
    /// An end; implied when its tag is missing, because an outer element ended or the document broke off.
    case end(XMLName, implied: Bool)
    /// Text with its references resolved. Text that belongs together may come in several events.
    case text(String)
}

/// What bounds the work on one document.
public struct XMLLimits: Sendable {
    /// Bytes that are read; the rest is left out as if the document broke off there.
    public var maximumBytes = 64 << 20
    /// Elements inside one another; deeper ones are left out, their text is kept.
    public var maximumDepth = 256
    /// Attributes of one element; further ones are left out.
    public var maximumAttributes = 256
    /// Bytes that entities which the document declares may add to it.
    public var maximumEntityBytes = 1 << 20

    /// Makes the default limits.
    public init() {}
}
