/// The publications on one channel that the broker has not settled yet, in the order of their sequence numbers.
///
/// A pure state machine. The broker counts publications from 1 after `confirm.select`; it may settle many at once
/// (`multiple`), in any order, and it sends `basic.return` before it settles the returned publication.
struct ConfirmLedger<Token> {
    /// What the broker said about a publication.
    enum Outcome {
        case acknowledged
        case refused
    }

    private struct Entry {
        let token: Token
        var returned: (replyCode: Int, replyText: String)?
    }

    private var entries: [Entry?] = []
    private var head = 0
    private var firstSequence: UInt64 = 1

    /// Publications not settled yet.
    private(set) var count = 0

    init() {}

    /// Records the next publication.
    ///
    /// - Returns: its sequence number.
    @discardableResult
    mutating func append(_ token: Token) -> UInt64 {
        entries.append(Entry(token: token))
        count += 1
        return firstSequence + UInt64(entries.count - head - 1)
    }

    /// Settles one publication, or all up to it; numbers that are unknown or settled already are ignored.
    mutating func settle(
        _ sequence: UInt64, multiple: Bool, _ outcome: Outcome, _ report: (Token, AMQPPublishResult) -> Void
    ) {
        var end = entries.count - 1
        // The number zero with `multiple` means everything so far.
        if !multiple || sequence != 0 {
            guard sequence >= firstSequence, sequence - firstSequence < UInt64(entries.count - head) else { return }
            end = head + Int(sequence - firstSequence)
        }
        guard end >= head else { return }
        for index in (multiple ? head : end)...end { settle(at: index, outcome, report) }
        dropSettled()
    }

    private mutating func settle(at index: Int, _ outcome: Outcome, _ report: (Token, AMQPPublishResult) -> Void) {
        guard let entry = entries[index] else { return }
        entries[index] = nil
        count -= 1
        if let returned = entry.returned {
            report(entry.token, .returned(replyCode: returned.replyCode, replyText: returned.replyText))
        } else {
            report(entry.token, outcome == .acknowledged ? .confirmed : .nacked)
        }
    }

    private mutating func dropSettled() {
        let oldHead = head
        while head < entries.count, entries[head] == nil { head += 1 }
        firstSequence += UInt64(head - oldHead)
        if head == entries.count || head >= 4096 {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// Marks the oldest unsettled, not yet returned publication that matches.
    ///
    /// - Returns: whether there was one.
    mutating func markReturned(replyCode: Int, replyText: String, where matches: (Token) -> Bool) -> Bool {
        for index in head..<entries.count {
            guard let entry = entries[index], entry.returned == nil, matches(entry.token) else { continue }
            entries[index]?.returned = (replyCode, replyText)
            return true
        }
        return false
    }

    /// Empties the ledger at the end of a connection: returned publications are returned, all others unknown.
    mutating func abandon(_ error: AMQPError, _ report: (Token, AMQPPublishResult) -> Void) {
        for case let entry? in entries[head...] {
            if let returned = entry.returned {
                report(entry.token, .returned(replyCode: returned.replyCode, replyText: returned.replyText))
            } else {
                report(entry.token, .unknown(error))
            }
        }
        self = ConfirmLedger()
    }
}
