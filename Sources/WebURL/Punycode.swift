/// Punycode (RFC 3492), the ASCII form of one label without its `xn--`.
enum Punycode {
    private static let base = 36
    private static let lowestThreshold = 1
    private static let highestThreshold = 26
    private static let initialBias = 72
    private static let initialCode = 128
    /// Labels beyond this many scalars are refused: encoding takes time proportional to the square of the length.
    private static let maximumLength = 1_024

    /// Encodes a label; `nil` when it is too long.
    static func encode(_ label: [Unicode.Scalar]) -> [UInt8]? {
        guard label.count <= maximumLength else { return nil }
        var output = label.filter(\.isASCII).map { UInt8(truncatingIfNeeded: $0.value) }
        let basicCount = output.count
        if basicCount > 0 { output.append(UInt8(ascii: "-")) }
        var state = State()
        var handled = basicCount
        while handled < label.count {
            guard let next = label.lazy.map({ Int($0.value) }).filter({ $0 >= state.code }).min() else { return nil }
            state.delta += (next - state.code) * (handled + 1)
            state.code = next
            for scalar in label {
                if scalar.value < state.code { state.delta += 1 }
                guard Int(scalar.value) == state.code else { continue }
                appendVariableLength(state.delta, bias: state.bias, to: &output)
                state.adapt(total: handled + 1, isFirst: handled == basicCount)
                handled += 1
            }
            state.delta += 1
            state.code += 1
        }
        return output
    }

    /// Decodes a label; `nil` when it is malformed or too long.
    static func decode(_ input: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar]? {
        guard input.count <= maximumLength, input.allSatisfy(\.isASCII) else { return nil }
        let delimiter = input.lastIndex(of: "-")
        var output = Array(input[..<(delimiter ?? input.startIndex)])
        var rest = delimiter.map { input[($0 + 1)...] } ?? input
        var state = State()
        var position = 0
        while !rest.isEmpty {
            let previous = position
            guard let advance = readVariableLength(&rest, bias: state.bias) else { return nil }
            position += advance
            let total = output.count + 1
            state.delta = position - previous
            state.adapt(total: total, isFirst: previous == 0)
            state.code += position / total
            position %= total
            guard let value = UInt32(exactly: state.code), let scalar = Unicode.Scalar(value) else { return nil }
            output.insert(scalar, at: position)
            position += 1
        }
        return output
    }

    private struct State {
        var code = initialCode
        var bias = initialBias
        var delta = 0

        /// Bias adaptation (RFC 3492, section 6.1); leaves `delta` at zero.
        mutating func adapt(total: Int, isFirst: Bool) {
            var delta = isFirst ? delta / 700 : delta / 2
            delta += delta / total
            var steps = 0
            while delta > (base - lowestThreshold) * highestThreshold / 2 {
                delta /= base - lowestThreshold
                steps += base
            }
            bias = steps + (base - lowestThreshold + 1) * delta / (delta + 38)
            self.delta = 0
        }
    }

    private static func threshold(at position: Int, bias: Int) -> Int {
        min(max(position - bias, lowestThreshold), highestThreshold)
    }

    private static func appendVariableLength(_ value: Int, bias: Int, to output: inout [UInt8]) {
        var rest = value
        var position = base
        while true {
            let limit = threshold(at: position, bias: bias)
            if rest < limit { break }
            output.append(digit(limit + (rest - limit) % (base - limit)))
            rest = (rest - limit) / (base - limit)
            position += base
        }
        output.append(digit(rest))
    }

    private static func readVariableLength(_ input: inout ArraySlice<Unicode.Scalar>, bias: Int) -> Int? {
        var value = 0
        var weight = 1
        var position = base
        while let scalar = input.popFirst() {
            guard let digit = self.value(of: scalar) else { return nil }
            value += digit * weight
            let limit = threshold(at: position, bias: bias)
            if digit < limit { return value }
            weight *= base - limit
            position += base
            // No code point lies beyond this, so a longer number is an attack or an error.
            guard weight < 1 << 40, value < 1 << 40 else { return nil }
        }
        return nil
    }

    private static func digit(_ value: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: value < 26 ? value + 0x61 : value - 26 + 0x30)
    }

    private static func value(of scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "a"..."z": Int(scalar.value) - 0x61
        case "A"..."Z": Int(scalar.value) - 0x41
        case "0"..."9": Int(scalar.value) - 0x30 + 26
        default: nil
        }
    }
}
