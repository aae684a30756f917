import AMQP
import Testing

@Suite(.enabled(if: TestBroker.isAvailable, TestBroker.whyNot), .timeLimit(.minutes(1)))
struct AMQPAdministrationTests {
    @Test func survivesErrorsOfItsChannel() async throws {
        let administration = try await AMQPAdministration.connect(TestBroker.configuration(), logger: TestBroker.logger)
        try await TestBroker.withQueue(arguments: ["x-message-ttl": .int(60_000)]) { queue in
            let mismatch = await #expect(throws: AMQPError.self) { try await administration.declareQueue(queue) }
            #expect(mismatch?.code == .preconditionFailed)
            #expect(mismatch?.replyCode == 406)
            #expect(try await administration.inspectQueue("\(queue).missing") == nil)
            let missing = await #expect(throws: AMQPError.self) {
                try await administration.purgeQueue("\(queue).missing")
            }
            #expect(missing?.code == .notFound)
            #expect(try await administration.inspectQueue(queue) == AMQPQueueStatus(messageCount: 0, consumerCount: 0))
            let same = try await administration.declareQueue(queue, arguments: ["x-message-ttl": .int(60_000)])
            #expect(same.messageCount == 0)
        }
        await administration.close()
        await administration.close()
        let closed = await #expect(throws: AMQPError.self) { try await administration.inspectQueue("q") }
        #expect(closed?.code == .closed)
    }

    @Test func knowsTheBroker() async throws {
        let properties = try await TestBroker.administration.serverProperties
        #expect(properties["product"] == .string("RabbitMQ"))
        guard case .table(let capabilities) = properties["capabilities"] else {
            Issue.record("no capabilities")
            return
        }
        #expect(capabilities["publisher_confirms"] == .bool(true))
    }

    @Test func routesThroughAnExchange() async throws {
        let administration = try await TestBroker.administration
        try await TestBroker.withQueue { queue in
            let exchange = "\(queue).exchange"
            #expect(try await !administration.exchangeExists(exchange))
            try await administration.declareExchange(exchange, type: "topic")
            #expect(try await administration.exchangeExists(exchange))
            let mismatch = await #expect(throws: AMQPError.self) {
                try await administration.declareExchange(exchange, type: "fanout")
            }
            #expect(mismatch?.code == .preconditionFailed)
            try await administration.bindQueue(queue, exchange: exchange, routingKey: "news.*")
            try await TestBroker.withPublisher { publisher in
                let results = try await publisher.publish([
                    TestBroker.message("in", to: "news.world", exchange: exchange),
                    TestBroker.message("out", to: "sports", exchange: exchange),
                ])
                #expect(results.map(\.name) == ["confirmed", "returned 312"])
            }
            try await administration.deleteExchange(exchange)
            #expect(try await !administration.exchangeExists(exchange))
            #expect(try await administration.purgeQueue(queue) == 1)
        }
    }

    @Test func takesOrPeeksAtMessages() async throws {
        let administration = try await TestBroker.administration
        try await TestBroker.withQueue { queue in
            #expect(try await administration.get(queue, acknowledging: true) == nil)
            try await TestBroker.fill(queue, count: 2)
            #expect(try await administration.get(queue, acknowledging: false)?.text == "1")
            #expect(try await administration.get(queue, acknowledging: true)?.text == "1")
            #expect(try await administration.get(queue, acknowledging: true)?.text == "2")
            #expect(try await administration.get(queue, acknowledging: true) == nil)
        }
    }

    @Test func connectsAgainAfterALostConnection() async throws {
        try await TestBroker.withProxy { proxy in
            let configuration = try TestBroker.configuration(through: proxy)
            let administration = try await AMQPAdministration.connect(configuration, logger: TestBroker.logger)
            #expect(try await administration.exchangeExists("amq.direct"))
            proxy.cut()
            try await TestBroker.until {
                // The first request may still meet the connection that was cut.
                (try? await administration.exchangeExists("amq.direct")) == true
            }
            #expect(proxy.connectionCount == 2)
            await administration.close()
        }
    }

    @Test func failsClearlyWhereThereIsNoBroker() async throws {
        var configuration = try TestBroker.configuration()
        configuration.usesTLS = true
        configuration.connectTimeout = .seconds(3)
        let plain = await #expect(throws: AMQPError.self) {
            try await AMQPAdministration.connect(configuration, logger: TestBroker.logger)
        }
        #expect(plain.map { [.connectionFailed, .timeout, .invalidConfiguration].contains($0.code) } == true)
        configuration.usesTLS = false
        configuration.port = 1
        let refused = await #expect(throws: AMQPError.self) {
            try await AMQPAdministration.connect(configuration, logger: TestBroker.logger)
        }
        #expect(refused?.code == .connectionFailed)
        #expect(refused?.isRetriable == true)
        configuration = try TestBroker.configuration()
        configuration.virtualHost = "nowhere"
        let noHost = await #expect(throws: AMQPError.self) {
            try await AMQPAdministration.connect(configuration, logger: TestBroker.logger)
        }
        #expect(noHost?.code == .accessRefused)
    }

    @Test func givesUpOnABrokerThatDoesNotAnswer() async throws {
        try await TestBroker.withProxy { proxy in
            var configuration = try TestBroker.configuration(through: proxy)
            configuration.connectTimeout = .milliseconds(500)
            let administration = try await AMQPAdministration.connect(configuration, logger: TestBroker.logger)
            proxy.stall(.toClient)
            let error = await #expect(throws: AMQPError.self) { try await administration.exchangeExists("amq.direct") }
            #expect(error?.code == .timeout)
            await administration.close()
        }
    }
}
