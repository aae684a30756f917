import Synchronization
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(1))) struct MemoryBudgetTests {
    /// Notes who came when.
    private final class Order: Sendable {
        private let numbers = Mutex<[Int]>([])
        var all: [Int] { numbers.withLock { $0 } }
        func append(_ number: Int) { numbers.withLock { $0.append(number) } }
    }

    @Test func cutsListsIntoRunsThatFit() {
        let budget = MemoryBudget(limit: 10)
        #expect(budget.portions(of: [3, 4, 3, 1, 20, 0, 10, 1]) == [0..<3, 3..<4, 4..<5, 5..<7, 7..<8])
        #expect(budget.portions(of: [0, 0, 0]) == [0..<3])
        #expect(budget.portions(of: []).isEmpty)
    }

    @Test func givesBackWhenNobodyHoldsAShare() async throws {
        let budget = MemoryBudget(limit: 10)
        do {
            let share = try await budget.take(7)
            #expect(budget.held == 7)
            withExtendedLifetime(share) {}
        }
        #expect(budget.held == 0)
    }

    @Test func givesSharesInTheOrderAsked() async throws {
        let budget = MemoryBudget(limit: 10)
        let order = Order()
        let first = Mutex<MemoryBudget.Share?>(try await budget.take(8))
        await withThrowingTaskGroup(of: Void.self) { group in
            // The second fits, and waits behind the first, which does not.
            for (number, bytes) in [(1, 9), (2, 1)] {
                group.addTask {
                    let share = try await budget.take(bytes)
                    order.append(number)
                    withExtendedLifetime(share) {}
                }
                while budget.waiting < number { await Task.yield() }
            }
            #expect(budget.held == 8)
            #expect(order.all.isEmpty)
            first.withLock { $0 = nil }
        }
        #expect(order.all.first == 1)
        #expect(budget.held == 0)
    }

    @Test func givesMoreThanThereIsOnlyAlone() async throws {
        let budget = MemoryBudget(limit: 10)
        let small = Mutex<MemoryBudget.Share?>(try await budget.take(1))
        let large = Task { try await budget.take(50) }
        while budget.waiting < 1 { await Task.yield() }
        #expect(budget.held == 1)
        small.withLock { $0 = nil }
        let share = try await large.value
        #expect(budget.held == 50)
        withExtendedLifetime(share) {}
    }

    @Test func lastsWhenAWaiterIsCancelled() async throws {
        let budget = MemoryBudget(limit: 10)
        let first = try await budget.take(8)
        let large = Task { try await budget.take(9) }
        while budget.waiting < 1 { await Task.yield() }
        let small = Task { try await budget.take(2) }
        while budget.waiting < 2 { await Task.yield() }
        large.cancel()
        await #expect(throws: CancellationError.self) { try await large.value }
        let second = try await small.value
        #expect(budget.held == 10)
        withExtendedLifetime((first, second)) {}
    }
}
