/// What can go wrong when bytes are compressed or decompressed.
public struct CompressionError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind of a failure; new kinds may be added.
    public struct Code: Sendable, Hashable {
        /// A short name from a fixed set, fit for a metric label.
        public let name: String

        /// The bytes are not in the format.
        public static let corrupt = Code(name: "corrupt")
        /// The bytes end in the middle.
        public static let truncated = Code(name: "truncated")
        /// The output would be larger than the caller allows.
        public static let tooLarge = Code(name: "too_large")
        /// The library could not get memory.
        public static let outOfMemory = Code(name: "out_of_memory")
        /// The library refused its own parameters.
        public static let failed = Code(name: "failed")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened.
    public let message: String
    /// Where it was raised, as file and line.
    public let location: String

    init(_ code: Code, _ message: String, file: String = #fileID, line: Int = #line) {
        self.code = code
        self.message = message
        location = "\(file):\(line)"
    }

    /// Whether the same call could succeed later: only where memory was short.
    public var isRetriable: Bool { code == .outOfMemory }
    /// A short name from a fixed set, fit for a metric label.
    public var shortDescription: String { code.name }
    /// The message with its kind.
    public var description: String { "compression \(code.name): \(message)" }
    /// The description and where it was raised.
    public var debugDescription: String { "\(description) (\(location))" }
}
