import Logging

extension PostgresConnection {
    /// Copies rows into a table (`COPY … FROM STDIN`): all of them or, on an error, none.
    ///
    /// Rows are encoded and sent in chunks; the next chunk is asked for when the socket has taken the last one.
    /// Meanwhile calls from other tasks wait.
    ///
    /// - Parameters:
    ///   - table: `table` or `schema.table`, in the exact case it has in the server.
    ///   - columns: the names of the columns, in the order of the fields of a row; not empty.
    ///   - rows: the rows.
    /// - Returns: the number of rows copied.
    /// - Throws: ``PostgresError``, or what the sequence throws.
    nonisolated public func copy<Rows: AsyncSequence>(
        into table: String, columns: [String], rows: Rows
    ) async throws -> Int where Rows.Element == [PostgresValue] {
        var iterator = rows.makeAsyncIterator()
        return try await copy(into: table, columns: columns) { try await iterator.next(isolation: #isolation) }
    }

    /// Copies rows into a table (`COPY … FROM STDIN`): all of them or, on an error, none.
    ///
    /// As ``copy(into:columns:rows:)-(_,_,AsyncSequence)``, for rows that are at hand.
    nonisolated public func copy<Rows: Sequence>(
        into table: String, columns: [String], rows: Rows
    ) async throws -> Int where Rows.Element == [PostgresValue] {
        var iterator = rows.makeIterator()
        return try await copy(into: table, columns: columns) { iterator.next() }
    }

    private nonisolated func copy(
        into table: String, columns: [String], _ next: () async throws -> [PostgresValue]?
    ) async throws -> Int {
        let names = columns.map(Identifier.quoted).joined(separator: ", ")
        let sql = "COPY \(Identifier.quotedPath(table)) (\(names)) FROM STDIN"
        try EncodedStatement.check(sql)
        let scope = TransactionScope(connection: self, within: TransactionScope.current)
        _ = try await perform(.script(sql), in: TransactionScope.current, .push(scope))
        do {
            try await TransactionScope.$current.withValue(scope) {
                try await sendRows(next, columnCount: columns.count, scope)
            }
        } catch {
            await abortCopy(scope, because: error)
            throw error
        }
        let results = try await perform(.copyEnd(failure: nil), in: scope, .pop, isCancellable: false)
        return results.first?.affectedRows ?? 0
    }

    private nonisolated func sendRows(
        _ next: () async throws -> [PostgresValue]?, columnCount: Int, _ scope: TransactionScope
    ) async throws {
        var encoder = CopyEncoder(columnCount: columnCount)
        while let row = try await next() {
            try encoder.append(row)
            guard encoder.isChunkFull else { continue }
            _ = try await perform(.copyData(encoder.takeChunk()), in: scope)
        }
        // A cancelled sequence ends like a finished one.
        guard !Task.isCancelled else { throw PostgresError(.cancelled, "the task was cancelled while copying") }
        if !encoder.bytes.isEmpty { _ = try await perform(.copyData(encoder.takeChunk()), in: scope) }
    }

    /// Has the server discard what it received. Its answer is always an error; the cause is already known.
    private nonisolated func abortCopy(_ scope: TransactionScope, because error: any Error) async {
        do {
            _ = try await perform(.copyEnd(failure: "the rows ended early"), in: scope, .pop, isCancellable: false)
        } catch {
            logger.debug("A copy was aborted", metadata: ["error": "\(error)"])
        }
    }
}
