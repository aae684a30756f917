/// IPv6 addresses as the URL standard reads and writes them (section 3.5).
enum IPv6Syntax {
    /// The address, or `nil`. Zone identifiers are refused.
    static func parse(_ text: ArraySlice<UInt8>) -> UInt128? {
        var reader = Reader(rest: text)
        return reader.parse()
    }

    /// The text of an address: lower case, the first longest run of two or more zero pieces compressed.
    static func format(_ address: UInt128) -> String {
        let pieces = (0..<8).map { UInt16(truncatingIfNeeded: address >> UInt128(16 * (7 - $0))) }
        let zeros = longestZeroRun(pieces)
        var output = ""
        var index = 0
        while index < 8 {
            if let zeros, index == zeros.lowerBound {
                output += index == 0 ? "::" : ":"
                index = zeros.upperBound
                continue
            }
            output += String(pieces[index], radix: 16)
            if index < 7 { output += ":" }
            index += 1
        }
        return output
    }

    private static func longestZeroRun(_ pieces: [UInt16]) -> Range<Int>? {
        var best = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || pieces[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best.count > 1 ? best : nil
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>
        var pieces: [UInt16] = []
        var compressedAt: Int?

        mutating func parse() -> UInt128? {
            if rest.first == UInt8(ascii: ":") {
                guard rest.starts(with: "::".utf8) else { return nil }
                rest = rest.dropFirst(2)
                compressedAt = 0
            }
            while let first = rest.first {
                guard pieces.count < 8 else { return nil }
                if first == UInt8(ascii: ":") {
                    guard compressedAt == nil else { return nil }
                    rest = rest.dropFirst()
                    compressedAt = pieces.count
                    continue
                }
                guard readPiece() else { return nil }
            }
            return assembled()
        }

        /// Reads one hexadecimal piece and the colon behind it, or the dotted tail.
        private mutating func readPiece() -> Bool {
            let digits = rest.prefix(4).prefix { HexDigit.value(of: $0) != nil }
            let after = rest.dropFirst(digits.count)
            if after.first == UInt8(ascii: ".") { return !digits.isEmpty && readDottedTail() }
            pieces.append(digits.reduce(0) { $0 << 4 | UInt16(HexDigit.value(of: $1) ?? 0) })
            rest = after
            if after.isEmpty { return true }
            guard after.first == UInt8(ascii: ":"), after.count > 1, !digits.isEmpty else { return false }
            rest = after.dropFirst()
            return true
        }

        private mutating func readDottedTail() -> Bool {
            guard pieces.count <= 6, let value = IPAddress.strictIPv4(rest) else { return false }
            pieces.append(UInt16(truncatingIfNeeded: value >> 16))
            pieces.append(UInt16(truncatingIfNeeded: value))
            rest = []
            return true
        }

        private func assembled() -> UInt128? {
            guard let compressedAt else { return pieces.count == 8 ? Self.join(pieces) : nil }
            guard pieces.count < 8 else { return nil }
            let zeros = [UInt16](repeating: 0, count: 8 - pieces.count)
            return Self.join(pieces[..<compressedAt] + zeros + pieces[compressedAt...])
        }

        private static func join(_ pieces: some Sequence<UInt16>) -> UInt128 {
            pieces.reduce(0) { $0 << 16 | UInt128($1) }
        }
    }
}
