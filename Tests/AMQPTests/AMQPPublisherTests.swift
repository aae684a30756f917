import AMQP
import Testing

@Suite(.enabled(if: TestBroker.isAvailable, TestBroker.whyNot), .timeLimit(.minutes(1)))
struct AMQPPublisherTests {
    @Test func confirmsEveryPublicationOfManyTasks() async throws {
        try await TestBroker.withQueue { queue in
            try await TestBroker.withPublisher(window: 50) { publisher in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for task in 0..<8 {
                        group.addTask {
                            let batch = (0..<100).map { TestBroker.message("\(task) \($0)", to: queue) }
                            return try await publisher.publish(batch).filter(\.isConfirmed).count
                        }
                    }
                    var confirmed = 0
                    for try await count in group { confirmed += count }
                    #expect(confirmed == 800)
                }
                let statistics = await publisher.statistics
                #expect(statistics.confirmed == 800)
                #expect(statistics.inFlight == 0 && statistics.waiting == 0 && statistics.reconnects == 0)
                #expect(statistics.isConnected && !statistics.isBlocked)
            }
            #expect(try await TestBroker.administration.purgeQueue(queue) == 800)
        }
    }

    @Test func carriesEveryPropertyAndLargeBodies() async throws {
        try await TestBroker.withQueue { queue in
            let headers: AMQPTable = [
                "bool": .bool(true), "int": .int(-7), "double": .double(0.5), "string": .string("grün"),
                "bytes": .bytes([0, 255]), "time": .timestamp(1_700_000_000), "null": .null,
                "table": .table(["inner": .array([.int(1), .string("two"), .table([:])])]),
            ]
            let properties = AMQPProperties(
                contentType: "application/json", contentEncoding: "zstd", headers: headers, isPersistent: true,
                correlationID: "c", messageID: "m", timestamp: 1_700_000_001, type: "t", appID: "a",
                expiration: "600000",
                priority: 3)
            let bodies: [[UInt8]] = [[], [1], [UInt8](repeating: 7, count: 300_000)]
            try await TestBroker.withPublisher { publisher in
                let results = try await publisher.publish(
                    bodies.map {
                        AMQPPublication(routingKey: queue, message: AMQPMessage(properties: properties, body: $0))
                    })
                #expect(results.map(\.name) == ["confirmed", "confirmed", "confirmed"])
            }
            try await TestBroker.withConsumer(of: queue) { consumer in
                let deliveries = try await consumer.take(3)
                #expect(deliveries.map(\.message.body) == bodies)
                for delivery in deliveries {
                    #expect(delivery.message.properties == properties)
                    #expect(delivery.exchange.isEmpty && delivery.routingKey == queue && !delivery.isRedelivered)
                }
            }
        }
    }

    @Test func returnsExactlyWhatNoQueueTakes() async throws {
        try await TestBroker.withQueue { queue in
            try await TestBroker.withPublisher { publisher in
                let batch = (0..<60).map { number in
                    TestBroker.message("\(number % 5)", to: number % 3 == 0 ? "\(queue).nobody.\(number % 2)" : queue)
                }
                let results = try await publisher.publish(batch)
                for (number, result) in results.enumerated() {
                    #expect(result.name == (number % 3 == 0 ? "returned 312" : "confirmed"), "publication \(number)")
                }
                #expect(await publisher.statistics.returned == 20)
            }
        }
    }

    @Test func reportsWhatAFullQueueRefuses() async throws {
        try await TestBroker.withQueue(arguments: ["x-max-length": .int(2), "x-overflow": .string("reject-publish")]) {
            queue in
            try await TestBroker.withPublisher { publisher in
                let results = try await publisher.publish((1...5).map { TestBroker.message("\($0)", to: queue) })
                #expect(results.map(\.name) == ["confirmed", "confirmed", "nacked", "nacked", "nacked"])
            }
        }
    }

    @Test func reportsAsUnknownWhatWasInFlightWhenTheConnectionBroke() async throws {
        try await TestBroker.withProxy { proxy in
            try await TestBroker.withQueue { queue in
                try await TestBroker.withPublisher(TestBroker.configuration(through: proxy)) { publisher in
                    #expect(
                        try await publisher.publish([TestBroker.message("first", to: queue)]).map(\.name) == [
                            "confirmed"
                        ])
                    proxy.stall(.toClient)
                    async let results = publisher.publish([TestBroker.message("second", to: queue)])
                    try await TestBroker.until {
                        try await TestBroker.administration.inspectQueue(queue)?.messageCount == 2
                    }
                    proxy.cut()
                    #expect(try await results.map(\.name) == ["unknown connection_closed"])
                    #expect(
                        try await publisher.publish([TestBroker.message("third", to: queue)]).map(\.name) == [
                            "confirmed"
                        ])
                    let statistics = await publisher.statistics
                    #expect(statistics.reconnects == 1 && statistics.unknown == 1 && statistics.confirmed == 2)
                }
            }
        }
    }

    @Test func replacesAConnectionThatDoesNotConfirmInTime() async throws {
        try await TestBroker.withProxy { proxy in
            try await TestBroker.withQueue { queue in
                let configuration = try TestBroker.configuration(through: proxy)
                try await TestBroker.withPublisher(configuration, confirmTimeout: .milliseconds(700)) { publisher in
                    #expect(
                        try await publisher.publish([TestBroker.message("a", to: queue)]).map(\.name) == ["confirmed"])
                    proxy.stall(.toClient)
                    #expect(
                        try await publisher.publish([TestBroker.message("b", to: queue)]).map(\.name) == [
                            "unknown timeout"
                        ])
                    try await TestBroker.until {
                        try await publisher.publish([TestBroker.message("c", to: queue)]).map(\.name) == ["confirmed"]
                    }
                    #expect(await publisher.statistics.reconnects == 1)
                }
            }
        }
    }

    @Test func freesASendThatTheNetworkBlocks() async throws {
        try await TestBroker.withProxy { proxy in
            try await TestBroker.withQueue { queue in
                let configuration = try TestBroker.configuration(through: proxy)
                try await TestBroker.withPublisher(configuration, confirmTimeout: .seconds(2)) { publisher in
                    #expect(
                        try await publisher.publish([TestBroker.message("a", to: queue)]).map(\.name) == ["confirmed"])
                    proxy.stall(.toBroker, .toClient)
                    let started = ContinuousClock.now
                    let large = AMQPMessage(body: [UInt8](repeating: 1, count: 64 << 20))
                    let results = try await publisher.publish([
                        AMQPPublication(routingKey: queue, message: large), TestBroker.message("b", to: queue),
                    ])
                    #expect(results.count == 2 && results.allSatisfy { $0.name.hasPrefix("unknown") || $0.isConfirmed })
                    #expect(results[0].name.hasPrefix("unknown"))
                    #expect(ContinuousClock.now - started < .seconds(8))
                }
            }
        }
    }

    @Test func endsWithTheTaskThatIsCancelled() async throws {
        try await TestBroker.withProxy { proxy in
            try await TestBroker.withQueue { queue in
                try await TestBroker.withPublisher(TestBroker.configuration(through: proxy)) { publisher in
                    #expect(
                        try await publisher.publish([TestBroker.message("a", to: queue)]).map(\.name) == ["confirmed"])
                    proxy.stall(.toClient)
                    let task = Task { try await publisher.publish([TestBroker.message("b", to: queue)]) }
                    try await TestBroker.until { await publisher.statistics.inFlight == 1 }
                    task.cancel()
                    #expect(try await task.value.map(\.name) == ["unknown cancelled"])
                    proxy.release()
                    #expect(
                        try await publisher.publish([TestBroker.message("c", to: queue)]).map(\.name) == ["confirmed"])
                }
            }
        }
    }

    @Test func doesNotWaitForeverForAConnection() async throws {
        var configuration = try TestBroker.configuration()
        configuration.port = 1
        let publisher = AMQPPublisher(
            configuration: configuration, confirmTimeout: .milliseconds(300), logger: TestBroker.logger)
        let message = TestBroker.message("a", to: "nowhere")
        #expect(try await publisher.publish([message]).map(\.name) == ["unknown timeout"])
        async let running: Void = publisher.run()
        #expect(try await publisher.publish([message, message]).map(\.name) == ["unknown timeout", "unknown timeout"])
        await publisher.close()
        try await running
        await publisher.close()
        let error = await #expect(throws: AMQPError.self) { try await publisher.publish([message]) }
        #expect(error?.code == .closed)
        #expect(try await publisher.publish([]).isEmpty)
    }

    @Test func waitsForAConnectionThatComesInTime() async throws {
        try await TestBroker.withQueue { queue in
            let publisher = AMQPPublisher(configuration: try TestBroker.configuration(), logger: TestBroker.logger)
            async let results = publisher.publish([TestBroker.message("early", to: queue)])
            async let running: Void = publisher.run()
            #expect(try await results.map(\.name) == ["confirmed"])
            await publisher.close()
            try await running
        }
    }

    @Test func closesAfterTheLastConfirm() async throws {
        try await TestBroker.withProxy { proxy in
            try await TestBroker.withQueue { queue in
                try await TestBroker.withPublisher(TestBroker.configuration(through: proxy)) { publisher in
                    try await TestBroker.until { await publisher.isConnected }
                    proxy.stall(.toClient)
                    async let results = publisher.publish((0..<200).map { TestBroker.message("\($0)", to: queue) })
                    try await TestBroker.until { await publisher.statistics.inFlight == 200 }
                    async let closing: Void = publisher.close()
                    proxy.release()
                    #expect(try await results.filter(\.isConfirmed).count == 200)
                    await closing
                }
            }
        }
    }

    @Test func stopsWhenItsTaskIsCancelled() async throws {
        let publisher = AMQPPublisher(configuration: try TestBroker.configuration(), logger: TestBroker.logger)
        let task = Task { try await publisher.run() }
        try await TestBroker.until { await publisher.isConnected }
        task.cancel()
        try await task.value
        #expect(await !publisher.isConnected)
        await #expect(throws: AMQPError.self) { try await publisher.publish([TestBroker.message("late", to: "q")]) }
    }

    @Test func givesUpOnCredentialsThatAreWrongFromTheStart() async throws {
        let good = try TestBroker.configuration()
        let configuration = try AMQPConfiguration(url: "amqp://nobody:tops3cret@\(good.host):\(good.port)")
        let publisher = AMQPPublisher(configuration: configuration, logger: TestBroker.logger)
        async let results = publisher.publish([TestBroker.message("a", to: "q")])
        let error = await #expect(throws: AMQPError.self) { try await publisher.run() }
        #expect(error?.code == .authenticationFailed)
        #expect(error.map { !"\($0)".contains("tops3cret") } == true)
        // The call may have come before the failure or after it.
        if let names = try? await results.map(\.name) { #expect(names == ["unknown authentication_failed"]) }
    }

    @Test func pausesWhileTheBrokerIsBlocked() async throws {
        try await TestBroker.withProxy { proxy in
            try await TestBroker.withQueue { queue in
                try await TestBroker.withPublisher(TestBroker.configuration(through: proxy)) { publisher in
                    #expect(
                        try await publisher.publish([TestBroker.message("a", to: queue)]).map(\.name) == ["confirmed"])
                    proxy.forge(
                        TestProxy.frame(channel: 0, classID: 10, methodID: 60, TestProxy.shortString("low on disk")))
                    try await TestBroker.until { await publisher.isBlocked }
                    async let results = publisher.publish([TestBroker.message("b", to: queue)])
                    try await TestBroker.until { await publisher.statistics.waiting == 1 }
                    #expect(await publisher.statistics.inFlight == 0)
                    proxy.forge(TestProxy.frame(channel: 0, classID: 10, methodID: 61))
                    #expect(try await results.map(\.name) == ["confirmed"])
                    #expect(await !publisher.isBlocked)
                }
            }
        }
    }

    @Test(arguments: [
        [UInt8](repeating: 0x41, count: 64),  // no frame at all
        TestProxy.frame(channel: 1, classID: 99, methodID: 99),  // no such method
        TestProxy.frame(channel: 7, classID: 60, methodID: 80, [0, 0, 0, 0, 0, 0, 0, 1, 0]),  // no such channel
        [3, 0, 1, 0, 0, 0, 1, 0x41, 0xCE],  // a body that nobody announced
        TestProxy.frame(channel: 1, classID: 20, methodID: 40, [1, 0xF4, 0, 0, 0, 0, 0]),  // channel.close
        TestProxy.frame(channel: 0, classID: 10, methodID: 50, [1, 0x40, 0, 0, 0, 0, 0]),  // connection.close
    ])
    func replacesAConnectionThatTalksNonsense(_ bytes: [UInt8]) async throws {
        try await TestBroker.withProxy { proxy in
            try await TestBroker.withQueue { queue in
                try await TestBroker.withPublisher(TestBroker.configuration(through: proxy)) { publisher in
                    #expect(
                        try await publisher.publish([TestBroker.message("a", to: queue)]).map(\.name) == ["confirmed"])
                    proxy.forge(bytes)
                    try await TestBroker.until { await publisher.statistics.reconnects == 1 }
                    #expect(
                        try await publisher.publish([TestBroker.message("b", to: queue)]).map(\.name) == ["confirmed"])
                }
            }
        }
    }

    @Test func keepsAnIdleConnectionWithHeartbeats() async throws {
        try await TestBroker.withProxy { proxy in
            try await TestBroker.withQueue { queue in
                let configuration = try TestBroker.configuration(through: proxy, heartbeat: 1)
                try await TestBroker.withPublisher(configuration) { publisher in
                    #expect(
                        try await publisher.publish([TestBroker.message("a", to: queue)]).map(\.name) == ["confirmed"])
                    let before = proxy.bytesToBroker
                    // Three heartbeat frames of eight bytes: longer than the broker would wait for a silent client.
                    try await TestBroker.until { proxy.bytesToBroker >= before + 24 }
                    #expect(
                        try await publisher.publish([TestBroker.message("b", to: queue)]).map(\.name) == ["confirmed"])
                    #expect(await publisher.statistics.reconnects == 0)
                }
            }
        }
    }

    @Test func noticesAPeerThatHasGoneSilent() async throws {
        try await TestBroker.withProxy { proxy in
            let configuration = try TestBroker.configuration(through: proxy, heartbeat: 1)
            try await TestBroker.withPublisher(configuration) { publisher in
                try await TestBroker.until { await publisher.isConnected }
                let started = ContinuousClock.now
                proxy.stall(.toClient)
                try await TestBroker.until { await publisher.statistics.reconnects == 1 }
                #expect(ContinuousClock.now - started < .seconds(7))
            }
        }
    }
}
