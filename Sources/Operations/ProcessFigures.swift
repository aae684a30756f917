import Foundation
public import Model

/// What the process itself uses, read from `/proc`.
public struct ProcessFigures: Sendable, Equatable {
    /// Processor time used, in seconds.
    public var cpuSeconds: Double
    /// Memory in use, in bytes.
    public var residentBytes: Int
    /// Address space, in bytes.
    public var virtualBytes: Int
    /// When the process was started, in seconds since 1970.
    public var startSeconds: Double
    /// Threads.
    public var threads: Int
    /// Open descriptors.
    public var openDescriptors: Int
    /// Descriptors that may be open.
    public var maximumDescriptors: Int

    /// The metrics under the names that all exporters use.
    public static let descriptions = [
        MetricDescription("process.cpu.seconds", .counter, help: "Total user and system CPU time spent in seconds."),
        MetricDescription("process.resident.memory.bytes", .gauge, help: "Resident memory size in bytes."),
        MetricDescription("process.virtual.memory.bytes", .gauge, help: "Virtual memory size in bytes."),
        MetricDescription(
            "process.start.time.seconds", .gauge, help: "Start time of the process since unix epoch in seconds."),
        MetricDescription("process.threads", .gauge, help: "Number of OS threads in the process."),
        MetricDescription("process.open.fds", .gauge, help: "Number of open file descriptors."),
        MetricDescription("process.max.fds", .gauge, help: "Maximum number of open file descriptors."),
    ]

    /// Reads the figures.
    ///
    /// - Returns: `nil` where there is no `/proc`.
    public static func read() -> ProcessFigures? {
        guard let stat = text("/proc/self/stat"), let limits = text("/proc/self/limits"),
            let boot = text("/proc/stat"),
            let entries = try? FileManager.default.contentsOfDirectory(  // no /proc: nil
                atPath: "/proc/self/fd")
        else { return nil }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let page = max(1, sysconf(Int32(_SC_PAGESIZE)))
        return ProcessFigures(
            stat: stat, limits: limits, boot: boot, descriptors: entries.count, ticksPerSecond: ticks, pageBytes: page)
    }

    /// Reads the figures out of the kernel's files, see proc(5).
    init?(
        stat: String, limits: String, boot: String, descriptors: Int, ticksPerSecond: Double, pageBytes: Int
    ) {
        // The second field is the program's name in brackets, which may hold anything; the third one comes after it.
        guard let bracket = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ").map(String.init)
        func number(_ field: Int) -> Double? { fields.indices.contains(field - 3) ? Double(fields[field - 3]) : nil }
        guard let user = number(14), let system = number(15), let threads = number(20), let start = number(22),
            let virtual = number(23), let resident = number(24),
            let booted = boot.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }).flatMap({
                Double($0.dropFirst(6))
            })
        else { return nil }
        let limit = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        cpuSeconds = (user + system) / ticksPerSecond
        residentBytes = Int(resident) * pageBytes
        virtualBytes = Int(virtual)
        startSeconds = booted + start / ticksPerSecond
        self.threads = Int(threads)
        openDescriptors = descriptors
        maximumDescriptors = limit.flatMap { Int($0.split(separator: " ")[3]) } ?? 0
    }

    private static func text(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)  // no /proc: nil
    }
}
