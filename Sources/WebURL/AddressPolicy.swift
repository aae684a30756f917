/// Decides which addresses, names, ports and schemes the crawler may contact.
///
/// The web can name any address, so a crawler without a guard is a way into the network it runs in. The policy refuses
/// everything that the IANA special-purpose registries do not call globally reachable, and IPv6 forms that carry an
/// IPv4 address. It judges a URL before it is fetched (``refusal(of:)-(ParsedURL)``) and, since a name may resolve to
/// anything, the address of every connection when it is made (``refusal(of:)-(IPAddress)``).
public struct AddressPolicy: Sendable {
    /// Blocks that may be contacted although the policy would refuse them.
    public let allowing: [AddressRange]
    /// Whether names without a dot and names of private zones (`.local`, `.internal` …) may be contacted.
    public let allowsInternalNames: Bool

    /// Makes a policy. The defaults allow only the public internet.
    ///
    /// - Parameters:
    ///   - allowing: blocks that an operator explicitly opens, such as `127.0.0.0/8` for a demonstration.
    ///   - allowsInternalNames: opens names that only a private resolver knows. Their addresses are still judged.
    public init(allowing: [AddressRange] = [], allowsInternalNames: Bool = false) {
        self.allowing = allowing
        self.allowsInternalNames = allowsInternalNames
    }

    /// Why `address` may not be contacted, or `nil` when it may.
    public func refusal(of address: IPAddress) -> AddressRefusal? {
        guard !allowing.contains(where: { $0.contains(address) }) else { return nil }
        if let special = SpecialAddresses.blocks(of: address).first(where: { $0.range.contains(address) }) {
            return special.refusal
        }
        if case .v6 = address, !SpecialAddresses.globalUnicast.contains(address) { return .reserved }
        return nil
    }

    /// Why the URL may not be fetched, judged without resolving its host, or `nil` when it may.
    ///
    /// A host that is a literal address is judged as one.
    public func refusal(of url: ParsedURL) -> AddressRefusal? {
        guard url.isHTTP, let host = url.host, let port = url.effectivePort else { return .scheme }
        guard !RefusedPorts.all.contains(port) else { return .port }
        if let address = url.ipAddress { return refusal(of: address) }
        return allowsInternalNames || !InternalNames.contains(host) ? nil : .internalName
    }

    /// Whether `address` may be contacted.
    public func permits(_ address: IPAddress) -> Bool {
        refusal(of: address) == nil
    }

    /// Whether the URL may be fetched, as far as can be told without resolving its host.
    public func permits(_ url: ParsedURL) -> Bool {
        refusal(of: url) == nil
    }
}

/// Why an address, a name, a port or a scheme is refused.
public enum AddressRefusal: String, Sendable, CaseIterable {
    /// The unspecified address or "this network".
    case unspecified
    /// The machine itself.
    case loopback
    /// A private network: RFC 1918, unique local or site-local addresses.
    case privateNetwork = "private-network"
    /// Carrier-grade NAT, 100.64.0.0/10.
    case sharedNetwork = "shared-network"
    /// Link-local addresses, which include the metadata services of clouds.
    case linkLocal = "link-local"
    /// The metadata or host service of a cloud outside link-local addresses.
    case metadata
    /// Documentation and benchmark networks.
    case documentation
    /// Multicast and broadcast.
    case multicast
    /// An IPv6 address that stands for an IPv4 one: mapped, NAT64, 6to4 or Teredo.
    case translation
    /// Any other address that is not globally reachable.
    case reserved
    /// A name without a dot or in a private zone.
    case internalName = "internal-name"
    /// A port of a service that is not the web.
    case port
    /// Neither HTTP nor HTTPS, or no host.
    case scheme
}
