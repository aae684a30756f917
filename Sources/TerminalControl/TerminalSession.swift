import Dispatch
import Glibc

/// A terminal that a program has for itself for a while: keys come one by one and are not echoed, and the screen is another
/// than the one that the shell wrote on.
///
/// However the program ends, ``restore()`` has to run; it may run more than once, and from a signal's handler on any queue.
public final class TerminalSession: Sendable {
    /// Rows and columns.
    public struct Size: Sendable, Equatable {
        /// Rows.
        public var rows: Int
        /// Columns.
        public var columns: Int

        /// Makes a size.
        public init(rows: Int, columns: Int) {
            self.rows = rows
            self.columns = columns
        }
    }

    private let input: Int32
    private let output: Int32
    private let original: termios

    /// Keeps the terminal's settings; changes nothing yet.
    ///
    /// - Returns: `nil` when standard input or output is no terminal.
    public init?() {
        let input = STDIN_FILENO
        let output = STDOUT_FILENO
        var settings = termios()
        guard isatty(input) == 1, isatty(output) == 1, unsafe tcgetattr(input, &settings) == 0 else { return nil }
        self.input = input
        self.output = output
        original = settings
    }

    /// Takes the terminal: another screen, no cursor, keys without echo. Signals of keys, such as Ctrl-C, stay.
    public func take() {
        var settings = original
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        _ = unsafe tcsetattr(input, TCSANOW, &settings)
        write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
    }

    /// Gives the terminal back as it was.
    public func restore() {
        write("\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l")
        var settings = original
        _ = unsafe tcsetattr(input, TCSANOW, &settings)
    }

    /// How large the window is; 24 by 80 where the terminal does not say.
    public var size: Size {
        var window = winsize()
        guard unsafe ioctl(output, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0, window.ws_col > 0 else {
            return Size(rows: 24, columns: 80)
        }
        return Size(rows: Int(window.ws_row), columns: Int(window.ws_col))
    }

    /// Shows lines from the top of the screen on, and clears what is below and beside them.
    public func show(_ lines: [String]) {
        write("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J")
    }

    /// The keys that are pressed, as bytes; ends when the terminal does.
    public func keys() -> AsyncStream<[UInt8]> {
        AsyncStream(bufferingPolicy: .bufferingNewest(64)) { continuation in
            let keys = KeySource(input) { keys in
                if keys.isEmpty { continuation.finish() } else { continuation.yield(keys) }
            }
            continuation.onTermination = { _ in keys.cancel() }
        }
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(output, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent)
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            // A terminal that has gone takes nothing more.
            guard count > 0 else { return }
            sent += count
        }
    }
}

/// Reads keys as they are pressed.
private final class KeySource: @unchecked Sendable {
    // Safe: the source is made in the initialiser and afterwards only cancelled, which Dispatch allows from any thread.
    private let source: any DispatchSourceRead

    /// - Parameter handler: takes what was typed; nothing when the terminal has gone.
    init(_ input: Int32, handler: @escaping @Sendable ([UInt8]) -> Void) {
        source = DispatchSource.makeReadSource(fileDescriptor: input, queue: .global())
        source.setEventHandler {
            var buffer = [UInt8](repeating: 0, count: 64)
            let count = unsafe read(input, &buffer, buffer.count)
            handler(count > 0 ? Array(buffer[..<count]) : [])
        }
        source.activate()
    }

    func cancel() {
        source.cancel()
    }
}
