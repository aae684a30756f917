import Testing

@testable import Classifying

@Suite struct NameTableTests {
    @Test func holdsWhatADictionaryHolds() {
        var table = NameTable<Int>(minimumCapacity: 1)
        var dictionary: [NameHash: Int] = [:]
        for number in 0..<5_000 {
            let name = NameHash.of("name \(number % 3_000)".utf8)
            table.update(name, initial: 10) { $0 += number }
            dictionary[name, default: 10] += number
        }
        #expect(table.values.count == dictionary.count)
        #expect(dictionary.allSatisfy { table[$0.key] == $0.value && table.contains($0.key) })
        #expect((3_000..<6_000).allSatisfy { table[.of("name \($0)".utf8)] == nil })
    }

    @Test func keepsTheOrderInWhichNamesCame() {
        var table = NameTable<String>()
        let names = (0..<100).map { "name \($0)" }
        for name in names { table.update(.of(name.utf8), initial: name) { _ in } }
        table.update(.of("name 5".utf8), initial: "") { $0 = "again" }
        #expect(table.values == names.map { $0 == "name 5" ? "again" : $0 })
    }

    @Test func theFirstValueStaysWhereOneOnlyAsksForItsPlace() {
        var table = NameTable<Int>()
        let places = [1, 2].map { value in table.place(of: NameHash()) { value } }
        #expect(places == [0, 0])
        #expect(table[NameHash()] == 1)
    }
}
