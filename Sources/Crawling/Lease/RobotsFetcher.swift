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
    }

    /// Fetches, following redirects also to other hosts, as the RFC asks for at least five.
    func fetch(_ address: ParsedURL) async -> Answer {
        var url = address
        let started = ContinuousClock.now
        for _ in 0...configuration.maximumRedirects where ContinuousClock.now - started <= configuration.fetchTimeout {
            var request = FetchRequest(url: url, maximumBytes: RobotsRules.maximumBytes)
            request.acceptHeader = "text/plain,*/*;q=0.5"
            do {
                let response = try await fetcher.fetch(request)
                if let target = response.redirectTarget, target.isHTTP {
                    url = target
                    continue
                }
                return judge(response)
            } catch {
                // A file beyond the cap counts with its first 500 KiB in the RFC; one that cannot be read counts as unreachable.
                return error.code == .addressRefused || error.code == .tooLarge
                    ? .rules([], status: 0) : .unreachable(error.message, retryAfter: nil)
            }
        }
        return .rules([], status: 310)
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
