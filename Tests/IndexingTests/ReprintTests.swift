import Testing

@testable import Indexing

private func signature(_ text: String, title: String = "") -> ReprintSignature {
    ReprintSignature(FoldedText(text), title: FoldedText(title))
}

private func relation(_ first: String, _ second: String) -> ReprintRelation.Kind? {
    ReprintVerifier.relation(signature(first), signature(second))?.kind
}

@Suite struct ReprintTests {
    @Test func recognisesTheSameWordsUnderOtherPunctuation() {
        let restyled = SampleTexts.dam.replacing("“", with: "\"").replacing("”", with: "\"").uppercased()
        #expect(relation(SampleTexts.dam, restyled) == .exact)
    }

    @Test func recognisesALightlyEditedCopy() {
        let edited =
            "KARSUND (Agency) — "
            + SampleTexts.dam.replacing("About four hundred people", with: "Some 400 people")
            .replacing("according to the company's chief engineer", with: "said the company's chief engineer")
            + "\n\nThis report was published from a syndicated feed."
        #expect(relation(SampleTexts.dam, edited) == .near)
    }

    @Test func recognisesAnExcerpt() {
        let long = SampleTexts.dam + "\n\n" + SampleTexts.noise(words: 400, seed: 1)
        #expect(relation(long, SampleTexts.dam) == .partial)
        #expect(relation(SampleTexts.dam, long) == .partial)
    }

    @Test func doesNotTakeARoundUpForAReprint() {
        let opening = SampleTexts.dam.split(separator: "\n\n")[0]
        let roundUp =
            SampleTexts.noise(words: 150, seed: 2) + "\n\n" + opening + "\n\n" + SampleTexts.noise(words: 150, seed: 3)
        #expect(relation(SampleTexts.dam, roundUp) == .contains)
    }

    @Test func recognisesAnUpdateUnderTheSameHeadline() {
        let lead = SampleTexts.dam.split(separator: "\n\n")[0]
        let update = String(lead) + "\n\n" + SampleTexts.noise(words: 300, seed: 4)
        let title = "Dam above Karsund has a crack"
        #expect(
            ReprintVerifier.relation(signature(SampleTexts.dam, title: title), signature(update, title: title))?.kind
                == .near)
        #expect(ReprintVerifier.relation(signature(SampleTexts.dam, title: title), signature(update))?.kind != .near)
    }

    @Test func toldInOtherWordsIsNoReprint() {
        #expect(relation(SampleTexts.dam, SampleTexts.damByAnother) == nil)
        #expect(relation(SampleTexts.dam, SampleTexts.otherDam) == nil)
    }

    @Test func relationDoesNotDependOnTheOrder() {
        let texts = [
            SampleTexts.dam, SampleTexts.dam + SampleTexts.chess, SampleTexts.damByAnother, SampleTexts.otherDam,
        ]
        for first in texts {
            for second in texts { #expect(relation(first, second) == relation(second, first)) }
        }
    }

    @Test func sharedPassagesShareKeys() {
        let other =
            SampleTexts.noise(words: 80, seed: 5) + " " + SampleTexts.dam + " " + SampleTexts.noise(words: 80, seed: 6)
        let shared = Set(signature(SampleTexts.dam).keys).intersection(signature(other).keys)
        #expect(shared.count >= 10)
    }

    @Test(arguments: ["", "word", "\n\n\n", "…", "a b c d e f", "\u{0301}\u{0301}"])
    func shortTextsHaveNoSignature(_ text: String) {
        #expect(signature(text).isEmpty)
        #expect(ReprintVerifier.relation(signature(text), signature(SampleTexts.dam)) == nil)
    }

    @Test func keysOfAHugeTextAreBounded() {
        let huge = String(repeating: "the same words over and over again ", count: 150_000)
        let result = signature(huge)
        #expect(result.keys.count <= ReprintSignature.maximumKeys)
        #expect(result.shingles.count < FoldedText.wordLimit)
        #expect(relation(huge, huge + "and more") != nil)
    }

    @Test func textsWithoutSpacesAreCompared() {
        let text = "国土交通省は五日、老朽化した橋の点検を全国で始めると発表した。対象は建設から五十年を超えた橋で、来年三月までに終える計画だ。"
        #expect(!signature(text).isEmpty)
        #expect(relation(text, text.replacing("、", with: " ")) == .exact)
    }

    @Test func boilerplateFindsNoCandidates() {
        var index = ReprintIndex()
        let boilerplate = SampleTexts.noise(words: 40, seed: 9)
        for key in 1...Int64(ReprintIndex.longestPosting + 5) {
            let text = SampleTexts.noise(words: 60, seed: 100 + Int(key)) + " " + boilerplate
            index.insert(key, ReprintIndex.Entry(signature: signature(text), original: key, time: 0))
        }
        let finding = index.find(signature(boilerplate + " " + SampleTexts.noise(words: 60, seed: 99)), except: 0)
        #expect(finding.reprintOf == nil)
    }

    @Test func forgetsTheOldestFirst() {
        var index = ReprintIndex()
        for key in Int64(1)...10 {
            index.insert(key, ReprintIndex.Entry(signature: signature(SampleTexts.dam), original: 1, time: Double(key)))
        }
        index.removeEntries(before: 3, keeping: 5)
        #expect(index.entries.keys.sorted() == [6, 7, 8, 9, 10])
        #expect(index.find(signature(SampleTexts.dam), except: 0).reprintOf?.relation.kind == .exact)
    }

    @Test func textsWithoutATimeGoByTheirNumberAlone() {
        var index = ReprintIndex()
        for key in Int64(1)...10 {
            let time = key <= 4 ? nil : Double(key)
            index.insert(key, ReprintIndex.Entry(signature: signature(SampleTexts.dam), original: 1, time: time))
        }
        index.removeEntries(before: 8, keeping: 100)
        #expect(index.entries.keys.sorted() == [1, 2, 3, 4, 8, 9, 10])
        index.removeEntries(before: 8, keeping: 5)
        #expect(index.entries.keys.sorted() == [3, 4, 8, 9, 10])
    }
}
