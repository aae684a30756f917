import Foundation
import Testing

@testable import Indexing

struct StoredProfileWriterTests {
    private func profile(_ weights: [Float], language: String = "en") -> StoryProfile {
        let entries = Dictionary(
            uniqueKeysWithValues: weights.enumerated().map {
                (UInt64($0.offset + 1), StoryProfile.Part.Entry(weight: $0.element, nameWeight: $0.element / 2))
            })
        return StoryProfile(
            parts: [language: StoryProfile.Part(entries: entries, articleCount: 7)], articleCount: 7, firstTime: nil,
            lastTime: nil)
    }

    @Test func writesWeightsInFewDigits() throws {
        let text = try StoredForms.features(profile([12.5, 3, 0.05, 0.0002, 0]))
        #expect(
            text
                == #"{"en":{"count":7,"words":{"1":[12.5,6.25],"2":[3,1.5],"3":[0.05,0.025],"4":[0.0002,0.0001],"5":[0,0]}}}"#
        )
    }

    @Test(arguments: ["en", "", "zh-Hant", "a\"b", "a\\b", "ö"]) func isJSONInEveryLanguage(_ language: String) throws {
        let text = try StoredForms.features(profile([1.2345], language: language))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(Array(object.keys) == [language])
        #expect(try StoredForms.parts(text)[language]?.entries[1]?.weight == 1.2345)
    }

    @Test func leavesOutTheLightest() throws {
        let text = try StoredForms.features(profile((0..<300).map { 1 + Float($0) / 100 }))
        let entries = try #require(try StoredForms.parts(text)["en"]).entries
        #expect(entries.count == StoredProfileWriter.storedWords)
        #expect(entries.keys.min() == UInt64(300 - StoredProfileWriter.storedWords + 1))
    }

    @Test func listsTheSameWordsOnceStored() throws {
        // Weights that differ by less than what is stored of them.
        let profile = profile((0..<200).map { 2 + Float($0 % 7) * 0.00001 })
        let stored = StoryProfile(
            parts: try StoredForms.parts(try StoredForms.features(profile)), articleCount: 7, firstTime: nil,
            lastTime: nil)
        #expect(StoredForms.listedWords(stored) == StoredForms.listedWords(profile))
    }
}
