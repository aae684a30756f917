internal import CPostgreSQL
import Glibc
import Logging

/// What the server said next.
enum ServerAnswer {
    case result(PostgresResult)
    case failed(PostgresError)
    /// The end of a pipeline.
    case synced
    /// A statement of a pipeline that did not run, because one before it failed.
    case skipped
    case copyIn
    /// A copy in a direction this module does not serve.
    case copyOut
}

/// Owns one `PGconn`; `PQfinish` runs in `deinit` and nowhere else.
///
/// Not Sendable: it belongs to one ``PostgresConnection`` and is used on its queue only. All calls are the non-blocking
/// ones once ``becomeNonBlocking()`` succeeded; only the name lookup inside ``poll()`` can block.
@safe final class ConnectionHandle {
    enum Progress { case reading, writing, failed, connected }
    enum FlushState { case done, pending, failed }

    private let raw: OpaquePointer
    /// Kept alive for the notice receiver, which has only a borrowed pointer to it.
    private let noticeLog: NoticeLog

    /// Begins to connect; nil when out of memory.
    init?(parameters: [(name: String, value: String)], logger: Logger) {
        let names = CStrings(parameters.map(\.name))
        let values = CStrings(parameters.map(\.value))
        guard let raw = unsafe PQconnectStartParams(names.pointers, values.pointers, 0) else { return nil }
        unsafe self.raw = raw
        noticeLog = NoticeLog(logger: logger)
        // Verbose, so that a refusal carries its SQLSTATE.
        _ = unsafe PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
        _ = unsafe PQsetNoticeReceiver(
            raw,
            { context, result in
                guard let context = unsafe context, let result = unsafe result else { return }
                unsafe Unmanaged<NoticeLog>.fromOpaque(context).takeUnretainedValue().receive(result)
            }, Unmanaged.passUnretained(noticeLog).toOpaque())
    }

    deinit {
        unsafe PQfinish(raw)
    }

    // MARK: State

    var isBroken: Bool { unsafe PQstatus(raw) == CONNECTION_BAD }
    var socket: Int32 { unsafe PQsocket(raw) }
    var usesTLS: Bool { unsafe PQsslInUse(raw) != 0 }
    var errorMessage: String { unsafe String(cString: PQerrorMessage(raw)) }
    var isIdle: Bool { unsafe PQtransactionStatus(raw) == PQTRANS_IDLE }

    func serverParameter(_ name: String) -> String? {
        unsafe PQparameterStatus(raw, name).map { unsafe String(cString: $0) }
    }

    // MARK: Connecting

    func poll() -> Progress {
        switch unsafe PQconnectPoll(raw) {
        case PGRES_POLLING_READING: .reading
        case PGRES_POLLING_WRITING: .writing
        case PGRES_POLLING_OK: .connected
        default: .failed
        }
    }

    func becomeNonBlocking() -> Bool { unsafe PQsetnonblocking(raw, 1) == 0 }

    // MARK: Receiving

    func consumeInput() -> Bool { unsafe PQconsumeInput(raw) == 1 }
    var isBusy: Bool { unsafe PQisBusy(raw) == 1 }

    /// The next answer, or nil for libpq's "nothing more of this command". Call it only when not ``isBusy``.
    func nextAnswer() -> ServerAnswer? {
        guard let result = unsafe PQgetResult(raw) else { return nil }
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
            return unsafe .result(PostgresResult(storage: ResultStorage(taking: result)))
        default:
            defer { unsafe PQclear(result) }
            return unsafe special(result)
        }
    }

    private func special(_ result: OpaquePointer) -> ServerAnswer {
        switch unsafe PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC: .synced
        case PGRES_PIPELINE_ABORTED: .skipped
        case PGRES_COPY_IN: .copyIn
        case PGRES_COPY_OUT, PGRES_COPY_BOTH: .copyOut
        default: unsafe .failed(ServerMessage.error(of: result, isConnectionLost: isBroken))
        }
    }

    func nextNotification() -> PostgresNotification? {
        // The struct is malloc'd by libpq and ours to free.
        guard let message = unsafe PQnotifies(raw) else { return nil }
        defer { unsafe PQfreemem(message) }
        return unsafe PostgresNotification(
            channel: String(cString: message.pointee.relname), payload: String(cString: message.pointee.extra),
            processID: message.pointee.be_pid)
    }

    // MARK: Sending

    func flush() -> FlushState {
        switch unsafe PQflush(raw) {
        case 0: .done
        case 1: .pending
        default: .failed
        }
    }

    func sendScript(_ sql: String) -> Bool { unsafe PQsendQuery(raw, sql) == 1 }
    func enterPipeline() -> Bool { unsafe PQenterPipelineMode(raw) == 1 }
    func exitPipeline() -> Bool { unsafe PQexitPipelineMode(raw) == 1 }
    func sendSync() -> Bool { unsafe PQpipelineSync(raw) == 1 }

    func sendPrepare(_ name: String, sql: String, types: [UInt32]) -> Bool {
        unsafe PQsendPrepare(raw, name, sql, Int32(types.count), types) == 1
    }

    func sendDescribe(_ name: String) -> Bool { unsafe PQsendDescribePrepared(raw, name) == 1 }

    func sendPrepared(_ name: String, _ parameters: EncodedParameters, inBinary: Bool) -> Bool {
        unsafe withParameters(parameters) { values, lengths, formats in
            unsafe PQsendQueryPrepared(
                raw, name, Int32(parameters.fields.count), values, lengths, formats, inBinary ? 1 : 0) == 1
        }
    }

    /// Runs a statement without preparing it; the result comes as text.
    func sendUnprepared(_ sql: String, _ parameters: EncodedParameters) -> Bool {
        let types = parameters.fields.map(\.type)
        return unsafe withParameters(parameters) { values, lengths, formats in
            unsafe PQsendQueryParams(raw, sql, Int32(types.count), types, values, lengths, formats, 0) == 1
        }
    }

    func putCopyData(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe PQputCopyData(raw, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count)) == 1
        }
    }

    /// Ends a copy; with a reason the server discards what it received.
    func putCopyEnd(failure: String?) -> Bool {
        guard let failure else { return unsafe PQputCopyEnd(raw, nil) == 1 }
        return unsafe PQputCopyEnd(raw, failure) == 1
    }

    private typealias Pointers = UnsafePointer<UnsafePointer<CChar>?>?

    /// Lends the parameters as libpq's three parallel arrays; the server has its copy (in libpq's buffer) on return.
    private func withParameters(
        _ parameters: EncodedParameters, _ body: (Pointers, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Bool
    ) -> Bool {
        let fields = parameters.fields
        guard !fields.isEmpty else { return body(nil, nil, nil) }
        let lengths = fields.map { Int32(clamping: $0.range?.count ?? 0) }
        let formats = fields.map { Int32($0.isBinary ? 1 : 0) }
        return unsafe parameters.bytes.withUnsafeBytes { buffer in
            let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe fields.map { field in
                unsafe field.range.flatMap { range in unsafe start.map { unsafe $0 + range.lowerBound } }
            }
            return unsafe body(values, lengths, formats)
        }
    }

    // MARK: Cancelling

    /// A request that can be sent from another thread while this connection is in use; nil when not connected.
    func makeCancelRequest() -> CancelRequest? {
        unsafe PQgetCancel(raw).map { unsafe CancelRequest(taking: $0) }
    }
}

/// Strings for a C call, as an array of pointers that ends with nil.
@safe private struct CStrings: ~Copyable {
    let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            unsafe (pointers + index).initialize(to: strdup(string).map { unsafe UnsafePointer($0) })
        }
        unsafe (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { unsafe free(UnsafeMutablePointer(mutating: pointers[index])) }
        unsafe pointers.deallocate()
    }
}

/// Writes the server's notices to the log.
private final class NoticeLog {
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func receive(_ result: OpaquePointer) {
        let notice = unsafe ServerMessage.notice(of: result)
        logger.debug(
            "The database sent a notice", metadata: ["notice": "\(notice.text)", "sqlstate": "\(notice.sqlState)"])
    }
}
