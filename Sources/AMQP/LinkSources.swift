internal import Dispatch

/// The dispatch sources that drive one link: input, a timer, and sometimes room for output.
///
/// All run on the owner's queue. The link, and with it the descriptor, is kept alive by the sources' cancel handlers,
/// so that the descriptor is never closed under a source.
final class LinkSources {
    private let input: any DispatchSourceRead
    private let timer: any DispatchSourceTimer
    private var output: (any DispatchSourceWrite)?
    private let link: BrokerLink
    private let queue: DispatchQueue
    private let turn: @Sendable () -> Void

    /// Starts watching a link.
    ///
    /// - Parameters:
    ///   - queue: the queue of the link's owner.
    ///   - interval: how often `turn` runs when nothing comes in: heartbeats and deadlines depend on it.
    ///   - turn: reads and writes what is possible; runs on `queue`.
    init(link: BrokerLink, queue: DispatchQueue, interval: Duration, turn: @escaping @Sendable () -> Void) {
        self.link = link
        self.queue = queue
        self.turn = turn
        input = DispatchSource.makeReadSource(fileDescriptor: link.descriptor, queue: queue)
        input.setEventHandler(handler: turn)
        Self.release(link, after: input)
        timer = DispatchSource.makeTimerSource(queue: queue)
        let microseconds = Int(interval.wholeMicroseconds)
        timer.schedule(
            deadline: .now() + .microseconds(microseconds), repeating: .microseconds(microseconds),
            leeway: .microseconds(microseconds / 10))
        timer.setEventHandler(handler: turn)
        input.activate()
        timer.activate()
    }

    deinit {
        input.cancel()
        timer.cancel()
        output?.cancel()
    }

    /// Runs `turn` once when the socket takes bytes again.
    func awaitWritable() {
        guard output == nil else { return }
        let source = DispatchSource.makeWriteSource(fileDescriptor: link.descriptor, queue: queue)
        source.setEventHandler { [weak self] in self?.becameWritable() }
        Self.release(link, after: source)
        source.activate()
        output = source
    }

    /// Whether ``awaitWritable()`` is still waiting.
    var isAwaitingWritable: Bool { output != nil }

    private func becameWritable() {
        // One shot: a writable socket stays writable.
        output?.cancel()
        output = nil
        turn()
    }

    private static func release(_ link: BrokerLink, after source: any DispatchSourceProtocol) {
        // Dispatch drops the handler, and with it the link, once it has run.
        source.setCancelHandler { withExtendedLifetime(link) {} }
    }
}
