extension XMLReader {
    static let xmlNamespace = "http://www.w3.org/XML/1998/namespace"

    /// Prefixes bound at a time: each name is looked up among them from the innermost outwards.
    private static let maximumBindings = 256

    /// An attribute before its prefix is looked up.
    private struct RawAttribute {
        let name: ArraySlice<UInt8>
        let value: ArraySlice<UInt8>
    }

    mutating func startTag() -> XMLEvent? {
        position += 1
        let written = readName()
        var attributes: [RawAttribute] = []
        var isEmpty = false
        while true {
            skipSpace()
            guard position < end else {
                // The tag is cut off: what is known of it is not trusted.
                isTruncated = true
                return nil
            }
            let byte = bytes[position]
            if byte == UInt8(ascii: ">") {
                position += 1
                break
            }
            if byte == UInt8(ascii: "<") {
                repairs += 1
                break
            }
            isEmpty = byte == UInt8(ascii: "/")
            if isEmpty {
                position += 1
                continue
            }
            guard let attribute = readAttribute() else { return nil }
            if attributes.count < limits.maximumAttributes { attributes.append(attribute) }
        }
        return opened(written, attributes, isEmpty: isEmpty)
    }

    mutating func endTag() -> XMLEvent? {
        position += 2
        skipSpace()
        let written = readName()
        while position < end, bytes[position] != UInt8(ascii: ">"), bytes[position] != UInt8(ascii: "<") {
            position += 1
        }
        guard position < end else {
            isTruncated = true
            return nil
        }
        if bytes[position] == UInt8(ascii: ">") { position += 1 } else { repairs += 1 }
        if skippedDepth > 0 {
            skippedDepth -= 1
            return nil
        }
        guard let index = open.lastIndex(where: { $0.written == written }) ?? lastIgnoringCase(written) else {
            repairs += 1
            return nil
        }
        // The pending events are taken from the end, so the outermost goes in first.
        for (depth, element) in open.enumerated().dropFirst(index) {
            pending.append(.end(element.name, implied: depth != index))
            if depth != index { repairs += 1 }
        }
        open.removeLast(open.count - index)
        unbind()
        return pending.popLast()
    }

    private func lastIgnoringCase(_ written: ArraySlice<UInt8>) -> Int? {
        open.lastIndex { element in
            element.written.count == written.count
                && zip(element.written, written).allSatisfy { Self.lower($0) == Self.lower($1) }
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    private mutating func opened(_ written: ArraySlice<UInt8>, _ raw: [RawAttribute], isEmpty: Bool) -> XMLEvent? {
        guard open.count < limits.maximumDepth else {
            repairs += 1
            if !isEmpty { skippedDepth += 1 }
            return nil
        }
        let depth = open.count + 1
        var plain: [RawAttribute] = []
        for attribute in raw {
            guard let prefix = Self.declaredPrefix(attribute.name) else {
                plain.append(attribute)
                continue
            }
            guard bindings.count < Self.maximumBindings else { continue }
            bindings.append((prefix, entities.resolve(attribute.value, repairs: &repairs).trimmedASCII, depth))
        }
        let name = resolve(written, isAttribute: false)
        var attributes: [XMLAttribute] = []
        attributes.reserveCapacity(plain.count)
        for attribute in plain {
            let value = entities.resolve(attribute.value, repairs: &repairs)
            attributes.append(XMLAttribute(name: resolve(attribute.name, isAttribute: true), value: value))
        }
        if isEmpty {
            while let last = bindings.last, last.depth >= depth { bindings.removeLast() }
            pending.append(.end(name, implied: false))
        } else {
            open.append(OpenElement(name: name, written: written))
        }
        return .start(name, attributes)
    }

    /// Forgets the prefixes of elements that are closed.
    mutating func unbind() {
        while let last = bindings.last, last.depth > open.count { bindings.removeLast() }
    }

    /// The prefix that an `xmlns` attribute declares, `nil` for other attributes.
    private static func declaredPrefix(_ name: ArraySlice<UInt8>) -> String? {
        guard matches("xmlns", name) else { return nil }
        if name.count == 5 { return "" }
        guard name[name.startIndex + 5] == UInt8(ascii: ":") else { return nil }
        return String(decoding: name.dropFirst(6), as: UTF8.self)
    }

    private func resolve(_ written: ArraySlice<UInt8>, isAttribute: Bool) -> XMLName {
        guard let colon = written.firstIndex(of: UInt8(ascii: ":")), colon > written.startIndex else {
            let local = String(decoding: written, as: UTF8.self)
            let namespace = isAttribute ? "" : bindings.last { $0.prefix.isEmpty }?.namespace ?? ""
            return XMLName(namespace: namespace, prefix: "", local: local)
        }
        let prefix = String(decoding: written[..<colon], as: UTF8.self)
        let local = String(decoding: written[(colon + 1)...], as: UTF8.self)
        if prefix == "xml" { return XMLName(namespace: Self.xmlNamespace, prefix: prefix, local: local) }
        let namespace = bindings.last { $0.prefix == prefix }?.namespace ?? ""
        return XMLName(namespace: namespace, prefix: prefix, local: local)
    }

    private mutating func skipSpace() {
        while position < end, Self.isSpace(bytes[position]) { position += 1 }
    }

    private mutating func readName() -> ArraySlice<UInt8> {
        let start = position
        while position < end {
            switch bytes[position] {
            case 0x00...0x20, UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "<"): break
            default:
                position += 1
                continue
            }
            break
        }
        return bytes[start..<position]
    }

    /// One attribute; `nil` when the document breaks off inside it.
    private mutating func readAttribute() -> RawAttribute? {
        let name = readName()
        if name.isEmpty {
            // A byte that can begin nothing: step over it, or the scan would stand still.
            repairs += 1
            position += 1
            return RawAttribute(name: bytes[position..<position], value: bytes[position..<position])
        }
        skipSpace()
        guard position < end, bytes[position] == UInt8(ascii: "=") else {
            repairs += 1
            return RawAttribute(name: name, value: bytes[position..<position])
        }
        position += 1
        skipSpace()
        guard position < end else {
            isTruncated = true
            return nil
        }
        let quote = bytes[position]
        let isQuoted = quote == 0x22 || quote == 0x27
        let start = isQuoted ? position + 1 : position
        position = start
        while position < end {
            let byte = bytes[position]
            if isQuoted ? byte == quote : Self.isSpace(byte) || byte == UInt8(ascii: ">") { break }
            position += 1
        }
        guard position < end else {
            isTruncated = true
            return nil
        }
        let value = bytes[start..<position]
        if isQuoted { position += 1 } else { repairs += 1 }
        return RawAttribute(name: name, value: value)
    }
}

extension String {
    /// The string without white space of ASCII at its ends.
    var trimmedASCII: String {
        guard let first = utf8.firstIndex(where: { !XMLReader.isSpace($0) }),
            let last = utf8.lastIndex(where: { !XMLReader.isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}
