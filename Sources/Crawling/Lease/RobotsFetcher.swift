internal import Fetch
internal import Foundation
internal import WebURL

/// Fetches a robots.txt by the rules of RFC 9309, section 2.3.1.
struct RobotsFetcher: Sendable {
    let fetcher: FetchClient
    let configuration: CrawlConfiguration

    /// What came of it.
    enum Answer: Sendable {
        /// The rules that count, empty where the site has none.
        case rules([UInt8], status: Int)
        /// The site cannot be asked: everything is disallowed for now.
        case unreachable(String, retryAfter: Duration?)
        /// A redirect leads to another host, which is in use.
        case occupied(String)
    }

    /// Waits until a URL may be asked for; what it gives back is called after the answer. `nil`: not now.
    typealias Turn = (_ url: ParsedURL, _ isFirst: Bool) async throws -> (@Sendable () async throws -> Void)?

    /// Fetches, following redirects also to other hosts, as the RFC asks for at least five.
    ///
    /// - Parameters:
    ///   - acceptsAnyCertificate: whether certificates of this origin, not of others, are left unchecked.
    ///   - turn: asked before each request.
    func fetch(_ address: ParsedURL, acceptsAnyCertificate: Bool = false, turn: Turn) async throws -> Answer {
        var url = address
        let started = ContinuousClock.now
        for hop in 0...configuration.maximumRedirects where ContinuousClock.now - started <= configuration.fetchTimeout
        {
            guard let giveBack = try await turn(url, hop == 0) else { return .occupied(url.host ?? "\(url)") }
            let answer = await request(url, acceptsAnyCertificate && url.origin == address.origin)
            try await giveBack()
            switch answer {
            case .success(let response):
                guard let target = response.redirectTarget, target.isHTTP else { return judge(response) }
                url = target
            case .failure(let error):
                // A file beyond the cap counts with its first 500 KiB in the RFC; one that cannot be read counts as unreachable.
                return error.code == .addressRefused || error.code == .tooLarge
                    ? .rules([], status: 0) : .unreachable(error.message, retryAfter: nil)
            }
        }
        return .rules([], status: 310)
    }

    private func request(_ url: ParsedURL, _ acceptsAnyCertificate: Bool) async -> Result<FetchResponse, FetchError> {
        var request = FetchRequest(url: url, maximumBytes: RobotsRules.maximumBytes)
        request.acceptHeader = "text/plain,*/*;q=0.5"
        request.allowsInvalidCertificate = acceptsAnyCertificate
        do {
            return .success(try await fetcher.fetch(request))
        } catch {
            return .failure(error)
        }
    }

    private func judge(_ response: FetchResponse) -> Answer {
        switch response.status {
        case 200...299: .rules(response.body, status: response.status)
        case 429, 500...599:
            .unreachable("HTTP \(response.status)", retryAfter: response.retryAfter(now: Date()))
        default: .rules([], status: response.status)
        }
    }
}
