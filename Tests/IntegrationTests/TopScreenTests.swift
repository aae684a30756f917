import Foundation
import Testing

@testable import Operator

struct TopScreenTests {
    private func report(hosts: Int = 0, workers: Int = 0) -> TopReport {
        TopReport(
            at: Date(timeIntervalSince1970: 1_780_000_000), databaseMilliseconds: 1.25, brokerMilliseconds: 12,
            stages: ["crawl", "parse", "classify", "index"].map { name in
                var stage = TopReport.Stage(stage: name)
                stage.ready = 1_234_567
                stage.consumers = 2
                stage.isPaused = name == "classify"
                stage.oldestSeconds = 7300
                return stage
            },
            workers: (0..<workers).map {
                StatusReport.Worker(
                    worker: "a-worker-with-a-name-that-is-long-\($0)", stage: "parse", version: "1", silentSeconds: 1,
                    counts: ["received": 10_000, "done": 9_000])
            },
            hosts: (0..<hosts).map {
                TopReport.Host(
                    name: "h\($0).example.org", trouble: "blocked", until: Date(timeIntervalSince1970: 1_780_000_600),
                    reason: "HTTP 429 \u{1B}[2J\u{7}", level: 1)
            }, figures: ["hosts.blocked": Double(hosts)])
    }

    @Test(arguments: [(24, 80), (5, 20), (1, 1), (60, 200)])
    func fitsTheWindow(_ rows: Int, _ columns: Int) {
        for (hosts, workers) in [(0, 0), (50, 1), (3, 40)] {
            let lines = TopScreen().lines(
                report(hosts: hosts, workers: workers), detail: nil, rows: rows, columns: columns, isColoured: false)
            #expect(lines.count == rows)
            #expect(lines.allSatisfy { TerminalText.width($0) <= max(columns, 1) })
        }
    }

    @Test func showsEveryStageAndNoColumnIsCutAt80() {
        let text = TopScreen().lines(report(), detail: nil, rows: 24, columns: 80, isColoured: false)
        #expect(text[2].hasSuffix("QUAR"))
        #expect(text[3].hasPrefix("> crawl"))
        #expect(text[4].contains("parse") && text[4].contains("1M"))
        #expect(text[5].contains("classify‖"))
        #expect(text[6].contains("2h"))
        #expect(text.contains("NO WORKERS: nothing is being done"))
    }

    @Test func letsNoTextFromOutsideCommandTheTerminal() {
        var screen = TopScreen()
        _ = screen.press([UInt8(ascii: "h")])
        let lines = screen.lines(report(hosts: 3), detail: nil, rows: 24, columns: 80, isColoured: false)
        #expect(lines.contains { $0.contains("HTTP 429") })
        #expect(lines.allSatisfy { line in line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } })
    }

    @Test func obeysKeys() {
        var screen = TopScreen()
        #expect(screen.press([UInt8(ascii: "2")]) == .redraw)
        #expect(screen.chosenStage == "parse")
        #expect(screen.press([0x1B, 0x5B, 0x42]) == .redraw)
        #expect(screen.press([UInt8(ascii: "p")]) == .togglePause(stage: "classify"))
        #expect(screen.press([0x0D]) == .redraw)
        #expect(screen.panel == .stage)
        #expect(screen.press([0x1B]) == .redraw)
        #expect(screen.panel == .overview)
        #expect(screen.press([UInt8(ascii: "x")]) == .none)
        #expect(screen.press([UInt8(ascii: "q")]) == .quit)
    }
}
