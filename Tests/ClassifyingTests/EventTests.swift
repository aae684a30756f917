import Testing

@testable import Classifying

@Suite struct EventTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var body: String
        var name: String
        var code: String
        var actor: String
        var target: String
        var testDescription: String { body }
    }

    static let cases = [
        Case(
            body: "Kenya condemned Uganda over the border fence.", name: "ACCUSE", code: "11", actor: "Kenya",
            target: "Uganda"),
        Case(
            body: "Kenya held talks with Uganda on Tuesday.", name: "CONSULT", code: "04", actor: "Kenya",
            target: "Uganda"),
        Case(
            body: "Uganda was attacked by Kenya on Tuesday.", name: "ASSAULT", code: "18", actor: "Kenya",
            target: "Uganda"),
        Case(
            body: "Kenya imposed sanctions on Uganda.", name: "SANCTION", code: "16", actor: "Kenya", target: "Uganda"),
        Case(
            body: "Kenya rejected a plan that Uganda had made.", name: "REJECT", code: "12", actor: "Kenya",
            target: "Uganda"),
        Case(
            body: "Россия осудила Украину за это решение.", name: "ACCUSE", code: "11", actor: "Russia",
            target: "Ukraine"),
    ]

    @Test(arguments: cases) func findsWhoDidWhatToWhom(_ item: Case) throws {
        let event = try #require(try Fixture.annotate(item.body).events.first)
        #expect(event.name == item.name)
        #expect(event.code == item.code)
        #expect(event.actor == item.actor)
        #expect(event.target == item.target)
        #expect(Fixture.text(event.span, of: item.body) == event.trigger)
    }

    @Test func findsNothingWhereNobodyIsNamed() throws {
        #expect(try Fixture.annotate("The river rose and the fields were attacked by frost.").events.isEmpty)
    }
}
