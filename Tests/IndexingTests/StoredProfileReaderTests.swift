import Testing

@testable import Indexing

struct StoredProfileReaderTests {
    @Test func readsWhatIsStored() throws {
        var profile = StoryProfile()
        for (language, text) in [
            ("en", SampleTexts.dam), ("en", SampleTexts.damByAnother), ("de", SampleTexts.damInGerman),
        ] {
            let features = ArticleFeatures(title: "Dam", body: text, language: language, time: nil, published: nil)
            profile.add(StoryVector(features.story, statistics: TermStatistics()), time: nil, language: language)
        }
        let text = try StoredForms.features(profile)
        let parts = try #require(StoredProfileReader.parts(text))
        #expect(Set(parts.keys) == ["en", "de"])
        #expect(parts["en"]?.articleCount == 2)
        // With a space at the end it is left to the general decoder.
        let decoded = try StoredForms.parts(text + " ")
        #expect(parts.mapValues(\.entries) == decoded.mapValues(\.entries))
        #expect(parts.mapValues(\.articleCount) == decoded.mapValues(\.articleCount))
    }

    @Test(arguments: [
        "{}", #"{"": {"count": 1, "words": {}}}"#, #"{ "en" : {"count":2,"words":{"z":[0.25,10],"0":[3.5,0]}}}"#,
    ])
    func readsSmallOnes(text: String) throws {
        #expect(
            try StoredProfileReader.parts(text)?.mapValues(\.entries)
                == StoredForms.parts(text + " ").mapValues(\.entries))
    }

    @Test(arguments: [
        "", "{", "[]", "{}}", #"{"en": {"words": {}, "count": 1}}"#, #"{"e\u006e": {"count": 1, "words": {}}}"#,
        #"{"en": {"count": 1.5, "words": {}}}"#, #"{"en": {"count": 1, "words": {"Z": [1, 1]}}}"#,
        #"{"en": {"count": 1, "words": {"zzzzzzzzzzzzzz": [1, 1]}}}"#,
        #"{"en": {"count": 1, "words": {"z": [1e3, 1]}}}"#,
        #"{"en": {"count": 1, "words": {"z": [-1, 1]}}}"#, #"{"en": {"count": 1, "words": {"z": [1]}}}"#,
        #"{"en": {"count": 1, "words": {"z": [1, 1]}"#, #"{"en": {"count": 1, "words": {"z": [1234567890123456, 1]}}}"#,
    ])
    func leavesOtherFormsToTheDecoder(text: String) {
        #expect(StoredProfileReader.parts(text) == nil)
    }
}
