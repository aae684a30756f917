/// Searching in bytes, for short needles.
enum ByteSearch {
    /// Whether the needle stands anywhere in the bytes.
    static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        firstIndex(of: needle, in: bytes) != nil
    }

    /// Where the needle first stands at or after `start`, or `nil`.
    static func firstIndex<Bytes: RandomAccessCollection<UInt8>>(
        of needle: [UInt8], in bytes: Bytes, from start: Int = 0
    ) -> Int? where Bytes.Index == Int {
        guard let first = needle.first, bytes.count >= needle.count else { return nil }
        var position = max(start, bytes.startIndex)
        let last = bytes.endIndex - needle.count
        while position <= last {
            if bytes[position] == first {
                var matched = 1
                while matched < needle.count, bytes[position + matched] == needle[matched] { matched += 1 }
                if matched == needle.count { return position }
            }
            position += 1
        }
        return nil
    }
}
