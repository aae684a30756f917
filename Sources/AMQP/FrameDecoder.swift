internal import CRabbitMQ

/// Copies a frame of the library into a Swift value. Nothing of the result points into the library's memory.
enum FrameDecoder {
    /// Decodes one frame.
    ///
    /// - Parameter names: the names that came last, kept by the link.
    /// - Returns: nil for a frame that carries nothing for us.
    /// - Throws: ``AMQPError/Code/invalidFrame`` for one that has no place on its channel.
    static func decode(_ frame: inout amqp_frame_t, names: inout NameCache) throws(AMQPError) -> InboundFrame? {
        let isOnChannel = unsafe frame.channel == BrokerLink.channel
        guard unsafe isOnChannel || frame.channel == 0 else {
            throw AMQPError(.invalidFrame, "the broker sent a frame on a channel that is not open")
        }
        switch unsafe Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            // The methods of the connection, and no others, go over channel 0.
            guard
                unsafe isOnChannel
                    == (wireroom_amqp_method_id(&frame) >> 16 != amqp_method_number_t(AMQP_CONNECTION_CLASS))
            else {
                throw AMQPError(.invalidFrame, "the broker sent a method on the wrong channel")
            }
            return unsafe method(wireroom_amqp_method_id(&frame), wireroom_amqp_method_fields(&frame), &names)
        case AMQP_FRAME_HEADER:
            guard isOnChannel, let wire = unsafe wireroom_amqp_properties(&frame) else {
                throw AMQPError(.invalidFrame, "the broker sent a header that is not a message's")
            }
            return unsafe .header(bodySize: wireroom_amqp_body_size(&frame), properties(wire))
        case AMQP_FRAME_BODY:
            guard isOnChannel else { throw AMQPError(.invalidFrame, "the broker sent a body without a channel") }
            return unsafe .body(array(wireroom_amqp_body_fragment(&frame)))
        default:
            return nil
        }
    }

    private static func method(
        _ id: amqp_method_number_t, _ fields: UnsafeRawPointer?, _ names: inout NameCache
    ) -> InboundFrame? {
        guard let fields = unsafe fields else { return .event(.unknown(id)) }
        switch id {
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = unsafe fields.load(as: amqp_basic_deliver_t.self)
            let inbound = unsafe InboundMessage(
                deliveryNumber: deliver.delivery_tag, isRedelivered: deliver.redelivered != 0,
                exchange: names.exchange(deliver.exchange), routingKey: names.routingKey(deliver.routing_key),
                consumerTag: names.consumerTag(deliver.consumer_tag))
            return .content(.delivery(inbound), inbound)
        case AMQP_BASIC_GET_OK_METHOD:
            let got = unsafe fields.load(as: amqp_basic_get_ok_t.self)
            let inbound = unsafe InboundMessage(
                deliveryNumber: got.delivery_tag, isRedelivered: got.redelivered != 0,
                exchange: string(got.exchange), routingKey: string(got.routing_key))
            return .content(.got(inbound), inbound)
        case AMQP_BASIC_RETURN_METHOD:
            let returned = unsafe fields.load(as: amqp_basic_return_t.self)
            let inbound = unsafe InboundMessage(
                exchange: string(returned.exchange), routingKey: string(returned.routing_key))
            return unsafe .content(
                .returned(inbound, replyCode: Int(returned.reply_code), replyText: string(returned.reply_text)), inbound
            )
        case AMQP_BASIC_ACK_METHOD:
            let ack = unsafe fields.load(as: amqp_basic_ack_t.self)
            return .event(.acknowledged(ack.delivery_tag, multiple: ack.multiple != 0))
        case AMQP_BASIC_NACK_METHOD:
            let nack = unsafe fields.load(as: amqp_basic_nack_t.self)
            return .event(.refused(nack.delivery_tag, multiple: nack.multiple != 0))
        default:
            return unsafe .event(reply(id, fields))
        }
    }

    private static func reply(_ id: amqp_method_number_t, _ fields: UnsafeRawPointer) -> LinkEvent {
        switch id {
        case AMQP_BASIC_GET_EMPTY_METHOD: .gotNothing
        case AMQP_BASIC_CANCEL_METHOD: .consumerCancelled
        case AMQP_BASIC_CANCEL_OK_METHOD: .cancelConfirmed
        case AMQP_BASIC_CONSUME_OK_METHOD: .consuming
        case AMQP_BASIC_QOS_OK_METHOD: .prefetchSet
        case AMQP_CONFIRM_SELECT_OK_METHOD: .confirmsSelected
        case AMQP_CHANNEL_OPEN_OK_METHOD: .channelOpened
        case AMQP_EXCHANGE_DECLARE_OK_METHOD, AMQP_EXCHANGE_DELETE_OK_METHOD, AMQP_QUEUE_BIND_OK_METHOD,
            AMQP_QUEUE_DELETE_OK_METHOD:
            .done
        case AMQP_QUEUE_PURGE_OK_METHOD:
            unsafe .queuePurged(Int(fields.load(as: amqp_queue_purge_ok_t.self).message_count))
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            unsafe .queueDeclared(status(fields.load(as: amqp_queue_declare_ok_t.self)))
        default:
            unsafe control(id, fields)
        }
    }

    private static func control(_ id: amqp_method_number_t, _ fields: UnsafeRawPointer) -> LinkEvent {
        switch id {
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return unsafe .blocked(reason: string(fields.load(as: amqp_connection_blocked_t.self).reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            return .unblocked
        case AMQP_CHANNEL_FLOW_METHOD:
            return unsafe .flow(isActive: fields.load(as: amqp_channel_flow_t.self).active != 0)
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = unsafe fields.load(as: amqp_channel_close_t.self)
            return unsafe .channelClosed(replyCode: Int(close.reply_code), replyText: string(close.reply_text))
        case AMQP_CHANNEL_CLOSE_OK_METHOD:
            return .channelCloseConfirmed
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = unsafe fields.load(as: amqp_connection_close_t.self)
            return unsafe .connectionClosed(replyCode: Int(close.reply_code), replyText: string(close.reply_text))
        case AMQP_CONNECTION_CLOSE_OK_METHOD:
            return .connectionCloseConfirmed
        default:
            return .unknown(id)
        }
    }

    private static func status(_ declared: amqp_queue_declare_ok_t) -> AMQPQueueStatus {
        unsafe AMQPQueueStatus(messageCount: Int(declared.message_count), consumerCount: Int(declared.consumer_count))
    }

    /// Copies a text, with replacement characters where it is not UTF-8.
    static func string(_ bytes: amqp_bytes_t) -> String {
        unsafe String(decoding: raw(bytes), as: UTF8.self)
    }

    /// Copies a text as ``string(_:)`` does, cut to the 255 bytes of a short string, which replacement characters may
    /// exceed: what came in a message can be sent on.
    static func shortString(_ bytes: amqp_bytes_t) -> String {
        var text = unsafe string(bytes)
        while text.utf8.count > 255 { text.unicodeScalars.removeLast() }
        return text
    }

    private static func array(_ bytes: amqp_bytes_t) -> [UInt8] {
        unsafe [UInt8](raw(bytes))
    }

    static func raw(_ bytes: amqp_bytes_t) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.bytes == nil ? 0 : bytes.len)
    }
}

extension FrameDecoder {
    /// Copies the properties of a message.
    static func properties(_ wire: UnsafePointer<amqp_basic_properties_t>) -> AMQPProperties {
        var result = AMQPProperties(isPersistent: false)
        let flags = unsafe wire.pointee._flags
        func has(_ flag: Int32) -> Bool { flags & amqp_flags_t(flag) != 0 }
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) { result.contentType = unsafe shortString(wire.pointee.content_type) }
        if has(AMQP_BASIC_CONTENT_ENCODING_FLAG) {
            result.contentEncoding = unsafe shortString(wire.pointee.content_encoding)
        }
        if has(AMQP_BASIC_HEADERS_FLAG) { result.headers = unsafe table(wire.pointee.headers) }
        if has(AMQP_BASIC_DELIVERY_MODE_FLAG) { result.isPersistent = unsafe wire.pointee.delivery_mode == 2 }
        if has(AMQP_BASIC_PRIORITY_FLAG) { result.priority = unsafe wire.pointee.priority }
        if has(AMQP_BASIC_CORRELATION_ID_FLAG) {
            result.correlationID = unsafe shortString(wire.pointee.correlation_id)
        }
        if has(AMQP_BASIC_EXPIRATION_FLAG) { result.expiration = unsafe shortString(wire.pointee.expiration) }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { result.messageID = unsafe shortString(wire.pointee.message_id) }
        if has(AMQP_BASIC_TIMESTAMP_FLAG) {
            result.timestamp = unsafe Int64(clamping: wire.pointee.timestamp)
        }
        if has(AMQP_BASIC_TYPE_FLAG) { result.type = unsafe shortString(wire.pointee.type) }
        if has(AMQP_BASIC_APP_ID_FLAG) { result.appID = unsafe shortString(wire.pointee.app_id) }
        return result
    }

    /// Copies a field table. Of two entries with the same name the last one counts.
    static func table(_ wire: amqp_table_t, depth: Int = 0) -> AMQPTable {
        var result = AMQPTable()
        guard let entries = unsafe wire.entries, unsafe wire.num_entries > 0 else { return result }
        for index in 0..<Int(unsafe wire.num_entries) {
            unsafe result[shortString(entries[index].key)] = unsafe value(&entries[index].value, depth: depth)
        }
        return result
    }

    private static func value(_ field: UnsafeMutablePointer<amqp_field_value_t>, depth: Int) -> AMQPValue {
        switch unsafe wireroom_amqp_field_kind(field) {
        case WIREROOM_AMQP_KIND_BOOL: return unsafe .bool(wireroom_amqp_field_get_int(field) != 0)
        case WIREROOM_AMQP_KIND_INT: return unsafe .int(wireroom_amqp_field_get_int(field))
        case WIREROOM_AMQP_KIND_DOUBLE: return unsafe .double(wireroom_amqp_field_get_double(field))
        case WIREROOM_AMQP_KIND_STRING: return unsafe .string(string(wireroom_amqp_field_get_bytes(field)))
        case WIREROOM_AMQP_KIND_BYTES: return unsafe .bytes(array(wireroom_amqp_field_get_bytes(field)))
        case WIREROOM_AMQP_KIND_TIMESTAMP: return unsafe .timestamp(wireroom_amqp_field_get_int(field))
        case WIREROOM_AMQP_KIND_TABLE where depth + 1 < AMQPValue.maximumDepth:
            return unsafe .table(table(wireroom_amqp_field_get_table(field), depth: depth + 1))
        case WIREROOM_AMQP_KIND_ARRAY where depth < AMQPValue.maximumDepth:
            let wire = unsafe wireroom_amqp_field_get_array(field)
            guard let entries = unsafe wire.entries else { return .array([]) }
            var values: [AMQPValue] = []
            for index in 0..<max(0, Int(unsafe wire.num_entries)) {
                unsafe values.append(value(entries + index, depth: depth + 1))
            }
            return .array(values)
        default: return .null
        }
    }
}

/// The names that came with the last delivery. They hardly ever change, so that most deliveries share one string.
struct NameCache {
    private var lastExchange = ""
    private var lastRoutingKey = ""
    private var lastConsumerTag = ""

    init() {}

    /// The text of these bytes.
    mutating func exchange(_ bytes: amqp_bytes_t) -> String {
        unsafe Self.refresh(&lastExchange, bytes)
    }

    /// The text of these bytes.
    mutating func routingKey(_ bytes: amqp_bytes_t) -> String {
        unsafe Self.refresh(&lastRoutingKey, bytes)
    }

    /// The text of these bytes.
    mutating func consumerTag(_ bytes: amqp_bytes_t) -> String {
        unsafe Self.refresh(&lastConsumerTag, bytes)
    }

    private static func refresh(_ text: inout String, _ bytes: amqp_bytes_t) -> String {
        let raw = unsafe FrameDecoder.raw(bytes)
        let isSame = text.withUTF8 { unsafe $0.count == raw.count && UnsafeRawBufferPointer($0).elementsEqual(raw) }
        if !isSame { text = unsafe FrameDecoder.string(bytes) }
        return text
    }
}
