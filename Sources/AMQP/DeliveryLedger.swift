/// The deliveries of one channel that are not settled yet.
///
/// A pure state machine. The broker numbers deliveries from 1 without gaps; the ledger decides which settlements can be
/// sent as one frame with `multiple`, and makes sure that no number is settled twice, which would end the channel.
struct DeliveryLedger {
    /// One frame to send.
    struct Settlement: Equatable {
        let number: UInt64
        let multiple: Bool
    }

    private enum Mark: UInt8 {
        case open
        case chosen
        case settled
    }

    private var marks: [Mark] = []
    private var head = 0
    private var first: UInt64 = 1

    /// Deliveries not settled yet.
    private(set) var count = 0

    /// Records a delivery.
    ///
    /// - Returns: false when the number is not the next one, which breaks the protocol.
    mutating func deliver(_ number: UInt64) -> Bool {
        guard number == first + UInt64(marks.count - head) else { return false }
        marks.append(.open)
        count += 1
        return true
    }

    /// Whether a delivery is known and not settled.
    func isOpen(_ number: UInt64) -> Bool {
        guard let index = index(of: number) else { return false }
        return marks[index] == .open
    }

    private func index(of number: UInt64) -> Int? {
        guard number >= first, number - first < UInt64(marks.count - head) else { return nil }
        return head + Int(number - first)
    }

    /// Settles deliveries; numbers that are unknown or settled already are ignored.
    ///
    /// - Returns: the frames that settle exactly these, and how many deliveries they settle. The open ones at the front
    ///   go into one frame with `multiple`.
    mutating func settle(_ numbers: [UInt64]) -> (frames: [Settlement], count: Int) {
        var chosen: [UInt64] = []
        chosen.reserveCapacity(numbers.count)
        for number in numbers {
            guard let index = index(of: number), marks[index] == .open else { continue }
            marks[index] = .chosen
            chosen.append(number)
        }
        guard !chosen.isEmpty else { return ([], 0) }
        var frames: [Settlement] = []
        let prefixEnd = settlePrefix(&frames)
        for number in chosen where number > prefixEnd {
            guard let index = index(of: number) else { continue }
            marks[index] = .settled
            frames.append(Settlement(number: number, multiple: false))
        }
        count -= chosen.count
        return (frames, chosen.count)
    }

    /// Settles the chosen deliveries before the first open one.
    ///
    /// - Returns: the last number so settled, or 0.
    private mutating func settlePrefix(_ frames: inout [Settlement]) -> UInt64 {
        var chosenCount = 0
        var last: UInt64 = 0
        let oldHead = head
        while head < marks.count, marks[head] != .open {
            if marks[head] == .chosen {
                chosenCount += 1
                last = first + UInt64(head - oldHead)
            }
            head += 1
        }
        first += UInt64(head - oldHead)
        if head == marks.count || head >= 8192 {
            marks.removeFirst(head)
            head = 0
        }
        if chosenCount > 0 { frames.append(Settlement(number: last, multiple: chosenCount > 1)) }
        return last
    }

    /// All open deliveries, oldest first.
    var openNumbers: [UInt64] {
        marks[head...].indices.filter { marks[$0] == .open }.map { first + UInt64($0 - head) }
    }
}
