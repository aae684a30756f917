/// What the outcome of fetching `robots.txt` means for the host (RFC 9309, section 2.3.1).
public enum RobotsAvailability: Sendable, Hashable {
    /// The file was fetched: its rules apply.
    case rulesApply
    /// There is no file: everything is allowed.
    case everythingAllowed
    /// The server could not say: nothing may be fetched until it can.
    case nothingAllowed

    /// Judges the final status, after redirects: 2xx applies, 429 and 5xx allow nothing, all other statuses allow
    /// everything.
    ///
    /// - Parameter status: the HTTP status, or `nil` when the host was unreachable.
    public init(status: Int?) {
        switch status {
        case .some(200...299): self = .rulesApply
        case nil, 429, .some(500...): self = .nothingAllowed
        default: self = .everythingAllowed
        }
    }
}
