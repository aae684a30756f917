import Foundation
import Postgres
import Testing

/// The server's certificate is for `localhost`, and signed by an authority that no system knows.
extension DatabaseTests {
    private func url(host: String, authority: Bool = true) throws -> String {
        let file = try #require(ProcessInfo.processInfo.environment["WIREROOM_TEST_AUTHORITY"])
        return TestDatabase.url.replacing("@127.0.0.1:", with: "@\(host):") + "?sslmode=verify-full&sslrootcert="
            + (authority ? file : "/etc/ssl/certs/ca-certificates.crt")
    }

    @Test func anEncryptedConnectionIsMadeToTheHostOfTheCertificate() async throws {
        try await TestDatabase.withConnection(url: url(host: "localhost")) { connection in
            let row = try await connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").first
            #expect(try row?.decode(0, as: Bool.self) == true)
        }
    }

    @Test func anotherHostNameAndAnotherAuthorityAreRefused() async throws {
        let named = try await postgresError {
            try await TestDatabase.withConnection(url: url(host: "127.0.0.1")) { _ in }
        }
        #expect(named.code == .connectionFailed && named.message.contains("host name"), "\(named)")
        let signed = try await postgresError {
            try await TestDatabase.withConnection(url: url(host: "localhost", authority: false)) { _ in }
        }
        #expect(signed.code == .connectionFailed && signed.message.contains("certificate"), "\(signed)")
    }
}
