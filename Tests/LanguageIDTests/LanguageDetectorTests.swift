import LanguageID
import Testing

@Suite struct LanguageDetectorTests {
    private static let english = "The council will decide on the new bridge over the river in the coming week. "
    private static let german = "Der Gemeinderat wird in der kommenden Woche über die neue Brücke entscheiden. "

    @Test func theBeginningOfALongTextIsEnough() throws {
        let guess = try #require(LanguageDetector.detect(String(repeating: Self.english, count: 80)))
        #expect(guess.code == "en" && guess.isReliable && guess.confidence > 0.95)
    }

    @Test func whereTheBeginningIsMixedTheRestDecides() throws {
        let mixed = String(repeating: Self.english + Self.german, count: 10)
        let guess = try #require(LanguageDetector.detect(mixed + String(repeating: Self.german, count: 60)))
        #expect(guess.code == "de")
        let other = try #require(LanguageDetector.detect(mixed + String(repeating: Self.english, count: 60)))
        #expect(other.code == "en")
    }

    @Test func anOpeningInAnotherLanguageIsNotTheText() throws {
        let guess = try #require(
            LanguageDetector.detect(
                String(repeating: Self.english, count: 8) + String(repeating: Self.german, count: 90)))
        #expect(guess.code == "de")
    }
}
