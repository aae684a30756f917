/// Deliveries that have come and have not been handed out: at most as many as the prefetch allows.
///
/// Taking from the front does not move what stays.
struct DeliveryBuffer {
    private var storage: [AMQPDelivery] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }

    mutating func append(_ delivery: AMQPDelivery) {
        storage.append(delivery)
    }

    /// Takes up to `limit` deliveries from the front.
    mutating func take(_ limit: Int) -> [AMQPDelivery] {
        let end = min(head + min(limit, count), storage.count)
        guard head > 0 || end < storage.count else {
            defer { storage = [] }
            return storage
        }
        let batch = Array(storage[head..<end])
        head = end
        if isEmpty {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head > storage.count / 2 {
            storage.removeFirst(head)
            head = 0
        }
        return batch
    }
}
