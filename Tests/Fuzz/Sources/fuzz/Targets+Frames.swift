@testable import AMQP
import Foundation
import Logging
import Synchronization

extension FuzzTarget {
    /// Where a broker begins to say what the fuzzer wants.
    private enum Beginning: UInt8, CaseIterable {
        case connected, started, tuned, administration, subscribed, delivering, confirming, publishing, stopping,
            pausing

        /// What it has said by then.
        var script: [UInt8] {
            let start = FrameMaker.method(
                10, 10,
                [0, 9, 0, 0, 0, 0] + FrameMaker.bytes(UInt32(5)) + Array("PLAIN".utf8)
                    + FrameMaker.bytes(UInt32(5)) + Array("en_US".utf8))
            let tune = FrameMaker.method(10, 30, [0, 1] + FrameMaker.bytes(UInt32(131_072)) + [0, 10])
            let channel = FrameMaker.method(10, 41, [0]) + FrameMaker.method(20, 11, [0, 0, 0, 0])
            let consumer = FrameMaker.method(60, 11) + FrameMaker.method(60, 21, FrameMaker.short("wireroom-1"))
            let delivery = FrameMaker.frames([11, 1, 0])
            return switch self {
            case .connected: []
            case .started: start
            case .tuned: start + tune
            case .administration: start + tune + channel
            case .subscribed, .stopping, .pausing: start + tune + channel + consumer
            case .delivering: start + tune + channel + consumer + delivery
            case .confirming: start + tune + channel
            case .publishing: start + tune + channel + FrameMaker.method(85, 11)
            }
        }
    }

    /// The beginning, whether frames are made of the rest or it is said as it is, and the rest.
    func frames(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return }
        let beginning = Beginning.allCases[Int(bytes[0]) % Beginning.allCases.count]
        let script = beginning.script + (bytes[1] & 1 == 0 ? FrameMaker.frames(bytes[2...]) : Array(bytes[2...]))
        let broker = ScriptedBroker(
            number: brokerCount.withLock { count in
                count += 1
                return count
            })
        guard
            var configuration = try? AMQPConfiguration(
                url: "amqp://\(broker.host):\(broker.port)/?heartbeat=2&connection_timeout=2000")
        else { fatalError("the URL is one") }
        configuration.connectionName = "fuzz"
        let logger = Logger(label: "fuzz") { _ in SilentHandler() }
        let client = Client(configuration, logger)
        switch beginning {
        case .connected, .started, .tuned, .administration: client.administrate()
        case .subscribed, .delivering: client.consume(.taking)
        case .stopping: client.consume(.stopping)
        case .pausing: client.consume(.pausing)
        case .confirming, .publishing: client.publish()
        }
        broker.play(script)
        client.finish()
    }
}

private let brokerCount = Mutex(0)

/// One client of the broker. Its promises are looked at when the broker has gone.
private final class Client: @unchecked Sendable {
    enum Habit {
        case taking, stopping, pausing
    }

    private let configuration: AMQPConfiguration
    private let logger: Logger
    private let isDone = DispatchSemaphore(value: 0)
    private let hasGone = DispatchSemaphore(value: 0)
    /// Ends what still waits, once the broker has gone. Set before the broker is played, and not changed after.
    private var end: @Sendable () async -> Void = {}

    init(_ configuration: AMQPConfiguration, _ logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    func finish() {
        let end = end
        Task { await end() }
        isDone.wait()
    }

    func administrate() {
        let (configuration, logger, isDone) = (configuration, logger, isDone)
        Task {
            defer { isDone.signal() }
            // Every call may throw, and an error is as good as an answer.
            guard let administration = try? await AMQPAdministration.connect(configuration, logger: logger) else {
                return
            }
            if let status = try? await administration.inspectQueue("q") {
                FuzzTarget.frames.promise(status.messageCount >= 0 && status.consumerCount >= 0, "counts are counts")
            }
            if let delivery = try? await administration.get("q", acknowledging: true) { Self.judge(delivery) }
            try? await administration.declareExchange("e", type: "direct")
            _ = try? await administration.purgeQueue("q")
            _ = await administration.serverProperties.mapValues { $0.encodedSizeBound() }
            await administration.close()
        }
    }

    func consume(_ habit: Habit) {
        let consumer = AMQPConsumer(configuration: configuration, queue: "q", prefetch: 4, logger: logger)
        let isDone = isDone
        let running = Task { try? await consumer.run() }
        let work = Task {
            if habit == .pausing {
                await consumer.pauseConsuming()
                await consumer.resumeConsuming()
            }
            while let batch = try? await consumer.nextBatch(limit: 2, lingering: .zero), !batch.isEmpty {
                for delivery in batch { Self.judge(delivery) }
                try? await consumer.acknowledge(batch.prefix(1).map(\.tag))
                try? await consumer.reject(batch.dropFirst().map(\.tag), requeue: true)
                if habit == .stopping { try? await consumer.stopConsuming(handingOutRest: true) }
                if habit == .pausing { await consumer.pauseConsuming() }
            }
        }
        end = {
            await consumer.close()
            await work.value
            _ = await running.value
            let statistics = await consumer.statistics
            FuzzTarget.frames.promise(
                statistics.delivered == statistics.acknowledged + statistics.rejected + statistics.lost,
                "each delivery ends once")
            isDone.signal()
        }
    }

    func publish() {
        let publisher = AMQPPublisher(
            configuration: configuration, window: 2, confirmTimeout: .seconds(4), logger: logger)
        let isDone = isDone
        let running = Task { try? await publisher.run() }
        let work = Task { () -> Int in
            let publications = (0..<5).map {
                AMQPPublication(routingKey: "q", message: AMQPMessage(body: $0 == 0 ? [] : [7]))
            }
            return (try? await publisher.publish(publications))?.count ?? publications.count
        }
        end = {
            await publisher.close()
            FuzzTarget.frames.promise(await work.value == 5, "each publication has a result")
            _ = await running.value
            let statistics = await publisher.statistics
            let known = statistics.confirmed + statistics.nacked + statistics.returned + statistics.unknown
            FuzzTarget.frames.promise(known == 5 || known == 0, "each publication ends once")
            FuzzTarget.frames.promise(statistics.inFlight == 0 && statistics.waiting == 0, "nothing is left")
            isDone.signal()
        }
    }

    private static func judge(_ delivery: AMQPDelivery) {
        FuzzTarget.frames.promise(delivery.message.body.count <= FrameAssembler.maximumBodySize, "a body is bounded")
        var publication = AMQPPublication(routingKey: "q", message: delivery.message)
        // Headers may be larger than may be sent; that is said, and all the rest can be sent.
        FuzzTarget.frames.promise(
            delivery.message.properties.headers.encodedSizeBound() != nil, "headers nest no deeper than can be sent")
        publication.message.properties.headers = [:]
        FuzzTarget.frames.promise((try? publication.validate()) != nil, "what came can be sent on")
    }
}

/// Makes every line of a log, and drops it.
private struct SilentHandler: LogHandler {
    var logLevel = Logger.Level.trace
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        _ = "\(event.message) \(event.metadata?.description ?? "")"
    }
}
