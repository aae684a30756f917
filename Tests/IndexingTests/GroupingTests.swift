import Testing

@testable import Indexing

private struct Article {
    var title = ""
    var body: String
    var language = "en"
    /// `nil` where nobody knows.
    var hours: Double? = 0.0
}

/// The decisions about articles that come in the order given, with keys from 1.
private func decisions(_ articles: [Article]) -> [GroupingDecision] {
    var grouper = ArticleGrouper()
    return articles.enumerated().map { index, article in
        let time = article.hours.map { 1_700_000_000 + $0 * 3600 }
        let features = ArticleFeatures(
            title: article.title, body: article.body, language: article.language, time: time, published: time)
        return grouper.assign(features, key: Int64(index + 1), newStory: Int64(index + 1))
    }
}

@Suite struct GroupingTests {
    @Test func sameAffairInOtherWordsIsOneStoryAndNoReprint() {
        let result = decisions([Article(body: SampleTexts.dam), Article(body: SampleTexts.damByAnother, hours: 20)])
        #expect(result[1].story == 1)
        #expect(result[1].reprintOf == nil)
        #expect(result[1].original == 2)
    }

    @Test func affairsOfTheSameKindStayApart() {
        let result = decisions([
            Article(body: SampleTexts.dam), Article(body: SampleTexts.otherDam, hours: 1),
            Article(body: SampleTexts.chess, hours: 2),
        ])
        #expect(result.map(\.story) == [1, 2, 3])
    }

    @Test func namesBridgeLanguages() {
        let result = decisions([
            Article(body: SampleTexts.dam), Article(body: SampleTexts.damInGerman, language: "de", hours: 3),
            Article(body: SampleTexts.chess, hours: 4),
        ])
        #expect(result[1].story == 1)
        #expect(result[2].story == 3)
    }

    @Test func reprintJoinsTheStoryOfItsOriginal() {
        let result = decisions([
            Article(body: SampleTexts.dam), Article(body: SampleTexts.chess),
            Article(body: "By our staff. " + SampleTexts.dam, hours: 5),
        ])
        #expect(result[2].original == 1)
        #expect(result[2].reprintOf?.relation.kind == .near)
        #expect(result[2].story == 1)
    }

    @Test func reprintOfAReprintBelongsToTheFirst() {
        let result = decisions((0..<4).map { Article(body: SampleTexts.dam, hours: Double($0)) })
        #expect(result.map(\.original) == [1, 1, 1, 1])
        #expect(result.map(\.story) == [1, 1, 1, 1])
    }

    @Test func storiesAreForgottenAfterTheirWindow() {
        let result = decisions([
            Article(body: SampleTexts.dam), Article(body: SampleTexts.damByAnother, hours: 24 * 60),
        ])
        #expect(result[1].story == 2)
    }

    @Test func anUnknownTimeSeparatesNothing() {
        let far = 24.0 * 400
        for times: [Double?] in [[0, nil], [nil, 0], [nil, nil], [far, nil], [nil, far]] {
            let result = decisions([
                Article(body: SampleTexts.dam, hours: times[0]), Article(body: SampleTexts.otherDam, hours: far / 2),
                Article(body: SampleTexts.damByAnother, hours: times[1]),
            ])
            #expect(result.map(\.story) == [1, 2, 1])
        }
    }

    @Test func aStoryRemembersTheTimesOfItsDatedArticlesOnly() {
        let result = decisions([
            Article(body: SampleTexts.dam, hours: nil), Article(body: SampleTexts.damByAnother, hours: 24),
            Article(body: SampleTexts.dam + " Some sheep came back.", hours: nil),
            Article(body: SampleTexts.chess, hours: 24 * 100),
            Article(body: SampleTexts.damInGerman, language: "de", hours: 26),
        ])
        #expect(result.map(\.story) == [1, 1, 1, 4, 1])
    }

    @Test func aStoryIsNotLeftByAnEarlierArticleThatComesLate() {
        var profile = StoryProfile()
        for time in [100.0, 500, 300] { profile.add(nil, time: time, language: "en") }
        profile.add(nil, time: nil, language: "en")
        #expect([nil, 50, 100, 400, 500, 750].map { profile.distance(to: $0) } == [0, 50, 0, 0, 0, 250])
        #expect(StoryProfile().distance(to: 7) == 0)
    }

    @Test func anEarlierPublishedCopyIsKnownToPrecede() {
        let result = decisions([
            Article(body: SampleTexts.dam, hours: 5), Article(body: "By our staff. " + SampleTexts.dam, hours: 3),
            Article(body: SampleTexts.dam, hours: nil), Article(body: SampleTexts.dam, hours: 6),
        ])
        #expect(result.map { $0.precedes?.kind } == [nil, .near, nil, nil])
        #expect(result.map(\.original) == [1, 1, 1, 1])
    }

    @Test func unrelatedArticlesInBetweenChangeNothing() {
        var articles = [Article(body: SampleTexts.dam)]
        articles += (0..<300).map { number in
            let hours = number % 3 == 0 ? nil : Double(number) / 20
            return Article(body: SampleTexts.noise(words: 50, seed: number), hours: hours)
        }
        articles.append(Article(body: SampleTexts.damByAnother, hours: 16))
        articles.append(Article(body: SampleTexts.dam, hours: 16))
        let result = decisions(articles)
        #expect(result[301].story == 1)
        #expect(result[302].original == 1)
    }

    @Test func sameInputGivesTheSameDecisions() {
        let articles = [
            SampleTexts.dam, SampleTexts.damByAnother, SampleTexts.otherDam, SampleTexts.chess, SampleTexts.dam,
        ]
        .map { Article(body: $0) }
        let first = decisions(articles)
        let second = decisions(articles)
        #expect(first.map(\.story) == second.map(\.story))
        #expect(first.map(\.storyScore) == second.map(\.storyScore))
    }

    @Test func orderOfTwoArticlesDoesNotDecideWhetherTheyBelongTogether() {
        for pair in [[SampleTexts.dam, SampleTexts.damByAnother], [SampleTexts.dam, SampleTexts.otherDam]] {
            let forwards = decisions(pair.map { Article(body: $0) })
            let backwards = decisions(pair.reversed().map { Article(body: $0) })
            #expect((forwards[0].story == forwards[1].story) == (backwards[0].story == backwards[1].story))
        }
    }

    @Test(arguments: ["", "word", "?!", "1", "\u{FEFF}"])
    func nearlyEmptyArticlesStayAlone(_ body: String) {
        let result = decisions([Article(body: SampleTexts.dam), Article(body: body), Article(body: body)])
        #expect(result[1].reprintOf == nil)
        #expect(result[1].story == 2)
    }

    @Test func aProfileSurvivesStoring() throws {
        var grouper = ArticleGrouper()
        let features = ArticleFeatures(title: "A crack", body: SampleTexts.dam, language: "en", time: 0, published: 0)
        _ = grouper.assign(features, key: 1, newStory: 1)
        let profile = try #require(grouper.stories.profiles[1])
        let parts = try StoredForms.parts(try StoredForms.features(profile))
        let stored = StoryProfile(parts: parts, articleCount: 1, firstTime: 0, lastTime: 0)
        let vector = StoryVector(features.story, statistics: TermStatistics())
        let match = StoryMatcher().match(vector, language: "en", time: 0, with: stored)
        #expect(match.score > 0.98)
    }

    @Test func weightsFallAsWordsGetCommon() {
        var statistics = TermStatistics()
        let before = statistics.weight(7)
        for _ in 0..<50 { statistics.add([7], opensStory: true) }
        #expect(statistics.weight(7) < before)
        #expect(statistics.weight(8) > statistics.weight(7))
    }

    @Test func countsAreHalvedAtTheHorizon() {
        var statistics = TermStatistics(horizon: 100)
        for term in 0..<100 { statistics.add([7, UInt64(1000 + term)], opensStory: true) }
        #expect(statistics.storyCount == 50)
        #expect(statistics.weight(1000) > statistics.weight(7))
    }
}

@Suite struct FoldedTextTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var words: [String]
        var testDescription: String { text }
    }

    @Test(arguments: [
        Case(text: "The harbour's 6,400 dockers", words: ["the", "harbour", "6400", "dockers"]),
        Case(text: "6.400 Häfen, Größe 9,5", words: ["6400", "hafen", "grosse", "95"]),
        Case(text: "Don't stop. L’été, d'accord", words: ["don", "stop", "l", "ete", "d", "accord"]),
        Case(text: "Ещё ЖИЗНЬ", words: ["еще", "жизнь"]),
        Case(text: "橋の点検", words: ["橋", "の", "点", "検"]),
        Case(text: "Łódź—Ærø; smørrebrød", words: ["lodz", "aero", "smorrebrod"]),
        Case(text: "end.Start 1.2.3", words: ["end", "start", "123"]),
        Case(text: "e\u{301}te\u{301}", words: ["ete"]),
    ])
    func cutsWords(_ example: Case) {
        let folded = FoldedText(example.text)
        #expect(folded.words.map(folded.string) == example.words)
    }

    @Test func knowsWhereSentencesBegin() {
        let folded = FoldedText("Rain fell. Nobody in Oslo cared\nTomorrow: Sun")
        #expect(folded.words.map(\.opensSentence) == [true, false, true, false, false, false, true, true])
        #expect(folded.words.map(\.isCapitalised) == [true, false, true, false, true, false, true, true])
    }

    @Test func hashesAreTheSameEverywhere() {
        #expect(StableHash.of("reprint".utf8) == FoldedText("Reprint").words[0].hash)
        #expect(StoredForms.hash(StoredForms.term(.max)) == .max)
    }

    @Test func stopsAtTheLimit() {
        #expect(FoldedText(String(repeating: "word ", count: 5000), limit: 100).words.count == 100)
    }
}
