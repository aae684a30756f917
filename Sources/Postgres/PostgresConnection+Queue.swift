import Dispatch
import Synchronization

extension PostgresConnection {
    /// How long the server may take to obey a request to cancel.
    private static var cancellationGrace: DispatchTimeInterval { .seconds(1) }

    // MARK: Order

    func submit(_ operation: Operation) {
        if case .closed(let error) = phase {
            operation.handoff.give(.failure(error))
            return
        }
        guard !operation.isCancelled else {
            operation.handoff.give(.failure(Self.cancelled))
            return
        }
        restFlag.store(false, ordering: .releasing)
        waiting.append(operation)
        startNext()
    }

    /// Starts the first waiting operation that may run now: one of the innermost open scope.
    func startNext() {
        while current == nil, case .open = phase {
            guard let index = waiting.firstIndex(where: { depth(of: $0) == scopes.count }) else { break }
            start(waiting.remove(at: index))
        }
        noteRest()
    }

    private func noteRest() {
        restFlag.store(isUnused && handle?.isIdle == true, ordering: .releasing)
    }

    /// Whether nothing runs, waits or is open that this module knows of.
    var isUnused: Bool { current == nil && waiting.isEmpty && scopes.isEmpty }

    /// How many of the open scopes an operation is inside of.
    private func depth(of operation: Operation) -> Int {
        guard !scopes.isEmpty else { return 0 }
        var scope = operation.scope
        while let candidate = scope {
            if let index = scopes.lastIndex(where: { $0 === candidate }) { return index + 1 }
            scope = candidate.parent
        }
        return 0
    }

    private func start(_ operation: Operation) {
        current = operation
        exchange = Exchange()
        due = .now() + operation.deadline.dispatchInterval
        guard let problem = problem(with: operation.command) else {
            guard send(operation.command) else { return failSending() }
            flush()
            if let handle { drain(handle) }
            return
        }
        exchange.error = problem
        finish()
    }

    private func problem(with command: Command) -> PostgresError? {
        switch command {
        case .copyData, .copyEnd:
            isCopying ? nil : PostgresError(.queryFailed, "no copy is open", action: .giveUp)
        case .statements, .script:
            isCopying ? PostgresError(.queryFailed, "a copy is open on the connection", action: .giveUp) : nil
        }
    }

    // MARK: The end of an operation

    /// Called when the server is done with the current operation.
    func finish() {
        exchange.isComplete = true
        guard !exchange.awaitsCancelRequest, let operation = current else { return }
        let outcome = exchange.outcome
        if case .failure(let error) = outcome { forgetStatements(of: operation, after: error) }
        change(operation.scopeChange, outcome)
        current = nil
        due = nil
        // Before the answer: whoever gets it may give the connection back at once.
        noteRest()
        operation.handoff.give(outcome)
        startNext()
    }

    private func change(_ change: Operation.ScopeChange, _ outcome: Result<[PostgresResult], PostgresError>) {
        let isSuccess = if case .success = outcome { true } else { false }
        switch change {
        case .none: break
        case .push(let scope):
            guard isSuccess else { break }
            scope.setActive(true)
            scopes.append(scope)
        case .popOnSuccess: if isSuccess { scopes.popLast()?.setActive(false) }
        case .pop: scopes.popLast()?.setActive(false)
        }
    }

    // MARK: Deadlines and cancellation

    /// When the current operation must be over. The timer is armed at most once for many short operations.
    var due: DispatchTime? {
        get { operationDue }
        set {
            operationDue = newValue
            guard let newValue, timerDue.map({ $0 > newValue }) ?? true else { return }
            timerDue = newValue
            timer?.schedule(newValue)
        }
    }

    func timerFired() {
        timerDue = nil
        guard let operation = current, let due else { return }
        guard due <= .now() else {
            self.due = due
            return
        }
        if let error = exchange.cancelling { return drop(error) }
        requestCancellation(PostgresError(.timeout, "the statement ran longer than \(operation.deadline)"))
    }

    /// The waiting task was cancelled.
    func cancel(_ operation: Operation) {
        if current === operation { return requestCancellation(Self.cancelled) }
        guard let index = waiting.firstIndex(where: { $0 === operation }) else { return }
        waiting.remove(at: index)
        operation.handoff.give(.failure(Self.cancelled))
        startNext()
    }

    private static var cancelled: PostgresError { PostgresError(.cancelled, "the task was cancelled") }

    /// Asks the server to stop the current operation, or drops the connection where that is not possible.
    private func requestCancellation(_ error: PostgresError) {
        guard let operation = current, let handle, exchange.cancelling == nil else { return }
        exchange.cancelling = error
        guard !handle.usesTLS, let request = handle.makeCancelRequest() else { return drop(error) }
        let returned = weakly { connection in connection.cancellationReturned(for: operation) }
        let queue = queue
        guard request.send({ queue.async(execute: returned) }) else { return drop(error) }
        exchange.awaitsCancelRequest = true
        due = .now() + Self.cancellationGrace
    }

    private func cancellationReturned(for operation: Operation) {
        guard current === operation, exchange.awaitsCancelRequest else { return }
        exchange.awaitsCancelRequest = false
        if exchange.isComplete { finish() }
    }
}
