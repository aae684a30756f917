/// The blocks of the IANA special-purpose address registries (RFC 6890 and successors) that a crawler must not contact.
enum SpecialAddresses {
    struct Block: Sendable {
        let range: AddressRange
        let refusal: AddressRefusal
    }

    static func blocks(of address: IPAddress) -> [Block] {
        switch address {
        case .v4: ipv4
        case .v6: ipv6
        }
    }

    /// Outside this block no IPv6 address is globally routed today.
    static let globalUnicast = AddressRange.globalUnicast

    private static let ipv4 = blocks([
        ("0.0.0.0/8", .unspecified), ("10.0.0.0/8", .privateNetwork), ("100.64.0.0/10", .sharedNetwork),
        ("127.0.0.0/8", .loopback), ("168.63.129.16/32", .metadata), ("169.254.0.0/16", .linkLocal),
        ("172.16.0.0/12", .privateNetwork), ("192.0.0.0/24", .reserved), ("192.0.2.0/24", .documentation),
        ("192.88.99.0/24", .translation), ("192.168.0.0/16", .privateNetwork), ("198.18.0.0/15", .documentation),
        ("198.51.100.0/24", .documentation), ("203.0.113.0/24", .documentation), ("224.0.0.0/4", .multicast),
        ("255.255.255.255/32", .multicast), ("240.0.0.0/4", .reserved),
    ])

    private static let ipv6 = blocks([
        ("::/128", .unspecified), ("::1/128", .loopback), ("::ffff:0:0/96", .translation), ("::/96", .translation),
        ("64:ff9b::/96", .translation), ("64:ff9b:1::/48", .translation), ("100::/64", .reserved),
        ("2001::/32", .translation), ("2001:2::/48", .documentation), ("2001:db8::/32", .documentation),
        ("2001::/23", .reserved), ("2002::/16", .translation), ("3fff::/20", .documentation),
        ("fc00::/7", .privateNetwork),
        ("fe80::/10", .linkLocal), ("fec0::/10", .privateNetwork), ("ff00::/8", .multicast),
    ])

    private static func blocks(_ table: [(String, AddressRefusal)]) -> [Block] {
        table.map { text, refusal in
            guard let range = AddressRange(text) else { preconditionFailure("not an address range: \(text)") }
            return Block(range: range, refusal: refusal)
        }
    }
}

extension AddressRange {
    fileprivate static let globalUnicast: AddressRange = {
        guard let range = AddressRange("2000::/3") else { preconditionFailure("not an address range") }
        return range
    }()
}

/// Host names that only a private resolver can know.
enum InternalNames {
    private static let zones: Set<String> = [
        "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "onion",
        "invalid", "alt",
    ]

    /// Whether `host`, in lower case, has no dot or lies in a private zone. A trailing dot is ignored.
    static func contains(_ host: String) -> Bool {
        let labels = host.split(separator: ".")
        guard labels.count > 1, let zone = labels.last else { return true }
        return zones.contains(String(zone))
    }
}

/// Ports that a URL of the web never names: the list of the Fetch standard, and those of databases, brokers and
/// engines.
enum RefusedPorts {
    static let all: Set<Int> = [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
        110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
        531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
        5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
        // Engines, key-value stores, brokers and databases.
        445, 1433, 1521, 2375, 2376, 2377, 2379, 2380, 3306, 3389, 4369, 5432, 5671, 5672, 5984, 6379, 6380, 6432, 7000,
        7001, 8086, 8500, 9042, 9092, 9200, 9300, 10250, 10255, 11211, 15671, 15672, 15692, 25672, 27017, 27018, 61613,
        61616,
    ]
}
