import Testing
import WebURL

struct AddressPolicyTests {
    private let policy = AddressPolicy()

    @Test(arguments: [
        ("0.1.2.3", AddressRefusal.unspecified), ("10.255.0.1", .privateNetwork), ("100.64.3.4", .sharedNetwork),
        ("127.3.2.1", .loopback), ("169.254.1.2", .linkLocal), ("172.31.255.255", .privateNetwork),
        ("192.168.4.5", .privateNetwork), ("192.0.0.8", .reserved), ("192.0.2.7", .documentation),
        ("198.19.1.1", .documentation), ("198.51.100.1", .documentation), ("203.0.113.77", .documentation),
        ("224.0.0.251", .multicast), ("250.1.1.1", .reserved), ("255.255.255.255", .multicast),
        ("168.63.129.16", .metadata),
        ("::", .unspecified), ("::1", .loopback), ("::ffff:8.8.8.8", .translation), ("::7f00:1", .translation),
        ("64:ff9b::808:808", .translation), ("64:ff9b:1::1", .translation), ("2001::1", .translation),
        ("2002:808:808::1", .translation), ("2001:db8:1::1", .documentation), ("2001:2::5", .documentation),
        ("3fff::1", .documentation), ("2001:20::1", .reserved), ("fd12::1", .privateNetwork), ("fe80::1", .linkLocal),
        ("fec0::1", .privateNetwork), ("ff02::fb", .multicast), ("100::1", .reserved), ("4000::1", .reserved),
    ])
    func refusesSpecialAddresses(text: String, refusal: AddressRefusal) throws {
        #expect(policy.refusal(of: try #require(IPAddress(text))) == refusal)
    }

    @Test(arguments: [
        "1.1.1.1", "100.128.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "2a00::1",
    ])
    func permitsPublicAddresses(text: String) throws {
        #expect(policy.permits(try #require(IPAddress(text))))
    }

    @Test(arguments: [
        ("http://2130706433/", AddressRefusal.loopback), ("http://[::ffff:7f00:1]/", .translation),
        ("ftp://a.example/", .scheme), ("file:///etc/passwd", .scheme), ("mailto:x", .scheme),
        ("http://broker/", .internalName),
        ("http://Printer.LOCAL./", .internalName), ("http://x.internal/", .internalName),
        ("http://a.example:5432/", .port),
        ("http://a.example:25/", .port),
    ])
    func refusesURLs(text: String, refusal: AddressRefusal) throws {
        #expect(policy.refusal(of: try #require(ParsedURL(text))) == refusal)
    }

    @Test(arguments: ["https://a.example/", "http://a.example:8080/", "http://8.8.8.8/", "http://localhost.example/"])
    func permitsURLs(text: String) throws {
        #expect(policy.permits(try #require(ParsedURL(text))))
    }

    @Test func opensOnlyTheRangesThatAreAllowed() throws {
        let open = AddressPolicy(allowing: [
            try #require(AddressRange("10.1.0.0/16")), try #require(AddressRange("::1")),
        ])
        #expect(open.permits(try #require(IPAddress("10.1.2.3"))))
        #expect(open.permits(try #require(IPAddress("::1"))))
        #expect(!open.permits(try #require(IPAddress("10.2.2.3"))))
        #expect(!open.permits(try #require(ParsedURL("http://broker/"))))
        #expect(AddressPolicy(allowsInternalNames: true).permits(try #require(ParsedURL("http://broker/"))))
    }

    @Test(arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "x", "", "1.2.3.4/", "10.0.0.0/8/8"])
    func refusesBrokenRanges(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func rangesMaskTheirAddress() throws {
        #expect(try #require(AddressRange("10.9.8.7/8")).description == "10.0.0.0/8")
        #expect(try #require(AddressRange("0.0.0.0/0")).contains(try #require(IPAddress("255.1.1.1"))))
        #expect(try #require(AddressRange("::/0")).contains(try #require(IPAddress("ff::1"))))
        #expect(!(try #require(AddressRange("::/0")).contains(try #require(IPAddress("1.2.3.4")))))
    }

    @Test func addressesRoundTrip() throws {
        #expect(IPAddress(bytes: [1, 2, 3, 4]) == IPAddress("1.2.3.4"))
        #expect(IPAddress(bytes: [UInt8](repeating: 0, count: 15) + [1])?.description == "::1")
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
        #expect(IPAddress("1.2.3") == nil)
        #expect(IPAddress("01.2.3.4") == nil)
        #expect(IPAddress("") == nil)
    }
}
