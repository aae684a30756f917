import Foundation
import Postgres
import Testing

extension DatabaseTests {
    struct NotificationTests {
        @Test func arriveWhileTheConnectionIsIdle() async throws {
            let channel = "Odd \"channel\" " + UUID().uuidString
            try await TestDatabase.withConnection { listener in
                try await listener.listen(channel)
                let received = Task { () -> [PostgresNotification] in
                    var all: [PostgresNotification] = []
                    for await notification in listener.notifications {
                        all.append(notification)
                        if all.count == 3 { break }
                    }
                    return all
                }
                let sender = try await TestDatabase.withConnection { connection -> Int32 in
                    for payload in ["one", "", "drei \u{1F680}"] {
                        _ = try await connection.query("SELECT pg_notify($1, $2)", [.text(channel), .text(payload)])
                    }
                    return try #require(try await connection.query("SELECT pg_backend_pid() AS p").first).decode("p")
                }
                let all = await received.value
                #expect(all.map(\.payload) == ["one", "", "drei \u{1F680}"])
                #expect(all.allSatisfy { $0.channel == channel && $0.processID == sender })
            }
        }

        @Test func keepTheLatestWhenNobodyReads() async throws {
            let channel = "full" + UUID().uuidString
            try await TestDatabase.withConnection { connection async throws in
                try await connection.listen(channel)
                _ = try await connection.query(
                    "SELECT pg_notify($1, g::text) FROM generate_series(1, 3000) g", [.text(channel)])
                _ = try await connection.query("SELECT 1")
                await connection.close()
                var payloads: [String] = []
                for await notification in connection.notifications { payloads.append(notification.payload) }
                #expect(payloads.count == 1024)
                #expect(payloads.last == "3000")
            }
        }
    }
}
