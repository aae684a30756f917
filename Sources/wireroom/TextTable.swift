import Foundation
import Operator

/// Rows with aligned columns; the last column may be as long as it likes.
struct TextTable {
    private var rows: [[String]] = []

    /// Starts with a heading, or with none.
    init(_ heading: String...) {
        if !heading.isEmpty { rows.append(heading) }
    }

    /// Adds a row.
    mutating func add(_ cells: String...) {
        rows.append(cells.map(TerminalText.plain))
    }

    /// Writes the rows.
    func write(indent: String = "") throws {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                let width = TerminalText.width(cell)
                if column < widths.count { widths[column] = max(widths[column], width) } else { widths.append(width) }
            }
        }
        for row in rows {
            var line = indent
            for (column, cell) in row.enumerated() {
                line += cell
                guard column + 1 < row.count else { continue }
                line += String(repeating: " ", count: widths[column] - TerminalText.width(cell) + 2)
            }
            while line.last == " " { line.removeLast() }
            try Console.line(line)
        }
    }
}
