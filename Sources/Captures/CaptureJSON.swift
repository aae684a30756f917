/// The JSON of a capture's headers and redirects. Written by hand: the general encoder costs 30 µs a page.
enum CaptureJSON {
    /// `[{"name":…,"value":…},…]`
    static func headers(_ headers: [CaptureHeader]) -> String {
        array(headers) { header, bytes in
            bytes.append(contentsOf: #"{"name":"#.utf8)
            append(header.name, to: &bytes)
            bytes.append(contentsOf: #","value":"#.utf8)
            append(header.value, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// An array of strings.
    static func strings(_ strings: [String]) -> String {
        array(strings, append)
    }

    private static func array<Item>(_ items: [Item], _ write: (Item, inout [UInt8]) -> Void) -> String {
        var bytes = [UInt8(ascii: "[")]
        for item in items {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            write(item, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A string in quotes (RFC 8259, section 7). NUL is left out, since no PostgreSQL text can hold it.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 where byte != 0 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case ..<0x20:
                bytes.append(contentsOf: byte < 0x10 ? "\\u000".utf8 : "\\u00".utf8)
                bytes.append(contentsOf: String(byte, radix: 16).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
