internal import CRabbitMQ

/// The methods that this package sends, one function each. None waits for the answer.
extension BrokerLink {
    /// Asks the broker to close the connection; ``nextEvent()`` throws ``AMQPError/Code/closed`` when it has.
    func sendConnectionClose() throws(AMQPError) {
        unsafe try request(AMQP_CONNECTION_CLOSE_METHOD, channel: 0) { arena in
            unsafe amqp_connection_close_t(
                reply_code: 200, reply_text: arena.bytes("closed by the client"), class_id: 0, method_id: 0)
        }
    }

    func sendChannelOpen() throws(AMQPError) {
        unsafe try request(AMQP_CHANNEL_OPEN_METHOD) { arena in unsafe amqp_channel_open_t(out_of_band: arena.bytes(""))
        }
    }

    /// Asks the broker to close the channel, which gives back what it has delivered on it.
    func sendChannelClose() throws(AMQPError) {
        unsafe try request(AMQP_CHANNEL_CLOSE_METHOD) { arena in
            unsafe amqp_channel_close_t(
                reply_code: 200, reply_text: arena.bytes("renewed by the client"), class_id: 0, method_id: 0)
        }
    }

    func sendConfirmSelect() throws(AMQPError) {
        try request(AMQP_CONFIRM_SELECT_METHOD) { _ in amqp_confirm_select_t(nowait: 0) }
    }

    func sendPrefetch(_ count: Int) throws(AMQPError) {
        try request(AMQP_BASIC_QOS_METHOD) { _ in
            amqp_basic_qos_t(prefetch_size: 0, prefetch_count: UInt16(clamping: count), global: 0)
        }
    }

    /// - Parameter priority: the broker sends to subscriptions of a higher one first, as long as their prefetch allows.
    func sendConsume(queue: String, consumerTag: String, priority: Int = 0) throws(AMQPError) {
        unsafe try request(AMQP_BASIC_CONSUME_METHOD) { arena in
            unsafe amqp_basic_consume_t(
                ticket: 0, queue: arena.bytes(queue), consumer_tag: arena.bytes(consumerTag), no_local: 0, no_ack: 0,
                exclusive: 0, nowait: 0,
                arguments: arena.table(priority == 0 ? [:] : ["x-priority": .int(Int64(priority))]))
        }
    }

    func sendCancel(consumerTag: String) throws(AMQPError) {
        unsafe try request(AMQP_BASIC_CANCEL_METHOD) { arena in
            unsafe amqp_basic_cancel_t(consumer_tag: arena.bytes(consumerTag), nowait: 0)
        }
    }

    func sendQueueDeclare(_ declaration: QueueDeclaration) throws(AMQPError) {
        unsafe try request(AMQP_QUEUE_DECLARE_METHOD) { arena in
            unsafe amqp_queue_declare_t(
                ticket: 0, queue: arena.bytes(declaration.name), passive: declaration.isPassive ? 1 : 0,
                durable: declaration.isDurable ? 1 : 0, exclusive: declaration.isExclusive ? 1 : 0,
                auto_delete: declaration.isAutoDeleted ? 1 : 0, nowait: 0, arguments: arena.table(declaration.arguments)
            )
        }
    }

    func sendQueueBind(_ queue: String, exchange: String, routingKey: String, arguments: AMQPTable) throws(AMQPError) {
        unsafe try request(AMQP_QUEUE_BIND_METHOD) { arena in
            unsafe amqp_queue_bind_t(
                ticket: 0, queue: arena.bytes(queue), exchange: arena.bytes(exchange),
                routing_key: arena.bytes(routingKey), nowait: 0, arguments: arena.table(arguments))
        }
    }

    func sendQueueDelete(_ queue: String) throws(AMQPError) {
        unsafe try request(AMQP_QUEUE_DELETE_METHOD) { arena in
            unsafe amqp_queue_delete_t(ticket: 0, queue: arena.bytes(queue), if_unused: 0, if_empty: 0, nowait: 0)
        }
    }

    func sendQueuePurge(_ queue: String) throws(AMQPError) {
        unsafe try request(AMQP_QUEUE_PURGE_METHOD) { arena in
            unsafe amqp_queue_purge_t(ticket: 0, queue: arena.bytes(queue), nowait: 0)
        }
    }

    func sendExchangeDeclare(_ declaration: ExchangeDeclaration) throws(AMQPError) {
        unsafe try request(AMQP_EXCHANGE_DECLARE_METHOD) { arena in
            unsafe amqp_exchange_declare_t(
                ticket: 0, exchange: arena.bytes(declaration.name), type: arena.bytes(declaration.type),
                passive: declaration.isPassive ? 1 : 0, durable: declaration.isDurable ? 1 : 0, auto_delete: 0,
                internal: 0, nowait: 0, arguments: arena.table(declaration.arguments))
        }
    }

    func sendExchangeDelete(_ exchange: String) throws(AMQPError) {
        unsafe try request(AMQP_EXCHANGE_DELETE_METHOD) { arena in
            unsafe amqp_exchange_delete_t(ticket: 0, exchange: arena.bytes(exchange), if_unused: 0, nowait: 0)
        }
    }

    func sendGet(_ queue: String) throws(AMQPError) {
        unsafe try request(AMQP_BASIC_GET_METHOD) { arena in
            unsafe amqp_basic_get_t(ticket: 0, queue: arena.bytes(queue), no_ack: 0)
        }
    }
}

/// What a queue is declared with.
struct QueueDeclaration: Sendable {
    var name: String
    var isPassive = false
    var isDurable = true
    var isExclusive = false
    var isAutoDeleted = false
    var arguments: AMQPTable = [:]
}

/// What an exchange is declared with.
struct ExchangeDeclaration: Sendable {
    var name: String
    var type: String
    var isPassive = false
    var isDurable = true
    var arguments: AMQPTable = [:]
}
