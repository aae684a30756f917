/// One path pattern of a rule: literal octets, `*` for any run of octets, and `$` for the end.
///
/// Matching takes the first place where each literal piece fits, from left to right, and finds it with the algorithm of
/// Knuth, Morris and Pratt. Its time is the sum of the lengths of path and pattern, whatever a hostile pattern looks
/// like.
struct RobotsPattern: Sendable, CustomStringConvertible {
    /// The octets of the pattern in normal form: the measure of its specificity.
    let length: Int

    /// What lies between the stars. The first piece is anchored at the start of the path.
    private let pieces: [LiteralPiece]
    private let isAnchoredAtEnd: Bool

    init(_ text: ArraySlice<UInt8>) {
        isAnchoredAtEnd = text.last == UInt8(ascii: "$")
        var pattern = Self.normalized(isAnchoredAtEnd ? text.dropLast() : text, keepingStars: true)
        // Every path begins with a slash; a pattern without one could never match, which is not what its author meant.
        if let first = pattern.first, first != UInt8(ascii: "/"), first != UInt8(ascii: "*") {
            pattern.insert(UInt8(ascii: "/"), at: 0)
        }
        length = pattern.count + (isAnchoredAtEnd ? 1 : 0)
        let pieces = pattern.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
        // A run of stars means the same as one; the first and the last piece may be empty.
        self.pieces = pieces.enumerated().filter { index, piece in
            index == 0 || index == pieces.count - 1 || !piece.isEmpty
        }.map { LiteralPiece($0.element) }
    }

    var description: String {
        let text = pieces.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "*")
        return isAnchoredAtEnd ? text + "$" : text
    }

    /// Whether the pattern matches a path in normal form.
    func matches(_ path: [UInt8]) -> Bool {
        guard let first = pieces.first?.bytes, path.starts(with: first) else { return false }
        if pieces.count == 1 { return !isAnchoredAtEnd || path.count == first.count }
        var position = first.count
        for piece in pieces[1..<(pieces.count - 1)] {
            guard let end = piece.endOfFirst(in: path, from: position) else { return false }
            position = end
        }
        let last = pieces[pieces.count - 1]
        guard isAnchoredAtEnd else { return last.endOfFirst(in: path, from: position) != nil }
        return path.count - position >= last.bytes.count && path.suffix(last.bytes.count).elementsEqual(last.bytes)
    }

    /// The form in which paths and patterns are compared (RFC 9309, section 2.2.2).
    ///
    /// Unreserved octets are not percent-encoded, octets that may not stand in a URL are, and so are a star and a
    /// dollar sign that are meant literally. Other percent-encodings get upper-case digits. The fragment is dropped.
    static func normalized(_ text: ArraySlice<UInt8>, keepingStars: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex, text[index] != UInt8(ascii: "#") {
            let byte = text[index]
            if byte == UInt8(ascii: "%"), let value = PercentByte.decode(text, at: index) {
                if PercentByte.isUnreserved(value) {
                    output.append(value)
                } else {
                    PercentByte.append(value, to: &output)
                }
                index += 3
                continue
            }
            let isLiteral = byte == UInt8(ascii: "$") || byte == UInt8(ascii: "*") && !keepingStars
            let isAllowed = PercentByte.isUnreserved(byte) || PercentByte.isReserved(byte) || byte == UInt8(ascii: "%")
            if isLiteral || !isAllowed { PercentByte.append(byte, to: &output) } else { output.append(byte) }
            index += 1
        }
        return output
    }
}

/// The literal octets between two stars, prepared for searching.
struct LiteralPiece: Sendable {
    let bytes: [UInt8]
    /// For each prefix of the octets, the length of its longest border: where to go on after a mismatch.
    private let borders: [Int32]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var borders = [Int32](repeating: 0, count: bytes.count)
        var length = 0
        for index in bytes.indices.dropFirst() {
            while length > 0, bytes[index] != bytes[length] { length = Int(borders[length - 1]) }
            if bytes[index] == bytes[length] { length += 1 }
            borders[index] = Int32(length)
        }
        self.borders = borders
    }

    /// The position behind the first occurrence at or after `start`, or `nil`.
    func endOfFirst(in path: [UInt8], from start: Int) -> Int? {
        guard !bytes.isEmpty else { return start }
        var length = 0
        for index in start..<max(start, path.count) {
            while length > 0, path[index] != bytes[length] { length = Int(borders[length - 1]) }
            if path[index] == bytes[length] { length += 1 }
            if length == bytes.count { return index + 1 }
        }
        return nil
    }
}
