internal import Logging
internal import Model
internal import Postgres

/// Asks the database for what messages point to, and waits while it does not answer.
struct StageLoader<S: Stage>: Sendable {
    let stage: S
    let database: PostgresPool
    let warnings: RareWarnings

    /// The documents' sizes. Where some message's values are refused they count as nothing: `load` finds out which it is.
    func sizes(_ messages: [StageMessage<S.Input>]) async throws -> [Int] {
        let answer = try await answered {
            let sizes = try await stage.sizes(of: messages, from: database)
            precondition(sizes.count == messages.count, "a stage gives one size for each message")
            return sizes
        }
        return (try? answer.get()) ?? [Int](repeating: 0, count: messages.count)
    }

    /// Loads messages. Where some message's values are refused, each message is loaded alone, so that only that one ends.
    func load(_ messages: [StageMessage<S.Input>]) async throws -> [StageStep<S.Loaded>] {
        let answer = try await answered {
            let steps = try await stage.load(messages, from: database)
            precondition(steps.count == messages.count, "a stage gives one step for each message")
            return steps
        }
        switch answer {
        case .success(let steps): return steps
        case .failure(let error):
            guard messages.count > 1 else { return [.end(.failed(error))] }
            var steps: [StageStep<S.Loaded>] = []
            for message in messages { steps += try await load([message]) }
            return steps
        }
    }

    /// Whether the ledger has a message as done or dropped. Then it has killed nobody: its acknowledgement was lost. Working
    /// it once more changes nothing, and sends what follows from it, which may not have been sent.
    func hasEnded(_ delivery: SettledDelivery<S>) async throws -> Bool {
        let answer = try await answered {
            try await database.query(
                """
                SELECT EXISTS (SELECT FROM wireroom.stage_event
                    WHERE stage = $1 AND message_id = $2 AND round = $3::int AND outcome IN ('done', 'drop'))
                """,
                [.text(S.Input.stage.rawValue), .text(delivery.messageID), .int(Int64(delivery.state.round))]
            ).first?.decode("exists", as: Bool.self)
        }
        return (try? answer.get()) == true
    }

    /// Asks the database, again and again while it does not answer.
    ///
    /// - Returns: what it answered, or an error that may lie in the messages.
    /// - Throws: an error that no retry can cure, or `CancellationError`.
    private func answered<Value>(_ ask: () async throws -> Value) async throws -> Result<Value, any Error> {
        var patience = PatienceLadder()
        while true {
            do {
                return .success(try await ask())
            } catch {
                switch BatchTrouble(error) {
                case .passing:
                    warnings.warn("The database does not answer, trying again", error: error)
                    try await Task.sleep(for: patience.next())
                case .fatal: throw error
                case .messages: return .failure(error)
                }
            }
        }
    }
}
