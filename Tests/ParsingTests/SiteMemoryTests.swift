import Foundation
@testable import Parsing
import Testing

@Suite struct SiteMemoryTests {
    private static let appeal =
        "The Quay Gazette lives on its readers, and every one of them keeps the lights on in our small newsroom."

    /// A page of a site whose template puts an appeal into each article, without any name that says so.
    private func page(_ topic: String, extra: String = "") -> String {
        let text = (1...6).map {
            "<p>Report \($0) on the \(topic) says that nobody had expected it, and that the \(topic) will stay.</p>"
        }.joined()
        return """
            <html><head><title>All about the \(topic)</title></head><body><div class="story"><h1>All about the \(topic)</h1>
            \(text)<p>\(Self.appeal)</p>\(extra)<p>In the end the \(topic) was carried home, as the harbour master told us.</p>
            </div></body></html>
            """
    }

    private func extract(_ html: String, _ memory: SiteMemory? = nil) throws -> (article: ExtractedArticle, PageImprint)
    {
        var context = ExtractionContext()
        context.memory = memory
        context.wantsImprint = true
        let extraction = DocumentExtractor.extraction(
            bytes: Array(html.utf8), url: "https://quay.example/a", contentType: "text/html", charset: nil,
            fetchedAt: nil, context: context)
        return (extraction.article, try #require(extraction.imprint))
    }

    private func learner(_ topics: [String]) throws -> SiteMemoryLearner {
        var learner = SiteMemoryLearner()
        for (index, topic) in topics.enumerated() {
            learner.add(try extract(page(topic)).1, site: "quay.example", url: "https://quay.example/\(index)")
        }
        return learner
    }

    @Test func leavesOutWhatRepeatsAndKeepsTheRest() throws {
        let without = try extract(page("anchor")).article
        #expect(without.body.contains(Self.appeal))
        let memory = try learner(["ferry", "lighthouse"]).memory(
            site: "quay.example", excluding: "https://quay.example/x")
        let with = try extract(page("anchor"), memory).article
        #expect(with.body == without.body.replacing(Self.appeal + "\n\n", with: ""))
        #expect(with.evidence["site_memory"] == "1")
    }

    @Test func saysNothingAfterOneOtherArticle() throws {
        let memory = try learner(["ferry"]).memory(site: "quay.example", excluding: "https://quay.example/x")
        #expect(try extract(page("anchor"), memory).article.body.contains(Self.appeal))
    }

    @Test func leavesThePageItselfOut() throws {
        let learner = try learner(["anchor", "ferry"])
        let memory = learner.memory(site: "quay.example", excluding: "https://quay.example/0")
        #expect(memory.articles == 1)
        #expect(memory.counts.isEmpty)
    }

    @Test func countsReprintsOnOneSiteOnce() throws {
        let learner = try learner(["anchor", "anchor", "anchor", "anchor"])
        let memory = learner.memory(site: "quay.example", excluding: "https://quay.example/0")
        #expect(memory.articles == 1)
        let article = try extract(page("anchor"), memory).article
        #expect(article.body == (try extract(page("anchor")).article.body))
    }

    @Test func countsAnAddressOnce() throws {
        var learner = SiteMemoryLearner()
        for topic in ["ferry", "lighthouse", "buoy"] {
            learner.add(try extract(page(topic)).1, site: "quay.example", url: "https://quay.example/live")
        }
        #expect(learner.memory(site: "quay.example", excluding: "").articles == 1)
    }

    @Test func readsAReprintUnderAnotherTitleInFull() throws {
        var learner = SiteMemoryLearner()
        for title in ["First title", "Second title", "Third title"] {
            let html = page("anchor").replacing("All about the anchor", with: title)
            learner.add(try extract(html).1, site: "quay.example", url: "https://quay.example/\(title)")
        }
        let memory = learner.memory(site: "quay.example", excluding: "")
        #expect(memory.articles == 3)
        #expect(try extract(page("anchor"), memory).article.body == (try extract(page("anchor")).article.body))
    }

    @Test func tellsSitesApart() throws {
        let memory = try learner(["ferry", "lighthouse"]).memory(site: "other.example", excluding: "")
        #expect(memory.articles == 0)
    }

    @Test func tellsATextInAnotherPlaceApart() throws {
        // The standfirst of a piece stands in other pages' list of recommended pieces.
        let lead = "The anchor that nobody had missed for ninety years came up on Tuesday with the morning tide."
        let box = "<div class=\"box\"><div class=\"item\"><p class=\"t\">\(lead)</p></div></div>"
        var learner = SiteMemoryLearner()
        for (index, topic) in ["ferry", "lighthouse", "buoy"].enumerated() {
            learner.add(
                try extract(page(topic, extra: box)).1, site: "quay.example", url: "https://quay.example/\(index)")
        }
        let memory = learner.memory(site: "quay.example", excluding: "")
        #expect(try extract(page("anchor", extra: "<p>\(lead)</p>"), memory).article.body.contains(lead))
    }

    @Test func keepsAStandfirstBesideALineThatRepeats() throws {
        // The standfirst and the appeal stand beside the text's own element: without the appeal that element alone weighs most.
        func page(_ topic: String) -> String {
            let text = (1...6).map {
                "<p>Report \($0) on the \(topic) says that nobody had expected it, and that the \(topic) will stay.</p>"
            }.joined()
            return """
                <html><head><title>All about the \(topic)</title></head><body><div class="page"><h1>All about the \(topic)</h1>
                <p>The \(topic) that nobody had missed came up on Tuesday.</p><div class="story-body">\(text)</div>
                <p>\(Self.appeal) \(Self.appeal)</p></div></body></html>
                """
        }
        var learner = SiteMemoryLearner()
        for (index, topic) in ["ferry", "lighthouse"].enumerated() {
            learner.add(try extract(page(topic)).1, site: "quay.example", url: "https://quay.example/\(index)")
        }
        let memory = learner.memory(site: "quay.example", excluding: "https://quay.example/x")
        let without = try extract(page("anchor")).article.body
        #expect(without.contains(Self.appeal))
        let with = try extract(page("anchor"), memory).article.body
        #expect(!with.contains(Self.appeal))
        #expect(with.contains("The anchor that nobody had missed came up on Tuesday."))
    }

    @Test func passesOverABackgroundThatSomeReportsShare() throws {
        let counts: [Int64: Int] = [1: 2, 2: 6, 3: 48]
        let memory = SiteMemory(articles: 48, counts: counts)
        #expect(memory.repeats(1) == nil)
        #expect(memory.repeats(2) == 6)
        #expect(memory.repeats(3) == 48)
        #expect(memory.repeats(4) == nil)
    }

    @Test(
        arguments: [
            ("https://www.quay.example/a", "quay.example"), ("http://news.quay.co.uk/", "quay.co.uk"),
            ("file:///tmp/a.html", nil), ("nonsense", nil),
        ] as [(String, String?)])
    func namesTheSite(_ url: String, _ site: String?) {
        #expect(PageSite.name(ofURL: url) == site)
    }
}
