/// Writes one JSON object as UTF-8.
struct JSONWriter {
    private var bytes: [UInt8] = [0x7B]

    /// Adds a string, or `null`.
    mutating func add(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { bytes.append(contentsOf: "null".utf8) }
    }

    /// Adds an array of strings.
    mutating func add(_ name: String, _ values: [String]) {
        key(name)
        bytes.append(0x5B)
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            string(value)
        }
        bytes.append(0x5D)
    }

    /// Adds a number with three digits after the point.
    mutating func add(_ name: String, _ value: Double) {
        key(name)
        let thousandths = value.isFinite ? Int((min(max(value, 0), 1e12) * 1000).rounded()) : 0
        let digits = String(thousandths % 1000)
        bytes.append(contentsOf: String(thousandths / 1000).utf8)
        bytes.append(0x2E)
        bytes.append(contentsOf: repeatElement(0x30, count: 3 - digits.utf8.count))
        bytes.append(contentsOf: digits.utf8)
    }

    /// Adds a value that is JSON already.
    mutating func add(_ name: String, json: [UInt8]) {
        key(name)
        bytes.append(contentsOf: json)
    }

    /// Adds a whole number.
    mutating func add(_ name: String, _ value: Int) {
        key(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// The object.
    consuming func finish() -> [UInt8] {
        bytes.append(0x7D)
        return bytes
    }

    private mutating func key(_ name: String) {
        if bytes.count > 1 { bytes.append(0x2C) }
        string(name)
        bytes.append(0x3A)
    }

    private mutating func string(_ text: String) {
        bytes.append(0x22)
        let letters = Array(text.utf8)
        var written = 0
        for (place, byte) in letters.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F {
            bytes.append(contentsOf: letters[written..<place])
            escape(byte)
            written = place + 1
        }
        bytes.append(contentsOf: letters[written...])
        bytes.append(0x22)
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22, 0x5C:
            bytes.append(0x5C)
            bytes.append(byte)
        case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
        case 0x09: bytes.append(contentsOf: [0x5C, 0x74])
        default:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(Self.hexadecimal[Int(byte >> 4)])
            bytes.append(Self.hexadecimal[Int(byte & 15)])
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
