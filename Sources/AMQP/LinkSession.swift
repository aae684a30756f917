internal import Dispatch
internal import Logging
internal import QueueExecutor

/// What the consumer and the publisher have in common: the life of their connection, one link after another.
///
/// It is confined to its owner actor.
final class LinkSession {
    enum Phase {
        case idle
        case running
        /// A close has been asked for; the link, if any, is being closed politely.
        case closing
        case closed
    }

    let configuration: AMQPConfiguration
    let logger: Logger
    let sendTimeout: Duration
    /// The shortest time that the owner measures on its link, apart from these.
    let patience: Duration
    /// Where connecting may block without holding up the owner.
    let connectQueue: DispatchQueue

    var phase = Phase.idle
    var link: BrokerLink?
    var sources: LinkSources?
    /// When the owner could last start working on the current link.
    var readySince: ContinuousClock.Instant?
    /// When setting up the current link must have succeeded.
    var setupDeadline: ContinuousClock.Instant?
    /// Why `run()` gave up, if it did.
    var failure: AMQPError?
    var linksOpened: UInt64 = 0
    var timesReady = 0
    var backoff = Backoff()
    /// `run()`, waiting for the link to end, for the pause to be over, or for the close.
    var sleeper: (id: UInt64, continuation: CheckedContinuation<Void, Never>)?
    var sleeperCount: UInt64 = 0
    /// Calls of `close()`, waiting for the end.
    var closers: [CheckedContinuation<Void, Never>] = []

    init(
        _ configuration: AMQPConfiguration, sendTimeout: Duration, patience: Duration = .seconds(30), logger: Logger
    ) {
        self.patience = patience
        self.configuration = configuration
        self.sendTimeout = sendTimeout
        self.logger = logger
        connectQueue = DispatchQueue(label: "wireroom.amqp.connect")
    }

    /// How often the owner must be woken: often enough for heartbeats and deadlines.
    func wakeInterval(for link: BrokerLink) -> Duration {
        let beat = link.heartbeatSeconds > 0 ? Duration.seconds(link.heartbeatSeconds) / 3 : .seconds(1)
        return max(.milliseconds(20), min(beat, sendTimeout / 4, patience / 2, .seconds(1)))
    }

    /// Lets `run()` look at the state again.
    func wake() {
        let waiting = sleeper
        sleeper = nil
        waiting?.continuation.resume()
    }

    /// Lets every `close()` return.
    func releaseClosers() {
        let waiting = closers
        closers = []
        for closer in waiting { closer.resume() }
    }
}

/// An actor that keeps one connection up.
protocol LinkOwner: Actor {
    nonisolated var executor: QueueExecutor { get }
    var session: LinkSession { get }
    /// Sends the first method of the set-up on a new link.
    func begin(on link: BrokerLink) throws(AMQPError)
    /// Reads all events and sends what can be sent.
    func work(on link: BrokerLink) throws(AMQPError)
    /// Settles everything that belonged to a link that has ended.
    func linkEnded(_ error: AMQPError)
    /// Settles everything that waits: nothing will come any more.
    func ended()
}

extension LinkOwner {
    /// Keeps the connection up until the owner is closed or the task is cancelled.
    ///
    /// - Throws: what makes a first connection useless to repeat (credentials, permissions, configuration).
    func keepConnected() async throws {
        guard session.phase == .idle else {
            if session.phase == .closed { return }
            throw AMQPError(.closed, "run() has been called before")
        }
        session.phase = .running
        await withTaskCancellationHandler {
            // A task that was cancelled before: the handler has only posted its block.
            if Task.isCancelled { beginClosing() }
            while session.phase == .running { await connectAndServe() }
            while session.link != nil { await sleep(for: .seconds(5)) }
        } onCancel: {
            let queue = executor.queue
            queue.async { [weak self] in self?.assumeIsolated { $0.beginClosing() } }
        }
        finish()
        if let failure = session.failure { throw failure }
    }

    private func connectAndServe() async {
        let started = ContinuousClock.now
        do throws(AMQPError) {
            session.linksOpened += 1
            let link = try await BrokerLink.open(
                session.configuration, generation: session.linksOpened, sendTimeout: session.sendTimeout,
                on: session.connectQueue)
            guard session.phase == .running else { return }
            attach(link)
            while session.link != nil { await sleep(for: nil) }
        } catch {
            guard session.phase == .running else { return }
            if session.timesReady == 0, error.isHopeless {
                session.failure = error
                session.phase = .closed
                return
            }
            session.logger.warning("cannot connect to the broker", metadata: metadata(error))
        }
        guard session.phase == .running else { return }
        let uptime = session.readySince.map { ContinuousClock.now - max($0, started) } ?? .zero
        session.readySince = nil
        var generator = SystemRandomNumberGenerator()
        await sleep(for: session.backoff.next(uptime: uptime, using: &generator))
    }

    private func metadata(_ error: AMQPError) -> Logger.Metadata {
        ["error.type": "\(error.shortDescription)", "error": "\(error)", "server": "\(session.configuration)"]
    }

    private func attach(_ link: BrokerLink) {
        session.link = link
        session.setupDeadline = ContinuousClock.now + session.configuration.connectTimeout
        session.sources = LinkSources(
            link: link, queue: executor.queue, interval: session.wakeInterval(for: link),
            turn: { [weak self] in self?.assumeIsolated { $0.turn() } })
        do throws(AMQPError) {
            try begin(on: link)
        } catch {
            endLink(error)
        }
        turn()
    }

    /// Notes that the owner is set up on the current link.
    func becomeReady() {
        session.setupDeadline = nil
        session.readySince = ContinuousClock.now
        session.timesReady += 1
        session.logger.debug(
            "connected to the broker",
            metadata: ["server": "\(session.configuration)", "connection.generation": "\(session.linksOpened)"])
    }

    /// Does all that can be done now without waiting.
    func turn() {
        guard let link = session.link else { return }
        do throws(AMQPError) {
            try work(on: link)
            if let deadline = session.setupDeadline, ContinuousClock.now >= deadline {
                throw AMQPError(.timeout, "the broker did not answer while the channel was set up")
            }
        } catch {
            endLink(error)
        }
    }

    /// Drops the link.
    func endLink(_ error: AMQPError) {
        guard session.link != nil else { return }
        // The descriptor is closed by the cancel handler of the sources, when the last owner of the link lets go.
        session.link = nil
        session.sources = nil
        session.setupDeadline = nil
        if session.phase == .running {
            session.logger.warning("the connection to the broker ended", metadata: metadata(error))
        }
        linkEnded(error)
        session.wake()
        if session.phase != .running { finish() }
    }

    /// Asks the broker for the end of the connection, and makes sure that it comes.
    func beginClosing() {
        guard session.phase == .running || session.phase == .idle else { return }
        guard session.phase == .running, let link = session.link else {
            session.phase = .closed
            session.wake()
            return finish()
        }
        session.phase = .closing
        do throws(AMQPError) {
            try link.sendConnectionClose()
        } catch {
            return endLink(error)
        }
        executor.queue.asyncAfter(deadline: .now() + .seconds(2)) { [weak self] in
            self?.assumeIsolated { $0.endLink(AMQPError(.closed, "the broker did not answer the close in time")) }
        }
    }

    private func finish() {
        guard session.link == nil else { return }
        session.phase = .closed
        ended()
        session.releaseClosers()
    }

    /// Closes and waits for it.
    func closeAndWait() async {
        beginClosing()
        await waitUntilClosed()
    }

    /// Waits until the owner is closed.
    func waitUntilClosed() async {
        guard session.phase != .closed else { return }
        await withCheckedContinuation { session.closers.append($0) }
    }

    /// Waits until ``LinkSession/wake()`` or, if there is a duration, until it is over.
    private func sleep(for duration: Duration?) async {
        await withCheckedContinuation { continuation in
            session.sleeperCount += 1
            let id = session.sleeperCount
            session.sleeper = (id, continuation)
            guard let duration else { return }
            let microseconds = Int(duration.wholeMicroseconds)
            executor.queue.asyncAfter(deadline: .now() + .microseconds(microseconds)) { [weak self] in
                self?.assumeIsolated { owner in
                    if owner.session.sleeper?.id == id { owner.session.wake() }
                }
            }
        }
    }
}

extension AMQPError {
    /// Whether a first connection that fails like this must be mended by a person.
    var isHopeless: Bool {
        code == .authenticationFailed || code == .accessRefused || code == .invalidConfiguration
    }
}
