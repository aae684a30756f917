import AMQP
import Foundation
import Model
import Pipeline
import TestSupport
import Testing

@Suite struct TopologyTests {
    @Test func hasEveryQueueOfEveryStage() {
        let names = Topology().allQueues.map(\.name)
        #expect(names.count == 28)
        #expect(Set(names).count == 28)
        #expect(names.contains("wireroom.retry.classify.15m"))
    }

    @Test func everyQueueIsAQuorumQueue() {
        for queue in Topology().allQueues { #expect(queue.arguments["x-queue-type"] == .string("quorum")) }
    }

    @Test(arguments: [(1, "15s"), (15, "15s"), (16, "2m"), (7000, "2h"), (100_000, "2h")])
    func picksTheRungThatWaitsLongEnough(seconds: Int, name: String) {
        #expect(Topology().rung(atLeast: .seconds(seconds))?.name == name)
    }

    @Suite(
        .enabled(
            if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
        .timeLimit(.minutes(2)))
    struct OnTheBroker {
        private func withTopology(_ body: (Topology, AMQPAdministration) async throws -> Void) async throws {
            let broker = try AMQPConfiguration(url: try #require(TestServices.brokerURL))
            let administration = try await AMQPAdministration.connect(broker, logger: TestServices.logger)
            let topology = Topology(
                prefix: "t" + UUID().uuidString.prefix(8).lowercased(), rungs: [.init(name: "a", delay: .seconds(1))])
            do {
                try await body(topology, administration)
            } catch {
                try await topology.remove(administration)
                throw error
            }
            try await topology.remove(administration)
            await administration.close()
        }

        @Test func appliesTwiceAndVerifies() async throws {
            try await withTopology { topology, administration in
                try await topology.apply(administration)
                try await topology.apply(administration)
                try await topology.verify(StageName.allCases, on: administration)
            }
        }

        @Test func namesWhatIsMissing() async throws {
            try await withTopology { topology, administration in
                try await topology.apply(administration)
                try await administration.deleteQueue(topology.suspectQueue(.parse))
                let error = await #expect(throws: TopologyError.self) {
                    try await topology.verify([.parse], on: administration)
                }
                #expect(error?.problems == ["queue \(topology.suspectQueue(.parse)) is missing"])
                try await topology.verify([.crawl, .classify, .index], on: administration)
            }
        }

        @Test func namesWhatDiffers() async throws {
            try await withTopology { topology, administration in
                try await topology.apply(administration)
                let name = topology.stageQueue(.index)
                try await administration.deleteQueue(name)
                _ = try await administration.declareQueue(
                    name, durable: true, exclusive: false, autoDelete: false,
                    arguments: ["x-queue-type": .string("quorum")])
                let error = await #expect(throws: TopologyError.self) {
                    try await topology.verify([.index], on: administration)
                }
                #expect(error?.problems.count == 1)
                #expect(error?.problems.first?.contains(name) == true)
            }
        }
    }
}
