import AMQP
import Model
@testable import Pipeline
import Testing

@Suite struct RoutingTests {
    private let routing = Routing(topology: Topology(), stage: .parse, worker: "w")
    private let message = AMQPMessage(properties: AMQPProperties(messageID: "m"), body: [1])

    private func state(failures: Int, snoozes: Int = 0) -> DeliveryState {
        var state = DeliveryState()
        state.failures = failures
        state.snoozes = snoozes
        return state
    }

    @Test(arguments: [(0, "15s"), (1, "2m"), (2, "15m"), (3, "2h")])
    func eachFailureWaitsLonger(failures: Int, rung: String) {
        let next = routing.onward(.retry(.timeout), state: state(failures: failures), message: message)
        #expect(next?.routingKey == "wireroom.retry.parse.\(rung)")
        #expect(next?.message.properties.headers[Header.failures] == .int(Int64(failures + 1)))
        #expect(next?.message.properties.messageID == "m")
    }

    @Test func theFifthFailureIsAQuarantine() {
        let settled = routing.settled(.retry(.stageError, detail: "x"), state: state(failures: 4))
        #expect(settled == .quarantine(.attemptsExhausted, detail: "x"))
        #expect(routing.settled(.retry(.stageError), state: state(failures: 3)) == .retry(.stageError))
    }

    @Test func doneAndDroppedMessagesEnd() {
        for outcome in [StageOutcome.done, .drop(.empty)] {
            let next = routing.onward(outcome, state: state(failures: 0), message: message)
            #expect(next?.routingKey == nil)
        }
    }

    @Test func theFirstErrorIsKept() {
        let state = DeliveryState().failed("first").failed("second")
        #expect(state.firstError == "first")
        #expect(state.lastError == "second")
        #expect(DeliveryState(headers: state.headers) == state)
        #expect(state.attempt == 3)
    }

    /// The publisher refuses headers over 64 KiB, and an error of a publication ends the worker.
    @Test(
        arguments: [
            .string(String(repeating: "x", count: 70_000)),
            .table(["x": .string(String(repeating: "x", count: 70_000))]),
            .int(1),
        ] as [AMQPValue])
    func onlyWhatMayBeATraceIsSentOn(value: AMQPValue) {
        var foreign = message
        foreign.properties.headers[Header.traceParent] = value
        for next in [
            routing.onward(.retry(.timeout), state: DeliveryState(), message: foreign), routing.suspected(foreign),
        ] {
            #expect(next != nil && next?.message.properties.headers[Header.traceParent] == nil)
        }
        foreign.properties.headers[Header.traceParent] = .string(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        #expect(
            routing.suspected(foreign).message.properties.headers
                == foreign.properties.headers.merging(DeliveryState().headers) { $1 })
    }

    @Test func foreignHeadersDoNoHarm() {
        let state = DeliveryState(headers: [
            Header.failures: .string("many"), Header.snoozes: .int(-4), Header.firstError: .int(1),
        ])
        #expect(state == DeliveryState())
    }
}
