internal import Captures
internal import Digests
internal import Fetch
internal import Foundation
internal import Model
internal import WebURL

/// What is made of answers: captures of pages, URLs of feeds, sitemaps and watched pages, refusals of the rest.
extension LeaseRunner {
    /// What an answer that is no redirect comes to.
    func answer(
        _ response: FetchResponse, to leased: LeasedURL, at url: ParsedURL, chain: [String], _ host: LeasedHost,
        _ memory: PageMemory
    ) async -> (Visit, HostSignal?) {
        let status = response.status
        func visit(_ result: Visit.Result) -> Visit {
            var visit = Visit(result, status: status, response: response.timings.total)
            visit.etag = response.headers["ETag"]
            visit.lastModified = response.headers["Last-Modified"]
            visit.wasConditional =
                chain.isEmpty && (leased.etag ?? leased.lastModified) != nil && leased.mayAskConditionally(now: Date())
            if leased.kind != .article { visit.askedInterval = CacheLifetime.asked(by: response.headers) }
            visit.serverAddress = response.remoteAddress.map { "\($0)" }
            return visit
        }
        switch status {
        case 200...299 where status != 204 && status != 205:
            guard !response.isTruncated else { return (visit(.dropped(.tooLarge, "larger than the cap")), nil) }
            return (await read(response, of: leased, at: url, chain: chain, memory, visit), nil)
        case 304:
            var unchanged = visit(.unchanged)
            if leased.kind == .article || leased.kind == .document {
                unchanged.revisit = capture(of: response, for: leased, at: url, chain: chain)
            }
            return (unchanged, nil)
        case 429, 503:
            let signal = incident(on: host, reason: "HTTP \(status)", retryAfter: response.retryAfter(now: Date()))
            return (visit(.postponed("HTTP \(status)")), signal)
        case 401, 403, 451: return (visit(.dropped(.accessDenied, "HTTP \(status)")), nil)
        case 408, 425, 500...599: return (visit(.failed("HTTP \(status)")), nil)
        default: return (visit(.dropped(.notFound, "HTTP \(status)")), nil)
        }
    }

    /// Makes a capture, or a list of URLs, of an answer's body.
    @concurrent private func read(
        _ response: FetchResponse, of leased: LeasedURL, at url: ParsedURL, chain: [String], _ memory: PageMemory,
        _ visit: (Visit.Result) -> Visit
    ) async -> Visit {
        do {
            guard leased.kind == .article || leased.kind == .document else {
                return try list(response, of: leased, at: url, memory, visit)
            }
            var result = try article(response, of: leased, at: url, chain: chain, visit)
            if leased.kind == .article {
                result.twin = discoverer.twin(of: url, in: response.body, scope: scope(of: leased.source))
            }
            return result
        } catch {
            return visit(.failed("\(error)"))
        }
    }

    /// Reads a feed, sitemap or watched page, unless it is the same as last time.
    private func list(
        _ response: FetchResponse, of leased: LeasedURL, at url: ParsedURL, _ memory: PageMemory,
        _ visit: (Visit.Result) -> Visit
    ) throws -> Visit {
        let digest = SHA256Digest.digest(response.body)
        guard digest != leased.lastDigest else {
            var same = visit(.unchanged)
            same.digest = digest
            return same
        }
        let contentType = response.headers["Content-Type"]
        let scope = scope(of: leased.source) ?? SourceScope(homepage: url)
        let finding =
            switch leased.kind {
            case .feed:
                try discoverer.feed(response.body, at: url, contentType: contentType, scope: scope, now: Date())
            case .sitemap:
                try discoverer.sitemap(
                    response.body, at: url, contentType: contentType, scope: scope, now: Date(),
                    isFirst: leased.itemsSeen == nil)
            case .home, .article, .document:
                discoverer.home(
                    response.body, at: url, contentType: contentType, scope: scope, now: Date(), memory: memory,
                    watchesSections: leased.source.map { isHomepage(leased.url, of: $0) } ?? false)
            }
        var result = visit(.listed(items: finding.items, newest: finding.newest))
        result.discovered = finding.urls
        result.askedInterval = [finding.askedInterval, result.askedInterval].compactMap(\.self).max()
        result.digest = digest
        result.itemDates = finding.dates
        result.hubs = WebSubHubs.hubs(of: response.headers, at: url) + finding.hubs
        result.refusals = finding.refusalsJSON
        result.links = finding.links
        result.stale = finding.stale
        return result
    }

    /// Whether a watched page is the source's home page, there or where that leads to, such as `www.`, and not a section.
    private func isHomepage(_ url: String, of source: LeasedSource) -> Bool {
        guard let page = ParsedURL(url) else { return false }
        return page.pathAndQuery == "/" || page.href == ParsedURL(source.homepage)?.href
    }

    private func article(
        _ response: FetchResponse, of leased: LeasedURL, at url: ParsedURL, chain: [String],
        _ visit: (Visit.Result) -> Visit
    ) throws -> Visit {
        let contentType = response.headers["Content-Type"]
        if let kind = ContentSniffer.kindWithoutText(response.body, contentType: contentType) {
            return visit(.dropped(.unsupportedContent, kind))
        }
        let directives = RobotsDirectives.read(
            headers: response.headers, body: response.body, contentType: contentType,
            productToken: CrawlConfiguration.productToken)
        var result: Visit
        if let directive = directives.first(where: configuration.respectedDirectives.contains) {
            result = visit(.dropped(.robotsDirective, directive))
        } else {
            let capture = capture(of: response, for: leased, at: url, chain: chain)
            let digest = PostgresCaptureStore.digest(of: capture)
            if digest == leased.lastDigest {
                result = visit(.unchanged)
                result.revisit = capture
            } else {
                result = visit(.captured(try PostgresCaptureStore.prepare(capture, digest: digest)))
            }
        }
        result.robotsDirectives = directives
        return result
    }

    private func capture(
        of response: FetchResponse, for leased: LeasedURL, at url: ParsedURL, chain: [String]
    ) -> Capture {
        Capture(
            urlID: leased.urlID, requestedURL: leased.url, finalURL: url.href, origin: .fetch, fetchedAt: Date(),
            body: response.body, status: response.status,
            headers: response.headers.fields.map { CaptureHeader(name: $0.name, value: $0.value) }, redirects: chain,
            remoteAddress: response.remoteAddress.map { "\($0)" }, contentType: response.headers["Content-Type"],
            durationMilliseconds: Int(response.timings.total / .milliseconds(1)), evidence: leased.evidence)
    }
}
