/// Why the classifier could not be made.
public struct ClassifyingError: Error, Sendable, CustomStringConvertible {
    /// What kind of error it is.
    public struct Code: Sendable, Hashable {
        /// A constant from a bounded set, fit for a metric label.
        public let label: String

        /// A resource file is missing from the bundle.
        public static let resourceMissing = Code(label: "resource_missing")
        /// A resource file is not of the form that this version reads.
        public static let resourceInvalid = Code(label: "resource_invalid")
    }

    /// What kind of error it is.
    public var code: Code
    /// What happened and what to do.
    public var message: String

    public var description: String { "\(code.label): \(message)" }

    /// From a bounded set, fit for a metric label.
    public var shortDescription: String { code.label }
}
