#include "CRabbitMQ.h"

#ifdef __linux__
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif

static amqp_table_entry_t entry(const char *key, amqp_field_value_t value) {
  amqp_table_entry_t result = {.key = amqp_cstring_bytes(key), .value = value};
  return result;
}

amqp_rpc_reply_t wireroom_amqp_login_with_capabilities(amqp_connection_state_t state,
                                                       const wireroom_amqp_login *login) {
  amqp_table_entry_t capabilities[] = {
      entry("consumer_cancel_notify", wireroom_amqp_field_bool(1)),
      entry("connection.blocked", wireroom_amqp_field_bool(1)),
      entry("publisher_confirms", wireroom_amqp_field_bool(1)),
      entry("basic.nack", wireroom_amqp_field_bool(1)),
      entry("authentication_failure_close", wireroom_amqp_field_bool(1)),
  };
  amqp_table_t capability_table = {.num_entries = sizeof capabilities / sizeof capabilities[0],
                                   .entries = capabilities};
  amqp_table_entry_t properties[] = {
      entry("product", wireroom_amqp_field_string(amqp_cstring_bytes("Wireroom"))),
      entry("connection_name", wireroom_amqp_field_string(amqp_cstring_bytes(login->connection_name))),
      entry("capabilities", wireroom_amqp_field_table(capability_table)),
  };
  amqp_table_t property_table = {.num_entries = sizeof properties / sizeof properties[0], .entries = properties};
  return amqp_login_with_properties(state, login->virtual_host, 0, login->frame_max, login->heartbeat_seconds,
                                    &property_table, AMQP_SASL_METHOD_PLAIN, login->user, login->password);
}

wireroom_amqp_kind wireroom_amqp_field_kind(const amqp_field_value_t *field) {
  switch (field->kind) {
    case AMQP_FIELD_KIND_BOOLEAN:
      return WIREROOM_AMQP_KIND_BOOL;
    case AMQP_FIELD_KIND_I8:
    case AMQP_FIELD_KIND_U8:
    case AMQP_FIELD_KIND_I16:
    case AMQP_FIELD_KIND_U16:
    case AMQP_FIELD_KIND_I32:
    case AMQP_FIELD_KIND_U32:
    case AMQP_FIELD_KIND_I64:
    case AMQP_FIELD_KIND_U64:
      return WIREROOM_AMQP_KIND_INT;
    case AMQP_FIELD_KIND_F32:
    case AMQP_FIELD_KIND_F64:
    case AMQP_FIELD_KIND_DECIMAL:
      return WIREROOM_AMQP_KIND_DOUBLE;
    case AMQP_FIELD_KIND_UTF8:
      return WIREROOM_AMQP_KIND_STRING;
    case AMQP_FIELD_KIND_BYTES:
      return WIREROOM_AMQP_KIND_BYTES;
    case AMQP_FIELD_KIND_TIMESTAMP:
      return WIREROOM_AMQP_KIND_TIMESTAMP;
    case AMQP_FIELD_KIND_TABLE:
      return WIREROOM_AMQP_KIND_TABLE;
    case AMQP_FIELD_KIND_ARRAY:
      return WIREROOM_AMQP_KIND_ARRAY;
    default:
      return WIREROOM_AMQP_KIND_NULL;
  }
}

int64_t wireroom_amqp_field_get_int(const amqp_field_value_t *field) {
  switch (field->kind) {
    case AMQP_FIELD_KIND_BOOLEAN:
      return field->value.boolean != 0;
    case AMQP_FIELD_KIND_I8:
      return field->value.i8;
    case AMQP_FIELD_KIND_U8:
      return field->value.u8;
    case AMQP_FIELD_KIND_I16:
      return field->value.i16;
    case AMQP_FIELD_KIND_U16:
      return field->value.u16;
    case AMQP_FIELD_KIND_I32:
      return field->value.i32;
    case AMQP_FIELD_KIND_U32:
      return field->value.u32;
    case AMQP_FIELD_KIND_I64:
      return field->value.i64;
    case AMQP_FIELD_KIND_U64:
    case AMQP_FIELD_KIND_TIMESTAMP:
      return field->value.u64 > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)field->value.u64;
    default:
      return 0;
  }
}

double wireroom_amqp_field_get_double(const amqp_field_value_t *field) {
  double result;
  switch (field->kind) {
    case AMQP_FIELD_KIND_F32:
      return field->value.f32;
    case AMQP_FIELD_KIND_F64:
      return field->value.f64;
    case AMQP_FIELD_KIND_DECIMAL:
      result = (double)field->value.decimal.value;
      for (unsigned digit = 0; digit < field->value.decimal.decimals; digit++) {
        result /= 10;
      }
      return result;
    default:
      return 0;
  }
}

uint64_t wireroom_socket_bytes_received(int descriptor) {
#ifdef __linux__
  struct tcp_info info = {0};
  socklen_t size = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
    return info.tcpi_bytes_received;
  }
#else
  (void)descriptor;
#endif
  return 0;
}
