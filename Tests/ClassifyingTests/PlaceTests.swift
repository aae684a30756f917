import Testing

@testable import Classifying

@Suite struct PlaceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var body: String
        var name: String
        var country: String
        var testDescription: String { "\(country) \(body)" }
    }

    static let countries = [
        Case(body: "The delegation left Azerbaijan on Monday.", name: "Azerbaijan", country: "AZ"),
        Case(body: "Die Delegation verließ Deutschland am Montag.", name: "Germany", country: "DE"),
        Case(body: "La délégation a quitté la Géorgie lundi matin.", name: "Georgia", country: "GE"),
        Case(body: "La delegación viajó a España el lunes pasado.", name: "Spain", country: "ES"),
        Case(body: "Делегация прибыла из России в понедельник.", name: "Russia", country: "RU"),
        Case(body: "وصل الوفد إلى مصر يوم الاثنين.", name: "Egypt", country: "EG"),
        Case(body: "代表团星期一离开法国前往会议。", name: "France", country: "FR"),
        Case(body: "Heyət bazar ertəsi Türkiyəyə getdi, Azərbaycan isə gözlədi.", name: "Azerbaijan", country: "AZ"),
        Case(body: "A French engineer repaired the dam.", name: "France", country: "FR"),
    ]

    @Test(arguments: countries) func findsCountriesInManyLanguages(_ item: Case) throws {
        #expect(Fixture.hasPlace(try Fixture.annotate(item.body), item.name, country: item.country))
    }

    @Test func tellsCitiesOfOneNameApartByWhatFollows() throws {
        let texas = try Fixture.annotate("Crews worked through the night in Paris, Texas, after the storm.")
        #expect(texas.places.contains { $0.name == "Paris" && $0.countryCode == "US" && $0.latitude < 35 })
        let france = try Fixture.annotate("Ministers met in Paris. France had invited them.")
        #expect(Fixture.hasPlace(france, "Paris", country: "FR"))
    }

    @Test func tellsCitiesOfOneNameApartByTheCountryOfTheText() throws {
        let spain = try Fixture.annotate(
            "Spain sent help. Doctors from Spain came to Valencia, the Spanish government said.")
        #expect(Fixture.hasPlace(spain, "Valencia", country: "ES"))
        let venezuela = try Fixture.annotate(
            "Venezuela sent help. Doctors from Caracas came to Valencia, the Venezuelan government said.")
        #expect(Fixture.hasPlace(venezuela, "Valencia", country: "VE"))
    }

    @Test func marksThePlaceOfADateline() throws {
        let body = "TBILISI, Georgia — Farmers gathered on Friday. Some had come from Kutaisi."
        let places = try Fixture.annotate(body).places
        #expect(places.first { $0.name == "Tbilisi" }?.role == .dateline)
        #expect(places.first { $0.name == "Kutaisi" }?.role == .mention)
    }

    @Test func tellsPeopleFromPlaces() throws {
        let annotations = try Fixture.annotate("The director Sofia Coppola spoke about her work with Victoria Abril.")
        #expect(!annotations.places.contains { $0.name == "Sofia" || $0.name == "Victoria" })
    }

    @Test func marksDemonyms() throws {
        let places = try Fixture.annotate("Armenian farmers returned to Armenia.").places
        let armenia = try #require(places.first { $0.countryCode == "AM" })
        #expect(armenia.mentions.map(\.isDemonym) == [true, false])
    }

    @Test func countsThePlaceOfTheTitle() throws {
        let places = try Fixture.annotate("Farmers in Kenya wait. Rain came to Uganda.", title: "Kenya waits for rain")
            .places
        #expect(places.first?.name == "Kenya")
    }

    @Test func givesSpansInScalars() throws {
        let body = "🌾👩‍🌾 Re\u{301}sume\u{301}\r\nThe harvest in São Paulo and in Sa\u{303}o Paulo, not in “Baku”."
        for place in try Fixture.annotate(body).places where place.name == "São Paulo" {
            #expect(place.mentions.count == 2)
            for mention in place.mentions { #expect(Fixture.text(mention.span, of: body) == "São Paulo") }
        }
        let baku = try #require(try Fixture.annotate(body).places.first { $0.name == "Baku" })
        #expect(baku.mentions.map { Fixture.text($0.span, of: body) } == ["Baku"])
    }
}
