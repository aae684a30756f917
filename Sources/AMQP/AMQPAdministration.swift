internal import Dispatch
public import Logging
internal import QueueExecutor

/// Declares, inspects and removes queues and exchanges.
///
/// Requests are done one after another. An error of the channel (missing queue, other arguments) is thrown and leaves
/// the administration usable; after a lost connection the next request connects again.
public actor AMQPAdministration {
    typealias Answer = Result<LinkEvent, AMQPError>

    nonisolated let executor: QueueExecutor
    private let configuration: AMQPConfiguration
    private let logger: Logger
    private let connectQueue = DispatchQueue(label: "wireroom.amqp.connect")

    private var link: BrokerLink?
    private var sources: LinkSources?
    private var linksOpened: UInt64 = 0
    private var isChannelOpen = false
    private var isClosed = false
    private var expected: (id: UInt64, continuation: CheckedContinuation<Answer, Never>)?
    private var requestCount: UInt64 = 0
    private var isBusy = false
    private var queued: [CheckedContinuation<Void, Never>] = []
    private var knownServerProperties: AMQPTable = [:]

    /// The administration's private queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    private init(_ configuration: AMQPConfiguration, logger: Logger) {
        executor = QueueExecutor(label: "wireroom.amqp.administration")
        self.configuration = configuration
        self.logger = logger
    }

    /// Connects.
    ///
    /// - Throws: ``AMQPError`` when the broker cannot be reached or refuses the login.
    public static func connect(_ configuration: AMQPConfiguration, logger: Logger) async throws -> AMQPAdministration {
        let administration = AMQPAdministration(configuration, logger: logger)
        try await administration.open()
        return administration
    }

    /// What the broker says about itself: `product`, `version`, `capabilities`, …
    public var serverProperties: AMQPTable { knownServerProperties }

    /// Closes the connection; later requests throw ``AMQPError/Code/closed``.
    public func close() async {
        guard !isClosed else { return }
        isClosed = true
        guard link != nil else { return }
        await takeTurn()
        defer { giveTurn() }
        // Whether the broker answers or not, the connection is over.
        _ = try? await exchange { (link) throws(AMQPError) in try link.sendConnectionClose() }
        drop(AMQPError(.closed, "the administration was closed"))
    }

    // MARK: One request at a time

    private func takeTurn() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { queued.append($0) }
    }

    private func giveTurn() {
        guard !queued.isEmpty else {
            isBusy = false
            return
        }
        queued.removeFirst().resume()
    }

    private func open() async throws {
        await takeTurn()
        defer { giveTurn() }
        try await ensureChannel()
    }

    /// Sends one request and waits for its answer.
    func request(_ send: (BrokerLink) throws(AMQPError) -> Void) async throws -> LinkEvent {
        await takeTurn()
        defer { giveTurn() }
        try await ensureChannel()
        return try await exchange(send)
    }

    /// Takes one message and settles it.
    func fetch(_ queue: String, acknowledging: Bool) async throws -> AMQPDelivery? {
        await takeTurn()
        defer { giveTurn() }
        try await ensureChannel()
        let event = try await exchange { (link) throws(AMQPError) in try link.sendGet(queue) }
        if case .gotNothing = event { return nil }
        guard case .got(let inbound) = event else { throw wrongAnswer() }
        guard let link else {
            throw AMQPError(.connectionClosed, "the connection ended before the message was settled")
        }
        try link.corked { () throws(AMQPError) in
            try link.settle(
                DeliveryLedger.Settlement(number: inbound.deliveryNumber, multiple: false),
                as: acknowledging ? .acknowledge : .reject(requeue: true))
        }
        return AMQPDelivery(
            tag: AMQPDeliveryTag(generation: link.generation, number: inbound.deliveryNumber), message: inbound.message,
            exchange: inbound.exchange, routingKey: inbound.routingKey, isRedelivered: inbound.isRedelivered)
    }

    private func ensureChannel() async throws(AMQPError) {
        guard !isClosed else { throw AMQPError(.closed, "the administration is closed") }
        if link == nil {
            linksOpened += 1
            let opened = try await BrokerLink.open(
                configuration, generation: linksOpened, sendTimeout: configuration.connectTimeout, on: connectQueue)
            attach(opened)
        }
        guard !isChannelOpen else { return }
        guard case .channelOpened = try await exchange({ (link) throws(AMQPError) in try link.sendChannelOpen() })
        else {
            throw wrongAnswer()
        }
        isChannelOpen = true
    }

    private func attach(_ opened: BrokerLink) {
        knownServerProperties = opened.serverProperties
        let beat = opened.heartbeatSeconds > 0 ? Duration.seconds(opened.heartbeatSeconds) / 3 : .seconds(1)
        link = opened
        isChannelOpen = false
        sources = LinkSources(
            link: opened, queue: executor.queue, interval: min(beat, .seconds(5)),
            turn: { [weak self] in self?.assumeIsolated { $0.turn() } })
        logger.debug("connected to the broker", metadata: ["server": "\(configuration)"])
    }

    private func exchange(_ send: (BrokerLink) throws(AMQPError) -> Void) async throws(AMQPError) -> LinkEvent {
        guard let link else { throw AMQPError(.connectionClosed, "there is no connection") }
        requestCount += 1
        let id = requestCount
        let answer = await withCheckedContinuation { continuation in
            expected = (id, continuation)
            do throws(AMQPError) {
                try send(link)
                startTimeout(id)
            } catch {
                drop(error)
            }
        }
        return try answer.get()
    }

    /// Gives up the connection, on which questions and answers no longer belong together.
    ///
    /// - Returns: what to throw.
    func wrongAnswer() -> AMQPError {
        let error = AMQPError(.invalidFrame, "the broker answered with another method than the request's")
        drop(error)
        return error
    }

    private func startTimeout(_ id: UInt64) {
        let wait = Int(configuration.connectTimeout.wholeMicroseconds)
        executor.queue.asyncAfter(deadline: .now() + .microseconds(wait)) { [weak self] in
            self?.assumeIsolated { administration in
                guard administration.expected?.id == id else { return }
                administration.drop(
                    AMQPError(
                        .timeout, "the broker did not answer within \(administration.configuration.connectTimeout)"))
            }
        }
    }

    private func answer(_ answer: Answer) {
        let waiting = expected
        expected = nil
        waiting?.continuation.resume(returning: answer)
    }

    private func drop(_ error: AMQPError) {
        link = nil
        sources = nil
        isChannelOpen = false
        answer(.failure(error))
    }

    private func turn() {
        guard let link else { return }
        do throws(AMQPError) {
            while let event = try link.nextEvent() { handle(event) }
            guard link.finishReading() else { return }
            executor.queue.async { [weak self] in self?.assumeIsolated { $0.turn() } }
        } catch {
            drop(error)
        }
    }

    private func handle(_ event: LinkEvent) {
        switch event {
        case .channelClosed(let replyCode, let replyText):
            isChannelOpen = false
            answer(.failure(.closedByBroker(.channel, replyCode: replyCode, text: replyText)))
        case .blocked, .unblocked, .unknown, .acknowledged, .refused, .delivery, .returned, .consumerCancelled:
            logger.debug("ignored a method of the broker", metadata: ["method": "\(event)"])
        default:
            answer(.success(event))
        }
    }
}
