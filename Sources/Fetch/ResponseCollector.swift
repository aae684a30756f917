/// Collects one answer from the pieces that libcurl hands over, within limits. It does no I/O and reads no clock.
struct ResponseCollector {
    private(set) var headers = HTTPHeaders()
    private(set) var body: [UInt8] = []
    /// The body was longer than allowed and was cut.
    private(set) var isTruncated = false
    /// The headers were larger than allowed.
    private(set) var hasTooManyHeaders = false

    private let maximumBodyBytes: Int
    private let maximumHeaderBytes: Int
    private let maximumHeaderLines: Int
    private var headerBytes = 0
    private var headerLines = 0
    private var isComplete = false

    init(maximumBodyBytes: Int, maximumHeaderBytes: Int, maximumHeaderLines: Int) {
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumHeaderLines = maximumHeaderLines
    }

    /// Takes decoded body bytes; returns how many it took. Fewer than given makes libcurl end the transfer.
    mutating func receiveBody(_ bytes: some Collection<UInt8>) -> Int {
        if body.isEmpty { reserve() }
        let taken = min(bytes.count, maximumBodyBytes - body.count)
        body.append(contentsOf: bytes.prefix(taken))
        if taken < bytes.count { isTruncated = true }
        return taken
    }

    /// Makes room for the body that the headers announce, within reason: they may say anything.
    private mutating func reserve() {
        guard let announced = headers["Content-Length"].flatMap({ Int($0) }), announced > 0 else { return }
        body.reserveCapacity(min(announced, maximumBodyBytes, Self.mostReserved))
    }

    private static let mostReserved = 1 << 20

    /// Takes one header line with its line end; `false` makes libcurl end the transfer.
    ///
    /// A status line begins a new answer, behind an interim one. Lines behind the empty line are trailers and are
    /// dropped.
    mutating func receiveHeader(_ line: [UInt8]) -> Bool {
        headerBytes += line.count
        headerLines += 1
        guard headerBytes <= maximumHeaderBytes, headerLines <= maximumHeaderLines else {
            hasTooManyHeaders = true
            return false
        }
        if line.starts(with: "HTTP/".utf8) {
            headers = HTTPHeaders()
            isComplete = false
            return true
        }
        let content = Self.trimmed(line[...])
        if content.isEmpty { isComplete = true }
        if !isComplete { addField(content, isFolded: line.first == 0x20 || line.first == 0x09) }
        return true
    }

    private mutating func addField(_ content: ArraySlice<UInt8>, isFolded: Bool) {
        if isFolded {
            headers.continueLast(with: Self.text(content))
        } else if let colon = content.firstIndex(of: UInt8(ascii: ":")) {
            headers.append(
                name: Self.text(Self.trimmed(content[..<colon])),
                value: Self.text(Self.trimmed(content[(colon + 1)...])))
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
        return bytes.drop(while: isSpace)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }

    /// UTF-8 where the bytes are valid, else Latin-1, the historical encoding of header values.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}
