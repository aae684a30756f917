import Testing

@testable import Classifying

@Suite struct QuoteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var body: String
        var words: String
        var speaker: String
        var testDescription: String { body }
    }

    static let cases = [
        Case(
            body: "“We will open the road before winter,” said Mayor Anna Lind on Friday.",
            words: "We will open the road before winter,",
            speaker: "Anna Lind"),
        Case(
            body: "Mayor Anna Lind said: \"We will open the road before winter.\"",
            words: "We will open the road before winter.",
            speaker: "Anna Lind"),
        Case(
            body: "„Wir öffnen die Straße vor dem Winter“, sagte Bürgermeisterin Anna Lind am Freitag.",
            words: "Wir öffnen die Straße vor dem Winter", speaker: "Anna Lind"),
        Case(
            body: "« Nous allons ouvrir la route avant l’hiver », a déclaré Pierre Durand vendredi.",
            words: "Nous allons ouvrir la route avant l’hiver", speaker: "Pierre Durand"),
        Case(
            body: "«Мы откроем дорогу до зимы», — заявил министр Иван Петров в пятницу.",
            words: "Мы откроем дорогу до зимы",
            speaker: "Иван Петров"),
        Case(
            body: "Helena Varga thanked the crews. “They worked all night in the cold,” she said.",
            words: "They worked all night in the cold,", speaker: "Helena Varga"),
    ]

    @Test(arguments: cases) func findsTheWordsAndTheSpeaker(_ item: Case) throws {
        let quotes = try Fixture.annotate(item.body).quotes
        #expect(quotes.count == 1)
        let quote = try #require(quotes.first)
        #expect(Fixture.text(quote.span, of: item.body) == item.words)
        #expect(quote.text == item.words)
        #expect(quote.speaker == item.speaker)
        #expect(quote.speakerSpan != nil && quote.cue != nil)
    }

    @Test func carriesTheSpeakerIntoTheNextParagraph() throws {
        let body =
            "“The bridge is old and must be closed,” said Anna Lind.\n\n“We need a new one within two years,” she added.\n\nThe crews left."
        #expect(try Fixture.annotate(body).quotes.map(\.speaker) == ["Anna Lind", "Anna Lind"])
    }

    @Test func joinsThePartsOfAnInterruptedQuotation() throws {
        let body = "“The bridge is old,” Anna Lind said on Friday. “It must be closed before winter.”"
        let quotes = try Fixture.annotate(body).quotes
        let quote = try #require(quotes.first)
        #expect(quotes.count == 1)
        #expect(quote.speaker == "Anna Lind")
        #expect(
            quote.parts.map { Fixture.text($0, of: body) } == [
                "The bridge is old,", "It must be closed before winter.",
            ])
    }

    @Test func readsAQuotationOverParagraphs() throws {
        let body = "Anna Lind said: “The bridge is old and it must be closed.\n\n“We need a new one within two years.”"
        let quotes = try Fixture.annotate(body).quotes
        #expect(quotes.count == 2)
        #expect(quotes.allSatisfy { $0.speaker == "Anna Lind" })
    }

    @Test func leavesSingleWordsAtADistanceAlone() throws {
        #expect(try Fixture.annotate("The so-called “reform” was delayed again and again by rain.").quotes.isEmpty)
    }

    @Test func findsQuotationsOfScriptsWithoutSpaces() throws {
        let body = "市长说：「我们将在冬天之前开放道路。」"
        #expect(try Fixture.annotate(body).quotes.map(\.text) == ["我们将在冬天之前开放道路。"])
    }

    @Test func survivesMarksThatDoNotClose() throws {
        let body = "He said \"this never ends\nand « that neither\nnor “this\n'nor that"
        _ = try Fixture.annotate(body)
        _ = try Fixture.annotate(String(repeating: "“", count: 20_000))
        _ = try Fixture.annotate(String(repeating: "\" a ", count: 20_000))
    }
}
