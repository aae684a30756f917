/// The hash that names and words are looked up by: 64-bit FNV-1a over UTF-8.
///
/// Sixty-four bits make a false match among some hundred thousand names practically impossible, so that the names
/// themselves need not be stored. Method: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm" (RFC 9923).
struct NameHash: Hashable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func append(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes { append(byte) }
    }

    static func of(_ text: some Sequence<UInt8>) -> NameHash {
        var hash = NameHash()
        for byte in text { hash.append(byte) }
        return hash
    }
}
