// What the AMQP module does with one broker, to be compared with amqp-peer.
//
// Use: bench-amqp amqp://user:password@host:port/vhost COUNT WINDOW PREFETCH
//
// Publishes COUNT persistent messages of 1 KB with confirms into a new quorum queue, at most WINDOW in flight; then
// consumes and acknowledges them, 128 at a time, with PREFETCH, timed from the first delivery. Prints one JSON object;
// deletes the queue.

import AMQP
import Foundation
import Logging

struct Arguments {
    let configuration: AMQPConfiguration
    let count: Int
    let window: Int
    let prefetch: Int

    init(_ arguments: [String]) throws {
        guard arguments.count == 5, let count = Int(arguments[2]), let window = Int(arguments[3]),
            let prefetch = Int(arguments[4]), count > 0, window > 0, prefetch > 0
        else {
            throw CocoaError(
                .formatting, userInfo: [NSDebugDescriptionErrorKey: "usage: bench-amqp URL COUNT WINDOW PREFETCH"])
        }
        configuration = try AMQPConfiguration(url: arguments[1])
        self.count = count
        self.window = window
        self.prefetch = prefetch
    }
}

func publishAll(_ arguments: Arguments, to queue: String, logger: Logger) async throws -> Duration {
    let publisher = AMQPPublisher(configuration: arguments.configuration, window: arguments.window, logger: logger)
    async let running: Void = publisher.run()
    let message = AMQPMessage(body: [UInt8](repeating: UInt8(ascii: "x"), count: 1024))
    let batch = [AMQPPublication](repeating: AMQPPublication(routingKey: queue, message: message), count: 128)
    let started = ContinuousClock.now
    // Enough calls at once to keep the window full while others wait for their last confirms.
    let lanes = max(2, 2 * arguments.window / batch.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
        var given = 0
        for lane in 0... {
            let size = min(batch.count, arguments.count - given)
            guard size > 0 else { break }
            if lane >= lanes { try await group.next() }
            given += size
            group.addTask {
                let results = try await publisher.publish(Array(batch.prefix(size)))
                guard results.allSatisfy(\.isConfirmed) else { throw CocoaError(.coderInvalidValue) }
            }
        }
        try await group.waitForAll()
    }
    let elapsed = ContinuousClock.now - started
    await publisher.close()
    try await running
    return elapsed
}

func consumeAll(_ arguments: Arguments, from queue: String, logger: Logger) async throws -> Duration {
    let consumer = AMQPConsumer(
        configuration: arguments.configuration, queue: queue, prefetch: arguments.prefetch, logger: logger)
    var started = ContinuousClock.now
    async let running: Void = consumer.run()
    var taken = 0
    while taken < arguments.count {
        let batch = try await consumer.nextBatch(limit: 128, lingering: .zero)
        if taken == 0 { started = ContinuousClock.now }
        taken += batch.count
        try await consumer.acknowledge(batch.map(\.tag))
    }
    let elapsed = ContinuousClock.now - started
    await consumer.close()
    try await running
    return elapsed
}

let arguments = try Arguments(CommandLine.arguments)
let logger = Logger(label: "bench-amqp")
let queue = "wireroom.bench.swift.\(UUID().uuidString)"
let administration = try await AMQPAdministration.connect(arguments.configuration, logger: logger)
try await administration.declareQueue(queue, arguments: ["x-queue-type": .string("quorum")])
let publishing = try await publishAll(arguments, to: queue, logger: logger) / .seconds(1)
let consuming = try await consumeAll(arguments, from: queue, logger: logger) / .seconds(1)
try await administration.deleteQueue(queue)
await administration.close()
print(
    String(
        format: "{\"peer\":\"swift\",\"count\":%d,\"window\":%d,\"prefetch\":%d,\"publish_seconds\":%.3f,"
            + "\"publish_per_second\":%.0f,\"consume_seconds\":%.3f,\"consume_per_second\":%.0f}",
        arguments.count, arguments.window, arguments.prefetch, publishing, Double(arguments.count) / publishing,
        consuming,
        Double(arguments.count) / consuming))
