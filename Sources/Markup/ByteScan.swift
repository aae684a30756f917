internal import Glibc
// Not Foundation, whose own ICU and that of the libxml2 headers cannot be seen by one module.

/// Searching for single bytes, which is most of what splitting a page into tags is.
enum ByteScan {
    /// Where a byte first stands in a range, or the range's end.
    static func first(_ byte: UInt8, in bytes: [UInt8], _ range: Range<Int>) -> Int {
        guard range.lowerBound < range.upperBound, range.upperBound <= bytes.count else { return range.upperBound }
        return unsafe bytes.withUnsafeBytes { buffer in
            // The range lies inside of the array, as checked above, so the base address is not nil.
            guard let base = buffer.baseAddress else { return range.upperBound }
            guard let found = unsafe memchr(base + range.lowerBound, Int32(byte), range.count) else {
                return range.upperBound
            }
            return unsafe UnsafeRawPointer(found) - base
        }
    }
}
