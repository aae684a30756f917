extension AMQPAdministration {
    /// Declares an exchange, or checks that it is as declared.
    ///
    /// - Parameters:
    ///   - type: `direct`, `fanout`, `topic`, `headers`, or a plugin's type.
    ///   - passive: only checks that it exists; the other parameters do not matter then.
    /// - Throws: ``AMQPError/Code/preconditionFailed`` when it exists with other properties,
    ///   ``AMQPError/Code/notFound`` when a passive declaration finds none.
    public func declareExchange(
        _ name: String, type: String, durable: Bool = true, passive: Bool = false, arguments: AMQPTable = [:]
    ) async throws {
        try checkNames(name, type)
        try checkArguments(arguments)
        let declaration = ExchangeDeclaration(
            name: name, type: type, isPassive: passive, isDurable: durable, arguments: arguments)
        try await requestDone { (link) throws(AMQPError) in try link.sendExchangeDeclare(declaration) }
    }

    /// Whether an exchange exists.
    public func exchangeExists(_ name: String) async throws -> Bool {
        do {
            try await declareExchange(name, type: "direct", passive: true)
            return true
        } catch let error as AMQPError where error.code == .notFound {
            return false
        }
    }

    /// Deletes an exchange; one that does not exist is fine.
    public func deleteExchange(_ name: String) async throws {
        try checkNames(name)
        try await requestDone { (link) throws(AMQPError) in try link.sendExchangeDelete(name) }
    }

    /// Declares a queue, or checks that it is as declared.
    ///
    /// - Throws: ``AMQPError/Code/preconditionFailed`` when it exists with other properties or arguments,
    ///   ``AMQPError/Code/resourceLocked`` when another connection has it exclusively.
    @discardableResult
    public func declareQueue(
        _ name: String, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: AMQPTable = [:]
    ) async throws -> AMQPQueueStatus {
        try checkArguments(arguments)
        return try await declare(
            QueueDeclaration(
                name: name, isDurable: durable, isExclusive: exclusive, isAutoDeleted: autoDelete, arguments: arguments)
        )
    }

    /// Looks how full a queue is.
    ///
    /// - Returns: nil when the queue does not exist.
    public func inspectQueue(_ name: String) async throws -> AMQPQueueStatus? {
        do {
            return try await declare(QueueDeclaration(name: name, isPassive: true))
        } catch let error as AMQPError where error.code == .notFound {
            return nil
        }
    }

    private func declare(_ declaration: QueueDeclaration) async throws -> AMQPQueueStatus {
        try checkNames(declaration.name)
        let answer = try await request { (link) throws(AMQPError) in try link.sendQueueDeclare(declaration) }
        guard case .queueDeclared(let status) = answer else { throw wrongAnswer() }
        return status
    }

    /// Routes messages of an exchange to a queue.
    ///
    /// - Throws: ``AMQPError/Code/notFound`` when either does not exist.
    public func bindQueue(
        _ queue: String, exchange: String, routingKey: String, arguments: AMQPTable = [:]
    ) async throws {
        try checkNames(queue, exchange, routingKey)
        try checkArguments(arguments)
        try await requestDone { (link) throws(AMQPError) in
            try link.sendQueueBind(queue, exchange: exchange, routingKey: routingKey, arguments: arguments)
        }
    }

    /// Deletes a queue with all its messages; one that does not exist is fine.
    public func deleteQueue(_ name: String) async throws {
        try checkNames(name)
        try await requestDone { (link) throws(AMQPError) in try link.sendQueueDelete(name) }
    }

    /// Drops all messages of a queue that are ready for delivery.
    ///
    /// - Returns: how many there were.
    /// - Throws: ``AMQPError/Code/notFound`` when the queue does not exist.
    @discardableResult
    public func purgeQueue(_ name: String) async throws -> Int {
        try checkNames(name)
        let answer = try await request { (link) throws(AMQPError) in try link.sendQueuePurge(name) }
        guard case .queuePurged(let count) = answer else { throw wrongAnswer() }
        return count
    }

    /// Takes the first message of a queue.
    ///
    /// - Parameter acknowledging: true removes the message; false puts it back where it was, which counts as a delivery
    ///   attempt with quorum queues. Either way the delivery is settled when the call returns.
    /// - Returns: nil when the queue is empty.
    /// - Throws: ``AMQPError/Code/notFound`` when the queue does not exist.
    public func get(_ queue: String, acknowledging: Bool) async throws -> AMQPDelivery? {
        try checkNames(queue)
        return try await fetch(queue, acknowledging: acknowledging)
    }

    private func checkNames(_ names: String...) throws(AMQPError) {
        for name in names where name.utf8.count > 255 {
            throw AMQPError(.invalidFrame, "a name is longer than 255 bytes")
        }
    }

    private func checkArguments(_ arguments: AMQPTable) throws(AMQPError) {
        guard let size = arguments.encodedSizeBound(), size <= 64 << 10 else {
            throw AMQPError(.invalidFrame, "the arguments are over 64 KiB, nest too deep, or have a key over 255 bytes")
        }
    }

    /// Sends a request whose answer says no more than that it was done.
    private func requestDone(_ send: (BrokerLink) throws(AMQPError) -> Void) async throws {
        guard case .done = try await request(send) else { throw wrongAnswer() }
    }
}
