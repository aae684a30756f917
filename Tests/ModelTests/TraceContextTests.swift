import Model
import Testing

struct TraceContextTests {
    private let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func readsAndWritesTheHeader() {
        let context = TraceContext(example)
        #expect(context?.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context?.spanID == "00f067aa0ba902b7")
        #expect(context?.isSampled == true)
        #expect(context?.traceparent == example)
    }

    @Test func makesContextsThatConform() {
        for _ in 1...100 { #expect(TraceContext(TraceContext.make().traceparent) != nil) }
    }

    @Test func aChildBelongsToTheSameTrace() {
        let context = TraceContext.make()
        let child = context.child()
        #expect(child.traceID == context.traceID)
        #expect(child.spanID != context.spanID)
        #expect(TraceContext(child.traceparent) == child)
    }

    @Test func takesWhatALaterVersionAdds() {
        #expect(TraceContext("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more")?.isSampled == false)
    }

    @Test(arguments: [
        "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
    ])
    func refusesWhatDoesNotConform(_ text: String) {
        #expect(TraceContext(text) == nil)
    }
}
