extension ParsedURL {
    /// The name under which the host was probably registered: `bbc.co.uk` for `www.bbc.co.uk`.
    ///
    /// A heuristic without the public suffix list: the last two labels, or three where the last is a country code and
    /// the one before it is a customary second level (`co`, `com`, `org` …). Good for grouping hosts, not for a
    /// security decision. An address or a single label is returned as it is; `nil` without a host.
    public var registrableHost: String? {
        guard let host, !host.isEmpty, ipAddress == nil else { return host }
        let labels = host.split(separator: ".")
        guard labels.count > 2, let last = labels.last else { return labels.joined(separator: ".") }
        let second = labels[labels.count - 2]
        let isSecondLevel = last.utf8.count == 2 && SecondLevel.labels.contains(String(second))
        return labels.suffix(isSecondLevel ? 3 : 2).joined(separator: ".")
    }

    /// Labels under which countries let names be registered.
    private enum SecondLevel {
        static let labels: Set<String> = [
            "ac", "asn", "co", "com", "edu", "go", "gob", "gouv", "gov", "gv", "id", "info", "ltd", "me", "mil", "ne",
            "net", "nic", "nom", "or", "org", "plc", "sch", "web",
        ]
    }
}
