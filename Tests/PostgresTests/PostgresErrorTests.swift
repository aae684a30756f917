import Postgres
import Testing

struct PostgresErrorTests {
    @Test(arguments: [
        ("40001", PostgresErrorAction.retryTransaction), ("40P01", .retryTransaction), ("55P03", .retryTransaction),
        ("08006", .reconnect), ("57P01", .reconnect), ("57P03", .reconnect), ("53300", .reconnect),
        ("53100", .reconnect),
        ("53200", .reconnect), ("57014", .reconnect), ("58030", .reconnect), ("25P03", .reconnect), ("23505", .badData),
        ("22021", .badData), ("22P05", .badData), ("21000", .badData), ("42601", .giveUp), ("42501", .giveUp),
        ("28P01", .giveUp), ("3D000", .giveUp), ("0A000", .giveUp), ("XX000", .giveUp), ("", .giveUp),
    ])
    func sqlStatesCallForActions(sqlState: String, action: PostgresErrorAction) {
        #expect(PostgresErrorAction(sqlState: sqlState) == action)
        let error = PostgresError(.queryFailed, "no", sqlState: sqlState)
        #expect(error.action == action)
        #expect(error.isRetriable == (action == .retryTransaction || action == .reconnect))
    }

    @Test func shortDescriptionsAreBounded() {
        #expect(PostgresError(.queryFailed, "x", sqlState: "23505").shortDescription == "queryFailed.23")
        #expect(PostgresError(.timeout, "x").shortDescription == "timeout")
    }

    @Test func describesItself() {
        let error = PostgresError(.queryFailed, "no", sqlState: "23505", constraint: "t_pkey")
        #expect("\(error)" == "queryFailed: no [SQLSTATE 23505] [constraint t_pkey]")
        #expect(error.debugDescription.contains("PostgresErrorTests.swift"))
    }
}
