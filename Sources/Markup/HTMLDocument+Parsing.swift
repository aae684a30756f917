internal import CLibXML2

extension HTMLDocument {
    /// Parses a page with libxml2's recovering HTML parser, without network and without messages.
    ///
    /// - Parameters:
    ///   - utf8: The page as UTF-8; what its `<meta>` says about the encoding is ignored.
    ///   - limits: What bounds time and memory.
    public init(parsing utf8: [UInt8], limits: HTMLLimits = HTMLLimits()) {
        let count = min(utf8.count, limits.maximumBytes, Int(Int32.max) / 2)
        let builder = HTMLTreeBuilder(limits: limits, byteCount: count)
        unsafe utf8.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, count > 0 else { return }
            unsafe base.withMemoryRebound(to: CChar.self, capacity: count) { characters in
                unsafe Self.run(characters, count: count, into: builder)
            }
        }
        self = builder.finish()
    }

    /// Runs libxml2 over the bytes. The context is ours and freed here; the builder outlives it.
    private static func run(_ bytes: UnsafePointer<CChar>, count: Int, into builder: HTMLTreeBuilder) {
        guard let context = unsafe htmlCreateMemoryParserCtxt(bytes, Int32(count)) else { return }
        defer { unsafe htmlFreeParserCtxt(context) }
        let options =
            HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
            | HTML_PARSE_NONET.rawValue | HTML_PARSE_IGNORE_ENC.rawValue
        unsafe htmlCtxtUseOptions(context, Int32(options))
        // What xmlSwitchEncoding does for UTF-8: the parser then neither guesses nor converts.
        unsafe context.pointee.charset = Int32(XML_CHAR_ENCODING_UTF8.rawValue)
        guard let handler = unsafe context.pointee.sax else { return }
        unsafe install(on: handler)
        let state = HTMLParserState(builder: builder)
        unsafe state.context = context
        unsafe context.pointee.userData = Unmanaged.passUnretained(state).toOpaque()
        withExtendedLifetime(state) { _ = unsafe htmlParseDocument(context) }
    }

    /// Puts our event functions in the place of those that build libxml2's own tree.
    private static func install(on handler: UnsafeMutablePointer<htmlSAXHandler>) {
        unsafe handler.pointee = htmlSAXHandler()
        unsafe handler.pointee.initialized = XML_SAX2_MAGIC
        unsafe handler.pointee.startElement = { data, name, attributes in
            unsafe HTMLParserState.from(data)?.start(name, attributes)
        }
        unsafe handler.pointee.endElement = { data, _ in unsafe HTMLParserState.from(data)?.builder.endElement() }
        unsafe handler.pointee.characters = { data, bytes, count in unsafe HTMLParserState.from(data)?.text(bytes, count) }
        unsafe handler.pointee.ignorableWhitespace = { data, bytes, count in
            unsafe HTMLParserState.from(data)?.text(bytes, count)
        }
        unsafe handler.pointee.cdataBlock = { data, bytes, count in unsafe HTMLParserState.from(data)?.data(bytes, count) }
        unsafe handler.pointee.serror = { _, _ in }
    }
}

/// What libxml2's event functions are handed: the builder and the context to stop, which outlives every call.
@safe private final class HTMLParserState {
    let builder: HTMLTreeBuilder
    var context: htmlParserCtxtPtr?

    init(builder: HTMLTreeBuilder) {
        self.builder = builder
    }

    static func from(_ data: UnsafeMutableRawPointer?) -> HTMLParserState? {
        unsafe data.map { unsafe Unmanaged<HTMLParserState>.fromOpaque($0).takeUnretainedValue() }
    }

    func start(_ name: UnsafePointer<xmlChar>?, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
        let tag = unsafe Self.key(name).flatMap { HTMLTag.names.value($0) }.flatMap(HTMLTag.init) ?? .other
        let wantsAttributes = builder.startElement(tag)
        if builder.shouldStop { unsafe xmlStopParser(context) }
        guard wantsAttributes, var cursor = unsafe attributes else { return }
        while let attribute = unsafe cursor.pointee {
            if let raw = unsafe Self.key(attribute).flatMap({ HTMLAttributeName.names.value($0) }),
                let known = HTMLAttributeName(rawValue: raw)
            {
                let value = unsafe cursor[1]
                let count = unsafe value.map { unsafe Int(xmlStrlen($0)) } ?? 0
                unsafe builder.appendAttribute(known, value: UnsafeBufferPointer(start: value, count: count))
            }
            unsafe cursor += 2
        }
    }

    func text(_ bytes: UnsafePointer<xmlChar>?, _ count: Int32) {
        guard count > 0 else { return }
        unsafe builder.appendText(UnsafeBufferPointer(start: bytes, count: Int(count)))
        if builder.shouldStop { unsafe xmlStopParser(context) }
    }

    func data(_ bytes: UnsafePointer<xmlChar>?, _ count: Int32) {
        guard count > 0 else { return }
        unsafe builder.appendData(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    private static func key(_ name: UnsafePointer<xmlChar>?) -> NameTable.Key? {
        guard let name = unsafe name else { return nil }
        var key = NameTable.Key()
        var position = 0
        while unsafe name[position] != 0 {
            guard position < 16 else { return nil }
            unsafe key.append(name[position])
            position += 1
        }
        return key
    }
}
