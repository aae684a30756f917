import AMQP

/// What a message is called where rows and logs name it.
enum MessageIdentity {
    /// Whether a text can be a message's identity: not empty, at most 255 bytes (what the broker's own property holds),
    /// and free of control characters, of which PostgreSQL cannot store NUL.
    static func isStorable(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 255 && !id.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    /// A name for a message whose envelope cannot be read: the sender's, or one made of the bytes.
    static func fallback(_ message: AMQPMessage) -> String {
        if let id = message.properties.messageID, isStorable(id) { return id }
        // FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
        let hash = message.body.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return "unreadable:\(String(hash, radix: 16))"
    }
}

extension String {
    /// The text as headers and rows take it: without NUL, and cut to a number of bytes between two scalars.
    func storable(maximumBytes: Int = 500) -> String {
        var result = UnicodeScalarView()
        var count = 0
        for scalar in unicodeScalars where scalar.value != 0 {
            count += UTF8.width(scalar)
            guard count <= maximumBytes else { break }
            result.append(scalar)
        }
        return String(result)
    }
}
