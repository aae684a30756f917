public import Postgres

/// Figures of the whole line at one moment, as the worker that looks at it has seen them.
public struct LineFigures: Sendable, Codable, Equatable {
    /// A figure of the database, such as `pending.oldest` of the stage `parse`.
    public struct Figure: Sendable, Codable, Equatable {
        /// What it is, see the function `wireroom.line_figures`.
        public var name: String
        /// Which stage or lane it is of; empty for the whole line.
        public var label: String
        /// The number; ages are in seconds.
        public var figure: Double
    }

    /// How full a queue is.
    public struct Queue: Sendable, Codable, Equatable {
        /// The queue's name.
        public var name: String
        /// Messages that are ready.
        public var ready: Int
        /// Consumers.
        public var consumers: Int
    }

    /// The figures of the database.
    public var figures: [Figure]
    /// The broker's queues; `nil` when the broker gave no answer.
    public var queues: [Queue]?

    /// Puts figures together.
    public init(figures: [Figure] = [], queues: [Queue]? = nil) {
        self.figures = figures
        self.queues = queues
    }

    /// Asks the database.
    public static func read(from database: PostgresPool) async throws -> [Figure] {
        try await database.query("SELECT name, label, figure FROM wireroom.line_figures()").map { row in
            Figure(
                name: try row.decode("name"), label: try row.decode("label"), figure: try row.decode("figure"))
        }
    }

    /// A figure of the database, or `nil`.
    public func value(_ name: String, _ label: String = "") -> Double? {
        figures.first { $0.name == name && $0.label == label }?.figure
    }
}
