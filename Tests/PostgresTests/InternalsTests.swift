import Testing

@testable import Postgres

struct PoolStateTests {
    private typealias State = PoolState<Int, String>

    private func connects(_ state: inout State) -> Bool {
        if case .connect = state.lease(isUsable: { _ in true }) { true } else { false }
    }

    private func waits(_ state: inout State) -> Bool {
        if case .wait = state.lease(isUsable: { _ in true }) { true } else { false }
    }

    @Test func grantsPlacesUpToItsBound() {
        var state = State(maximum: 2)
        let answers = [connects(&state), connects(&state), waits(&state)]
        #expect(answers == [true, true, true])
        #expect(state.leased == 2)
    }

    @Test func handsAConnectionToTheFirstInLine() {
        var state = State(maximum: 1)
        _ = connects(&state)
        state.enqueue("a", id: 1)
        state.enqueue("b", id: 2)
        let handover = state.giveBack(7)
        #expect(handover?.waiter == "a" && handover?.connection == 7)
        #expect(state.waiting == 1 && state.leased == 1)
        let others = [state.giveBackPlace()?.waiter, state.giveBackPlace()?.waiter]
        #expect(others == ["b", nil])
        #expect(state.isEmpty)
    }

    @Test func discardsUnusableConnections() {
        var state = State(maximum: 1)
        _ = connects(&state)
        _ = state.giveBack(1)
        guard case .connect = state.lease(isUsable: { _ in false }) else {
            Issue.record("an unusable connection was lent")
            return
        }
        #expect(state.places == 1 && state.idle.isEmpty)
    }

    @Test func withdrawsOnlyWhoIsInLine() {
        var state = State(maximum: 1)
        state.enqueue("a", id: 1)
        let answers = [state.withdraw(id: 1), state.withdraw(id: 1)]
        #expect(answers == [true, false])
    }

    @Test func closesForGood() {
        var state = State(maximum: 2)
        _ = (connects(&state), connects(&state))
        _ = state.giveBack(1)
        state.enqueue("a", id: 1)
        let closed = state.close()
        #expect(closed.idle == [1] && closed.waiters == ["a"])
        #expect(!state.isEmpty)
        let handover = state.giveBack(2)
        #expect(handover?.waiter == nil)
        #expect(state.isEmpty && state.idle.isEmpty)
        guard case .closed = state.lease(isUsable: { _ in true }) else {
            Issue.record("a closed pool lent a connection")
            return
        }
    }
}

struct StatementCacheTests {
    @Test func nullFitsAnyType() {
        var cache = StatementCache()
        let entry = cache.make("q", [20, nil])
        #expect(entry.types == [20, 0])
        cache.store(entry)
        let found = [cache.find("q", [nil, nil])?.name, cache.find("q", [20, 25])?.name]
        #expect(found == [entry.name, nil])
        let merged = cache.make("q", [nil, 25])
        #expect(merged.types == [20, 25])
    }

    @Test func evictsWhatWasUsedLongestAgo() {
        var cache = StatementCache(capacity: 2)
        for sql in ["a", "b", "c"] { cache.store(cache.make(sql, [])) }
        _ = cache.find("a", [])
        let evicted = [cache.evict(), cache.evict()].map { $0.map(\.sql) }
        #expect(evicted == [["b"], []])
        cache.forget("a")
        let found = [cache.find("a", [])?.sql, cache.find("c", [])?.sql]
        #expect(found == [nil, "c"])
    }
}

struct TimestampsTests {
    @Test(arguments: [
        ("2000-01-01 00:00:00+00", 0), ("1999-12-31 23:59:59.999999+00", -1),
        ("2024-02-29 12:00:00.5+00", 762_523_200_500_000),
        ("infinity", Int64.max), ("-infinity", Int64.min), ("0001-12-31 00:00:00+00 BC", -63_082_368_000_000_000),
    ])
    func textAndMicrosecondsAgree(text: String, microseconds: Int64) {
        #expect(Timestamps.microseconds(text: text) == microseconds)
        #expect(Timestamps.microseconds(text: Timestamps.text(microseconds: microseconds)) == microseconds)
    }

    @Test(arguments: ["2000-01-01 05:45:00+05:45", "1999-12-31 19:00:00-05", "2000-01-01", "2000-01-01 00:00:00"])
    func readsZonesAndDates(text: String) {
        #expect(Timestamps.microseconds(text: text) == 0)
    }

    @Test(arguments: ["", "x", "2000", "2000-13-01", "2000-01-01 25", "2000-01-01 00:00:00+00 x", "99999999999-01-01"])
    func refusesOthers(text: String) {
        #expect(Timestamps.microseconds(text: text) == nil)
    }
}

struct BackoffTests {
    @Test func growsToItsLimit() {
        let backoff = Backoff(first: .milliseconds(100), longest: .seconds(2))
        #expect(backoff.limit(after: 1) == .milliseconds(100))
        #expect(backoff.limit(after: 3) == .milliseconds(400))
        #expect(backoff.limit(after: 1000) == .seconds(2))
    }
}

struct HostileInputTests {
    @Test(
        arguments: [
            [], [0, 0, 0, 1], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1],
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 1, 0, 0, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF, 0],
        ] as [[UInt8]])
    func refusesBrokenArrays(bytes: [UInt8]) {
        #expect([Int].decode(bytes.span, as: PostgresFormat(type: 1007, isBinary: true)) == nil)
    }

    @Test(arguments: ["", "{", "a", "{\"a", "{{1},{2}}", "{\"a\"x}"])
    func refusesBrokenArrayTexts(text: String) {
        #expect([String].decode(Array(text.utf8).span, as: PostgresFormat(type: 1009, isBinary: false)) == nil)
    }

    @Test(arguments: [[], [0, 1], [0, 9, 0, 0, 0, 0, 0, 0], [0xFF, 0xFF, 0, 0, 0, 0, 0, 0]] as [[UInt8]])
    func refusesBrokenNumerics(bytes: [UInt8]) {
        #expect(String.decode(bytes.span, as: PostgresFormat(type: 1700, isBinary: true)) == nil)
    }

    @Test func quotesIdentifiers() {
        #expect(Identifier.quotedPath("news.odd\"name") == "\"news\".\"odd\"\"name\"")
    }
}
