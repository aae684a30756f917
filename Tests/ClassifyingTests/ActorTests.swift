import Testing

@testable import Classifying

@Suite struct ActorTests {
    private func names(_ body: String, _ kind: ArticleActor.Kind) throws -> Set<String> {
        Set(try Fixture.annotate(body).actors.filter { $0.kind == kind }.map(\.name))
    }

    @Test func gathersAPersonUnderTheFullName() throws {
        let body = "Prime Minister Helena Varga arrived late. Varga said nothing. Later Ms. Varga left."
        let person = try #require(try Fixture.annotate(body).actors.first)
        #expect(person.name == "Helena Varga")
        #expect(person.kind == .person)
        #expect(person.mentions.map { Fixture.text($0, of: body) } == ["Helena Varga", "Varga", "Varga"])
    }

    @Test func findsOrganisationsByTheirWords() throws {
        let found = try names(
            "The Ministry of Public Works and Lakeside University signed it with Northgate Holdings Ltd.", .organisation
        )
        #expect(found.contains("Ministry of Public Works"))
        #expect(found.contains("Lakeside University"))
        #expect(found.contains("Northgate Holdings Ltd"))
    }

    @Test func linksAnAcronymToItsName() throws {
        let body = "The Northern Farmers Union (NFU) met. The NFU asked for help."
        let union = try #require(try Fixture.annotate(body).actors.first { $0.kind == .organisation })
        #expect(union.name == "Northern Farmers Union")
        #expect(union.mentions.count == 3)
    }

    @Test(arguments: [
        ("Bundeskanzlerin Angela Merkel besuchte die Stadt.", "Angela Merkel"),
        ("Президент Владимир Соколов прибыл вечером.", "Владимир Соколов"),
        ("Le ministre Pierre Durand a parlé hier soir.", "Pierre Durand"),
        ("El presidente Carlos Ramírez habló ayer.", "Carlos Ramírez"),
        ("Envoy Ursula von der Leyen spoke.", "Ursula von der Leyen"),
        ("Sean O’Brien opened the shop.", "Sean O’Brien"),
    ]) func findsPeopleInManyLanguages(_ body: String, _ name: String) throws {
        #expect(try names(body, .person).contains(name))
    }

    @Test func doesNotTakeDaysAndSentenceStartsForNames() throws {
        #expect(try names("However, on Monday the river rose. Meanwhile the Children waited.", .person).isEmpty)
    }
}
