internal import CRabbitMQ

/// Memory for the strings and tables of one outgoing method.
///
/// The C structures that are sent hold pointers only. The arena keeps what they point to alive from the moment it is
/// copied in until ``reset()``, which the link calls after each send. It is confined to its link's queue.
@safe final class WireArena {
    private static let blockSize = 16 << 10

    private var blocks: [UnsafeMutableRawPointer]
    private var offset = 0

    init() {
        unsafe blocks = [.allocate(byteCount: Self.blockSize, alignment: 16)]
    }

    deinit {
        while unsafe !blocks.isEmpty { unsafe blocks.removeLast().deallocate() }
    }

    /// Forgets everything copied in. All pointers handed out become invalid.
    func reset() {
        offset = 0
        while unsafe blocks.count > 1 { unsafe blocks.removeLast().deallocate() }
    }

    private func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        guard size <= Self.blockSize / 4 else {
            // A large piece gets its own block, kept before the current one, which stays the last.
            let own = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            unsafe blocks.insert(own, at: 0)
            return unsafe own
        }
        if offset + size > Self.blockSize {
            unsafe blocks.append(.allocate(byteCount: Self.blockSize, alignment: 16))
            offset = 0
        }
        defer { offset = (offset + size + 15) & ~15 }
        return unsafe blocks[blocks.count - 1] + offset
    }

    /// Copies a text.
    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { unsafe copy(UnsafeRawBufferPointer($0)) }
    }

    /// Copies bytes.
    func bytes(_ bytes: [UInt8]) -> amqp_bytes_t {
        unsafe bytes.withUnsafeBytes { unsafe copy($0) }
    }

    private func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard let start = source.baseAddress, source.count > 0 else { return unsafe amqp_bytes_t(len: 0, bytes: nil) }
        let target = unsafe allocate(source.count)
        unsafe target.copyMemory(from: start, byteCount: source.count)
        return unsafe amqp_bytes_t(len: source.count, bytes: target)
    }

    /// Copies a table with all that is in it. The caller has checked its depth and size.
    func table(_ table: AMQPTable) -> amqp_table_t {
        guard !table.isEmpty else { return unsafe amqp_table_t(num_entries: 0, entries: nil) }
        let entries = unsafe allocate(table.count * MemoryLayout<amqp_table_entry_t>.stride)
            .bindMemory(to: amqp_table_entry_t.self, capacity: table.count)
        for (index, (key, value)) in table.enumerated() {
            unsafe (entries + index).initialize(to: amqp_table_entry_t(key: bytes(key), value: field(value)))
        }
        return unsafe amqp_table_t(num_entries: Int32(table.count), entries: entries)
    }

    private func array(_ values: [AMQPValue]) -> amqp_array_t {
        guard !values.isEmpty else { return unsafe amqp_array_t(num_entries: 0, entries: nil) }
        let entries = unsafe allocate(values.count * MemoryLayout<amqp_field_value_t>.stride)
            .bindMemory(to: amqp_field_value_t.self, capacity: values.count)
        for (index, value) in values.enumerated() { unsafe (entries + index).initialize(to: field(value)) }
        return unsafe amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private func field(_ value: AMQPValue) -> amqp_field_value_t {
        switch value {
        case .bool(let flag): unsafe wireroom_amqp_field_bool(flag ? 1 : 0)
        case .int(let number): unsafe wireroom_amqp_field_int(number)
        case .double(let number): unsafe wireroom_amqp_field_double(number)
        case .string(let text): unsafe wireroom_amqp_field_string(bytes(text))
        case .bytes(let raw): unsafe wireroom_amqp_field_bytes(bytes(raw))
        case .timestamp(let seconds): unsafe wireroom_amqp_field_timestamp(UInt64(max(0, seconds)))
        case .table(let inner): unsafe wireroom_amqp_field_table(table(inner))
        case .array(let values): unsafe wireroom_amqp_field_array(array(values))
        case .null: unsafe wireroom_amqp_field_void()
        }
    }

    /// Builds the C form of a message's properties.
    func properties(_ properties: AMQPProperties) -> amqp_basic_properties_t {
        var wire = unsafe amqp_basic_properties_t()
        var flags = amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG)
        unsafe wire.delivery_mode = properties.isPersistent ? 2 : 1
        func set(_ text: String?, _ field: WritableKeyPath<amqp_basic_properties_t, amqp_bytes_t>, _ flag: Int32) {
            guard let text else { return }
            unsafe wire[keyPath: field] = unsafe bytes(text)
            flags |= amqp_flags_t(flag)
        }
        unsafe set(properties.contentType, \.content_type, AMQP_BASIC_CONTENT_TYPE_FLAG)
        unsafe set(properties.contentEncoding, \.content_encoding, AMQP_BASIC_CONTENT_ENCODING_FLAG)
        unsafe set(properties.correlationID, \.correlation_id, AMQP_BASIC_CORRELATION_ID_FLAG)
        unsafe set(properties.messageID, \.message_id, AMQP_BASIC_MESSAGE_ID_FLAG)
        unsafe set(properties.type, \.type, AMQP_BASIC_TYPE_FLAG)
        unsafe set(properties.appID, \.app_id, AMQP_BASIC_APP_ID_FLAG)
        unsafe set(properties.expiration, \.expiration, AMQP_BASIC_EXPIRATION_FLAG)
        if !properties.headers.isEmpty {
            unsafe wire.headers = unsafe table(properties.headers)
            flags |= amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
        }
        if let timestamp = properties.timestamp {
            unsafe wire.timestamp = UInt64(max(0, timestamp))
            flags |= amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG)
        }
        if let priority = properties.priority {
            unsafe wire.priority = priority
            flags |= amqp_flags_t(AMQP_BASIC_PRIORITY_FLAG)
        }
        unsafe wire._flags = flags
        return unsafe wire
    }
}
