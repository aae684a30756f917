extension PostgresConnection {
    // MARK: Sending

    /// Sends a command; false when libpq refuses.
    func send(_ command: Command) -> Bool {
        guard let handle else { return false }
        switch command {
        case .statements(let statements):
            return sendStatements(statements, handle)
        case .script(let sql):
            return handle.sendScript(sql)
        case .copyData(let bytes):
            exchange.mode = .sending
            return handle.putCopyData(bytes)
        case .copyEnd(let failure):
            isCopying = false
            return handle.putCopyEnd(failure: failure)
        }
    }

    /// Prepares what is not prepared yet, in a round trip of its own: only then are the result's types known, which
    /// decide between binary and text.
    private func sendStatements(_ statements: [EncodedStatement], _ handle: ConnectionHandle) -> Bool {
        var new = StatementCache(capacity: .max)
        var entries: [StatementCache.Entry] = []
        for statement in statements where statement.isPrepared {
            guard cache.find(statement.sql, statement.types) == nil, new.find(statement.sql, statement.types) == nil
            else {
                continue
            }
            let entry = cache.make(statement.sql, statement.types)
            new.store(entry)
            entries.append(entry)
        }
        guard !entries.isEmpty else { return execute(statements, handle) }
        exchange.preparing = entries
        exchange.mode = .pipeline
        guard handle.enterPipeline() else { return false }
        exchange.deallocating = cache.evict()
        for entry in exchange.deallocating {
            let isSent = handle.sendUnprepared("DEALLOCATE \(Identifier.quoted(entry.name))", .none)
            guard isSent else { return false }
        }
        for entry in entries {
            guard handle.sendPrepare(entry.name, sql: entry.sql, types: entry.types), handle.sendDescribe(entry.name)
            else {
                return false
            }
        }
        return handle.sendSync()
    }

    /// Runs statements whose prepared ones are all in the cache.
    private func execute(_ statements: [EncodedStatement], _ handle: ConnectionHandle) -> Bool {
        if statements.count == 1 {
            exchange.mode = .plain
            return sendOne(statements[0], handle)
        }
        exchange.mode = .pipeline
        guard handle.enterPipeline() else { return false }
        for statement in statements {
            guard sendOne(statement, handle) else { return false }
        }
        return handle.sendSync()
    }

    private func sendOne(_ statement: EncodedStatement, _ handle: ConnectionHandle) -> Bool {
        guard statement.isPrepared, let entry = cache.find(statement.sql, statement.types) else {
            return handle.sendUnprepared(statement.sql, statement.parameters)
        }
        return handle.sendPrepared(entry.name, statement.parameters, inBinary: entry.isBinary)
    }

    /// Writes what libpq holds. The write source exists only while the socket takes no more.
    func flush() {
        guard let handle else { return }
        switch handle.flush() {
        case .failed: failSending()
        case .done:
            writeSource = nil
            if case .sending = exchange.mode, current != nil, !exchange.isComplete { finish() }
        case .pending:
            guard writeSource == nil else { return }
            writeSource = ReadinessSource(
                duplicating: handle.socket, .write, queue: queue, handler: weakly { $0.flush() })
            if writeSource == nil { failSending() }
        }
    }

    /// After a refused send the state of the protocol is not known.
    func failSending() {
        let message = handle.map { ServerMessage.tidied($0.errorMessage) } ?? ""
        drop(PostgresError(.connectionLost, "cannot send to the server: \(message)"))
    }

    // MARK: Receiving

    /// Called whenever the socket has something to read: answers, notifications, or its end.
    func receive() {
        guard let handle else { return }
        let isAlive = handle.consumeInput()
        drain(handle)
        guard self.handle === handle else { return }
        if !isAlive || handle.isBroken {
            let message = ServerMessage.tidied(handle.errorMessage)
            drop(PostgresError(.connectionLost, "the server closed the connection: \(message)"))
        } else if writeSource != nil {
            flush()
        }
    }

    /// Takes what libpq has already read; to be called also after sending, since the answer may be there (the server
    /// refuses a row in the middle of a copy) and then nothing more makes the socket readable.
    func drain(_ handle: ConnectionHandle) {
        deliverNotifications(handle)
        while self.handle === handle, current != nil, expectsAnswers, !handle.isBusy {
            guard let answer = handle.nextAnswer() else {
                acceptEndMark(handle)
                continue
            }
            exchange.endMarks = 0
            accept(answer, handle)
        }
        if self.handle === handle { deliverNotifications(handle) }
    }

    private var expectsAnswers: Bool {
        if case .sending = exchange.mode { return false }
        return !exchange.isComplete
    }

    private func deliverNotifications(_ handle: ConnectionHandle) {
        while let notification = handle.nextNotification() { notificationSink.yield(notification) }
    }

    private func acceptEndMark(_ handle: ConnectionHandle) {
        if handle.isBroken {
            drop(PostgresError(.connectionLost, "the connection broke: \(ServerMessage.tidied(handle.errorMessage))"))
            return
        }
        if case .plain = exchange.mode { return finishPhase(handle) }
        exchange.endMarks += 1
        if exchange.endMarks > Exchange.endMarkLimit {
            drop(PostgresError(.connectionLost, "the server's answers do not fit the pipeline"))
        }
    }

    private func accept(_ answer: ServerAnswer, _ handle: ConnectionHandle) {
        switch answer {
        case .result(let result): exchange.results.append(result)
        case .failed(let error):
            exchange.error = exchange.error ?? error
            if error.code == .connectionLost { drop(error) }
        case .skipped: break
        case .synced:
            guard handle.exitPipeline() else {
                return drop(PostgresError(.connectionLost, "the pipeline did not end"))
            }
            finishPhase(handle)
        case .copyIn: acceptCopy(handle)
        case .copyOut: drop(PostgresError(.queryFailed, "COPY TO is not supported", action: .giveUp))
        }
    }

    /// The server waits for rows: as asked for by a copy, or by a statement that should not have been one.
    private func acceptCopy(_ handle: ConnectionHandle) {
        if case .push? = current?.scopeChange {
            isCopying = true
            return finish()
        }
        exchange.error = PostgresError(.queryFailed, "COPY FROM STDIN needs the copy function", action: .giveUp)
        guard handle.putCopyEnd(failure: "not a copy") else { return failSending() }
        flush()
    }

    /// A round trip is over: run what was prepared, or end the operation.
    private func finishPhase(_ handle: ConnectionHandle) {
        guard let entries = exchange.preparing, case .statements(let statements)? = current?.command else {
            return retryForgotten(handle) ? () : finish()
        }
        exchange.preparing = nil
        let descriptions = exchange.results.dropFirst(exchange.deallocating.count)
        guard exchange.error == nil, descriptions.count == 2 * entries.count else {
            exchange.error = exchange.error ?? PostgresError(.queryFailed, "a statement was not described")
            return finish()
        }
        for (index, var entry) in entries.enumerated() {
            let columns = descriptions[descriptions.startIndex + 2 * index + 1].columns
            entry.isBinary = columns.allSatisfy { PostgresType.isReadInBinary($0.format.type) }
            cache.store(entry)
        }
        exchange.results = []
        guard exchange.cancelling == nil else {
            exchange.error = exchange.cancelling
            return finish()
        }
        resend(statements, handle)
    }

    private func resend(_ statements: [EncodedStatement], _ handle: ConnectionHandle) {
        if sendStatements(statements, handle) { flush() } else { failSending() }
    }

    // MARK: Forgotten statements

    /// Whether an error says that a prepared statement is gone or outdated (after a migration, or behind a pooler).
    private func isAboutPreparation(_ error: PostgresError) -> Bool {
        error.sqlState == "26000" || error.sqlState == "0A000" && error.message.contains("cached plan")
    }

    /// Prepares again, once, where nothing has been done yet: outside of a transaction.
    private func retryForgotten(_ handle: ConnectionHandle) -> Bool {
        guard let operation = current, case .statements(let statements) = operation.command, let error = exchange.error,
            isAboutPreparation(error), !exchange.isSecondTry, exchange.cancelling == nil, scopes.isEmpty, handle.isIdle
        else { return false }
        forgetStatements(of: operation, after: error)
        exchange.error = nil
        exchange.results = []
        exchange.isSecondTry = true
        resend(statements, handle)
        return true
    }

    func forgetStatements(of operation: Operation, after error: PostgresError) {
        guard isAboutPreparation(error), case .statements(let statements) = operation.command else { return }
        for statement in statements { cache.forget(statement.sql) }
    }
}
