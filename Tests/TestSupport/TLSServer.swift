import Foundation

/// A TLS server of one page on 127.0.0.1, with a certificate of its own that no authority has signed; it stops when it is
/// stopped.
public struct TLSServer: Sendable {
    /// The port that it listens on.
    public let port: Int
    /// The certificate, PEM: as a file of authorities it makes the server trusted.
    public let certificate: String
    private let process: TestProcess
    private let folder: URL

    /// Makes the certificate and starts the server.
    ///
    /// - Parameters:
    ///   - host: the name in the certificate.
    ///   - protocols: what the server offers by ALPN.
    public static func start(
        host: String, protocols: [String] = ["h2", "http/1.1"], body: String
    ) async throws -> TLSServer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        let openssl = try TestProcess(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)", "-keyout", key, "-out", certificate,
            ])
        guard openssl.wait() == 0 else { throw TestServices.Failure(message: "openssl: \(openssl.text)") }
        let process = try TestProcess(
            "/usr/bin/env",
            [
                "python3", TestServices.project + "/Tests/Servers/tls_server.py", certificate, key,
                protocols.joined(separator: ","), body,
            ])
        try await process.wait(for: "\n")
        guard let port = Int(process.text.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") else {
            throw TestServices.Failure(message: "the TLS server did not start: \(process.text)")
        }
        return TLSServer(port: port, certificate: certificate, process: process, folder: folder)
    }

    /// The protocols of the requests so far.
    public var requests: [String] { process.text.split(separator: "\n").dropFirst().map(String.init) }

    /// Waits for so many requests, ten seconds at most: what the server writes of them comes a little later than its answers.
    ///
    /// - Returns: the protocols of the requests so far.
    public func requests(atLeast count: Int) async throws -> [String] {
        for _ in 0..<500 where requests.count < count { try await Task.sleep(for: .milliseconds(20)) }
        return requests
    }

    /// Ends it.
    public func stop() {
        process.kill()
        try? FileManager.default.removeItem(at: folder)  // the temporary folder is cleared sometime anyway
    }
}
