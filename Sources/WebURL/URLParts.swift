/// A URL record while it is being built: the fields of the standard, as ASCII bytes.
struct URLParts {
    var scheme: [UInt8] = [] {
        didSet { classifyScheme() }
    }
    var username: [UInt8] = []
    var password: [UInt8] = []
    var host: [UInt8]?
    var port: UInt16?
    /// The serialised path: `/a/b` for the list `a, b`; empty for the empty list.
    var path: [UInt8] = []
    var hasOpaquePath = false
    var query: [UInt8]?
    var fragment: [UInt8]?

    /// Whether the scheme is one of those that the standard treats specially; kept, since the parser asks for every
    /// byte.
    private(set) var isSpecial = false
    private(set) var isFile = false

    init() {}

    private mutating func classifyScheme() {
        isSpecial = SpecialScheme.isSpecial(scheme)
        isFile = scheme.elementsEqual("file".utf8)
    }

    init(_ url: ParsedURL) {
        let layout = url.layout
        func part(_ range: Range<Int>) -> [UInt8] { Array(url.bytes(range)) }
        scheme = part(0..<layout.schemeEnd)
        username = layout.username.map(part) ?? []
        password = layout.password.map(part) ?? []
        host = layout.host.map(part)
        port = layout.port
        path = part(layout.path)
        hasOpaquePath = layout.hasOpaquePath
        query = layout.query.map(part)
        fragment = layout.fragment.map(part)
        classifyScheme()
    }

    /// Removes the last segment, but never the drive letter of a file URL.
    mutating func shortenPath() {
        if isFile, path.count == 3, path[2] == UInt8(ascii: ":"), path[1].isASCIIAlpha { return }
        if let slash = path.lastIndex(of: UInt8(ascii: "/")) { path.removeSubrange(slash...) }
    }

    mutating func appendSegment(_ segment: ArraySlice<UInt8>) {
        path.append(UInt8(ascii: "/"))
        path.append(segment, encoding: .path)
    }

    /// The text of the URL and the places of its parts (URL standard, section 4.5).
    func serialized() -> (String, ParsedURL.Layout) {
        var layout = ParsedURL.Layout()
        var output = scheme
        output.reserveCapacity(scheme.count + path.count + 32)
        layout.schemeEnd = output.count
        output.append(UInt8(ascii: ":"))
        appendAuthority(to: &output, layout: &layout)
        if host == nil, !hasOpaquePath, path.starts(with: "//".utf8) { output += "/.".utf8 }
        layout.path = Self.append(path, to: &output)
        layout.hasOpaquePath = hasOpaquePath
        if let query {
            output.append(UInt8(ascii: "?"))
            layout.query = Self.append(query, to: &output)
        }
        if let fragment {
            output.append(UInt8(ascii: "#"))
            layout.fragment = Self.append(fragment, to: &output)
        }
        return (String(decoding: output, as: UTF8.self), layout)
    }

    private func appendAuthority(to output: inout [UInt8], layout: inout ParsedURL.Layout) {
        guard let host else { return }
        output += "//".utf8
        if !username.isEmpty { layout.username = Self.append(username, to: &output) }
        if !password.isEmpty {
            output.append(UInt8(ascii: ":"))
            layout.password = Self.append(password, to: &output)
        }
        if !username.isEmpty || !password.isEmpty { output.append(UInt8(ascii: "@")) }
        layout.host = Self.append(host, to: &output)
        guard let port else { return }
        layout.port = port
        output += ":\(port)".utf8
    }

    private static func append(_ bytes: [UInt8], to output: inout [UInt8]) -> Range<Int> {
        let start = output.count
        output += bytes
        return start..<output.count
    }
}

/// The schemes that the URL standard treats specially, with their default ports.
enum SpecialScheme {
    private static let ports: [(name: String, port: UInt16?)] = [
        ("https", 443), ("http", 80), ("ftp", 21), ("ws", 80), ("wss", 443), ("file", nil),
    ]

    static func isSpecial(_ scheme: some Sequence<UInt8>) -> Bool {
        ports.contains { scheme.elementsEqual($0.name.utf8) }
    }

    static func defaultPort(of scheme: some Sequence<UInt8>) -> UInt16? {
        ports.first { scheme.elementsEqual($0.name.utf8) }?.port
    }
}
