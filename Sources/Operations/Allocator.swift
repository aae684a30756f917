internal import CMalloc
internal import Foundation

/// The memory allocator of glibc, kept from holding far more than the program uses.
///
/// It makes eight arenas for each processor, as threads come and go, and what a batch needed once stays in each of those
/// that it happened to be worked in: after an hour a worker that used 5 MB held a dozen arenas with up to 290 MB.
public enum Allocator {
    /// Lets threads share as many arenas as there are processors, two at least. To be called before there are many threads.
    public static func limitArenas() {
        let count = max(2, ProcessInfo.processInfo.activeProcessorCount)
        _ = mallopt(M_ARENA_MAX, Int32(count))  // refused: memory stays as it would be without
    }

    /// Gives every free page back to the system, wherever it lies, see malloc_trim(3). glibc itself gives back only the end
    /// of an arena. It takes some milliseconds, in which other threads may have to wait for memory.
    public static func releaseFreed() {
        _ = malloc_trim(0)  // whether there was anything to give
    }
}
