import Foundation
import Postgres
import Testing

extension DatabaseTests {
    struct PostgresPoolTests {
        /// Yields until the pool shows something: there is no event for "is now waiting in line".
        private func yield(until condition: () -> Bool) async {
            while !condition() { await Task.yield() }
        }

        private func processID(_ connection: PostgresConnection) async throws -> Int64 {
            try #require(try await connection.query("SELECT pg_backend_pid() AS p").first).decode("p")
        }

        @Test func connectsWhenNeededAndReuses() async throws {
            try await TestDatabase.withPool(maximum: 3) { pool async throws in
                #expect(pool.statistics.connects == 0)
                for _ in 0..<5 { #expect(try await pool.query("SELECT 1").count == 1) }
                #expect(pool.statistics.connects == 1)
                #expect(pool.statistics.idle == 1 && pool.statistics.leased == 0)
            }
        }

        @Test func neverExceedsItsBound() async throws {
            try await TestDatabase.withPool(maximum: 3) { pool async throws in
                let most = Locked((now: 0, most: 0))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<40 {
                        group.addTask {
                            try await pool.withConnection { connection async throws in
                                most.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                                _ = try await connection.query("SELECT pg_sleep(0.002)::text")
                                most.withLock { $0.now -= 1 }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(most.withLock { $0.most } <= 3)
                #expect(pool.statistics.connects <= 3)
            }
        }

        @Test func servesInTheOrderOfArrival() async throws {
            try await TestDatabase.withPool(maximum: 1) { pool async throws in
                let order = Locked<[Int]>([])
                let tasks = try await pool.withConnection { _ in
                    var tasks: [Task<Void, any Error>] = []
                    for number in 0..<10 {
                        tasks.append(
                            Task { try await pool.withConnection { _ in order.withLock { $0.append(number) } } })
                        await yield { pool.statistics.waiting == number + 1 }
                    }
                    return tasks
                }
                for task in tasks { try await task.value }
                #expect(order.withLock { $0 } == Array(0..<10))
            }
        }

        @Test func cancelledWaitersLeaveTheLine() async throws {
            try await TestDatabase.withPool(maximum: 1) { pool async throws in
                let (first, second) = try await pool.withConnection { _ async throws in
                    let first = Task { try await pool.query("SELECT 1") }
                    await yield { pool.statistics.waiting == 1 }
                    let second = Task { try await pool.query("SELECT 2 AS n") }
                    await yield { pool.statistics.waiting == 2 }
                    first.cancel()
                    #expect(try await postgresError { try await first.value }.code == .cancelled)
                    #expect(pool.statistics.waiting == 1)
                    return (first, second)
                }
                #expect(try await second.value.first?.decode("n") == 2)
                #expect(first.isCancelled)
            }
        }

        @Test func replacesABrokenConnection() async throws {
            try await TestDatabase.withPool(maximum: 1) { pool async throws in
                let error = try await postgresError {
                    try await pool.query("SELECT pg_terminate_backend(pg_backend_pid())")
                }
                #expect(error.code == .connectionLost)
                #expect(try await pool.query("SELECT 1 AS n").first?.decode("n") == 1)
                #expect(pool.statistics.connects == 2)
            }
        }

        @Test func replacesAConnectionThatBreaksWhileIdle() async throws {
            try await TestDatabase.withPool(maximum: 1) { pool async throws in
                let connection = try await pool.withConnection { $0 }
                let processID = try await processID(connection)
                try await TestDatabase.withConnection { other in
                    _ = try await other.query("SELECT pg_terminate_backend($1::int)", [.int(processID)])
                }
                for await _ in connection.notifications {}
                #expect(try await pool.query("SELECT 1 AS n").first?.decode("n") == 1)
            }
        }

        @Test func rollsBackWhatWasLeftOpen() async throws {
            try await TestDatabase.withPool(maximum: 1) { pool async throws in
                try await pool.withConnection { try await $0.script("CREATE TEMP TABLE t (a int)") }
                try await pool.withConnection { try await $0.script("BEGIN; INSERT INTO t VALUES (1)") }
                #expect(try await pool.query("SELECT count(*) AS n FROM t").first?.decode("n") == 0)
                #expect(pool.statistics.connects == 1)
            }
        }

        @Test func runsATransactionAgainAfterASerializationFailure() async throws {
            try await TestDatabase.withSchema { schema in
                try await TestDatabase.withPool(maximum: 2) { pool async throws in
                    try await pool.withConnection {
                        try await $0.script("CREATE TABLE \(schema).t (n int); INSERT INTO \(schema).t VALUES (0)")
                    }
                    let attempts = Locked(0)
                    try await pool.withTransaction(isolation: .repeatableRead) { connection in
                        let attempt = attempts.withLock { count in
                            count += 1
                            return count
                        }
                        _ = try await connection.query("SELECT n FROM \(schema).t")
                        if attempt == 1 { _ = try await pool.query("UPDATE \(schema).t SET n = n + 10") }
                        _ = try await connection.query("UPDATE \(schema).t SET n = n + 1")
                    }
                    #expect(attempts.withLock { $0 } == 2)
                    #expect(try await pool.query("SELECT n FROM \(schema).t").first?.decode("n") == 11)
                }
            }
        }

        @Test func givesUpAfterThreeAttempts() async throws {
            try await TestDatabase.withPool(maximum: 1) { pool async throws in
                let attempts = Locked(0)
                let error = try await postgresError {
                    try await pool.withTransaction { connection in
                        attempts.withLock { $0 += 1 }
                        try await connection.script("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END $$")
                    }
                }
                #expect(error.sqlState == "40P01")
                #expect(attempts.withLock { $0 } == 3)
            }
        }

        @Test func closingTurnsWaitersAwayAndWaitsForLeases() async throws {
            let pool = PostgresPool(
                try TestDatabase.configuration(), maximumConnections: 1, logger: TestDatabase.logger)
            let isReturned = Locked(false)
            let closing = try await pool.withConnection { connection async throws in
                let waiter = Task { try await pool.query("SELECT 1") }
                await yield { pool.statistics.waiting == 1 }
                let closing = Task {
                    await pool.close()
                    return isReturned.withLock { $0 }
                }
                #expect(try await postgresError { try await waiter.value }.code == .poolClosed)
                #expect(try await connection.query("SELECT 1").count == 1)
                isReturned.withLock { $0 = true }
                return closing
            }
            #expect(await closing.value)
            #expect(try await postgresError { try await pool.query("SELECT 1") }.code == .poolClosed)
            await pool.close()
        }

        @Test func passesTheTurnOnWhenConnectingFails() async throws {
            var configuration = try PostgresConfiguration(url: "postgres://nobody@127.0.0.1:1/nothing")
            configuration.connectTimeout = .milliseconds(150)
            let pool = PostgresPool(configuration, maximumConnections: 1, logger: TestDatabase.logger)
            await withTaskGroup(of: PostgresError.Code?.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        do {
                            _ = try await pool.query("SELECT 1")
                            return nil
                        } catch {
                            return (error as? PostgresError)?.code
                        }
                    }
                }
                for await code in group { #expect(code == .connectionFailed) }
            }
            #expect(pool.statistics.connectFailures >= 3)
            #expect(pool.statistics.leased == 0 && pool.statistics.waiting == 0)
            await pool.close()
        }
    }
}
