internal import Dispatch
internal import Logging
internal import QueueExecutor

extension AMQPPublisher {
    /// How many publications are sent between two looks at the input.
    private static let chunkCount = 64
    /// How many body bytes are sent between two looks at the input.
    private static let chunkBytes = 256 << 10
    /// How many chunks are sent before the queue may do something else.
    private static let chunksPerTurn = 32

    func begin(on link: BrokerLink) throws(AMQPError) {
        stage = .openingChannel
        try link.sendChannelOpen()
    }

    func work(on link: BrokerLink) throws(AMQPError) {
        for _ in 0..<Self.chunksPerTurn {
            // Always read before writing: the library may hang in a publish when its heartbeat check is overdue.
            while let event = try link.nextEvent() { try handle(event, from: link) }
            let mayHaveMore = link.finishReading()
            guard try sendChunk(on: link) || mayHaveMore else { return }
        }
        executor.queue.async { [weak self] in self?.assumeIsolated { $0.turn() } }
    }

    private func handle(_ event: LinkEvent, from link: BrokerLink) throws(AMQPError) {
        switch event {
        case .acknowledged(let sequence, let multiple):
            ledger.settle(sequence, multiple: multiple, .acknowledged) { settle($0, $1) }
        case .refused(let sequence, let multiple):
            ledger.settle(sequence, multiple: multiple, .refused) { settle($0, $1) }
        case .returned(let inbound, let replyCode, let replyText):
            noteReturn(inbound, replyCode: replyCode, replyText: replyText)
        case .channelOpened where stage == .openingChannel:
            stage = .selectingConfirms
            try link.sendConfirmSelect()
        case .confirmsSelected where stage == .selectingConfirms:
            stage = .ready
            becomeReady()
        case .channelOpened, .confirmsSelected:
            throw AMQPError(.invalidFrame, "the broker answered what it was not asked")
        case .blocked(let reason):
            guard !isBlockedByBroker else { return }
            isBlockedByBroker = true
            session.logger.warning("the broker asks publishers to pause", metadata: ["reason": "\(reason)"])
        case .unblocked:
            guard isBlockedByBroker else { return }
            isBlockedByBroker = false
            session.logger.notice("the broker lets publishers go on")
        case .channelClosed(let replyCode, let replyText):
            throw .closedByBroker(.channel, replyCode: replyCode, text: replyText)
        default:
            session.logger.debug("ignored a method of the broker", metadata: ["method": "\(event)"])
        }
    }

    /// Finds the publication that came back: the oldest in flight with the same route and the same message.
    ///
    /// Identical publications are interchangeable, so that no number of our own has to travel in the message. The
    /// headers are compared in a first pass only, because the broker may take some out (`BCC`).
    private func noteReturn(_ inbound: InboundMessage, replyCode: Int, replyText: String) {
        func isSameRoute(_ publication: AMQPPublication) -> Bool {
            publication.isMandatory && publication.routingKey == inbound.routingKey
                && publication.exchange == inbound.exchange
        }
        let isFound = ledger.markReturned(replyCode: replyCode, replyText: replyText) { ticket in
            let publication = ticket.call.publications[ticket.index]
            return isSameRoute(publication) && publication.message == inbound.message
        }
        guard !isFound else { return }
        let isFoundLoosely = ledger.markReturned(replyCode: replyCode, replyText: replyText) { ticket in
            let publication = ticket.call.publications[ticket.index]
            return isSameRoute(publication) && publication.message.body == inbound.message.body
                && publication.message.properties.messageID == inbound.message.properties.messageID
        }
        if !isFoundLoosely { session.logger.warning("the broker returned a message that is not in flight") }
    }

    // MARK: Sending

    /// Sends as much as the window, the socket and the chunk allow.
    ///
    /// - Returns: whether anything was sent, so that it is worth looking again.
    private func sendChunk(on link: BrokerLink) throws(AMQPError) -> Bool {
        guard stage == .ready, session.phase == .running, !isBlockedByBroker, !unsent.isEmpty, ledger.count < window
        else {
            return false
        }
        guard session.sources?.isAwaitingWritable != true else { return false }
        guard link.isWritable else {
            session.sources?.awaitWritable()
            return false
        }
        var count = 0
        var bytes = 0
        try link.corked { () throws(AMQPError) in
            while count < Self.chunkCount, bytes < Self.chunkBytes, ledger.count < window, let call = unsent.first {
                let index = call.nextIndex
                call.nextIndex += 1
                if call.nextIndex == call.publications.count { unsent.removeFirst() }
                // On record before it is sent: what fails half way is in flight, hence unknown.
                ledger.append(Ticket(call: call, index: index))
                try link.publish(call.publications[index])
                count += 1
                bytes += call.publications[index].message.body.count
            }
        }
        return count > 0
    }

    // MARK: Calls

    func start(_ call: Call) {
        calls.append(call)
        unsent.append(call)
        armDeadlineTimer()
        turn()
    }

    private func armDeadlineTimer() {
        guard !hasDeadlineTimer, let first = calls.first else { return }
        hasDeadlineTimer = true
        let wait = max(.milliseconds(1), first.deadline - ContinuousClock.now)
        executor.queue.asyncAfter(deadline: .now() + .microseconds(Int(wait.wholeMicroseconds) + 1)) { [weak self] in
            self?.assumeIsolated { $0.deadlineReached() }
        }
    }

    private func deadlineReached() {
        hasDeadlineTimer = false
        let now = ContinuousClock.now
        while let call = calls.first, now >= call.deadline {
            let error = AMQPError(.timeout, "no confirm within \(confirmTimeout)")
            if call.inFlight > 0 { endLink(error) }
            giveUp(call, error)
        }
        armDeadlineTimer()
    }

    func cancelCall(_ id: UInt64) {
        guard let call = calls.first(where: { $0.id == id }) else { return }
        giveUp(call, AMQPError(.cancelled, "the publishing task was cancelled"))
    }

    /// Ends a call now; a confirm that comes later is ignored.
    private func giveUp(_ call: Call, _ error: AMQPError) {
        unsent.removeAll { $0 === call }
        for index in call.publications.indices where call.results[index] == nil {
            settle(Ticket(call: call, index: index), .unknown(error))
        }
    }

    private func settle(_ ticket: Ticket, _ result: AMQPPublishResult) {
        let call = ticket.call
        guard call.results[ticket.index] == nil else { return }
        call.results[ticket.index] = result
        call.unsettled -= 1
        switch result {
        case .confirmed: counters.confirmed += 1
        case .nacked: counters.nacked += 1
        case .returned: counters.returned += 1
        case .unknown: counters.unknown += 1
        }
        guard call.unsettled == 0 else { return }
        if let position = calls.firstIndex(where: { $0 === call }) { calls.remove(at: position) }
        call.continuation.resume(returning: call.results.compactMap(\.self))
        guard isDraining, calls.isEmpty else { return }
        // Later: this may run inside a change of the ledger, which the end of the link changes too.
        executor.queue.async { [weak self] in self?.assumeIsolated { $0.beginClosing() } }
    }

    // MARK: Ends

    func linkEnded(_ error: AMQPError) {
        stage = .disconnected
        isBlockedByBroker = false
        ledger.abandon(error) { settle($0, $1) }
    }

    func ended() {
        let error = session.failure ?? AMQPError(.closed, "the publisher was closed")
        for call in calls { giveUp(call, error) }
    }
}

extension AMQPPublication {
    /// The largest encoded size of the properties: they must fit one frame, or the library breaks off in the middle.
    private static let maximumPropertySize = 64 << 10

    /// Checks the limits of the protocol.
    func validate() throws(AMQPError) {
        let properties = message.properties
        try Self.check(exchange, "exchange")
        try Self.check(routingKey, "routing key")
        try Self.check(properties.contentType, "content type")
        try Self.check(properties.contentEncoding, "content encoding")
        try Self.check(properties.correlationID, "correlation id")
        try Self.check(properties.messageID, "message id")
        try Self.check(properties.type, "type")
        try Self.check(properties.appID, "application id")
        try Self.check(properties.expiration, "expiration")
        guard let size = properties.headers.encodedSizeBound(), size <= Self.maximumPropertySize else {
            throw AMQPError(
                .invalidFrame, "the publication's headers are over 64 KiB, nest too deep, or have a key over 255 bytes")
        }
        guard message.body.count <= FrameAssembler.maximumBodySize else {
            throw AMQPError(.invalidFrame, "the publication's body is over 128 MiB")
        }
    }

    private static func check(_ text: String?, _ name: StaticString) throws(AMQPError) {
        guard let text, text.utf8.count > 255 else { return }
        throw AMQPError(.invalidFrame, "the publication's \(name) is longer than 255 bytes")
    }
}
