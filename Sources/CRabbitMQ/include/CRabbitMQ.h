#ifndef WIREROOM_CRABBITMQ_H
#define WIREROOM_CRABBITMQ_H

#include <stddef.h>
#include <stdint.h>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

/* What a login needs beyond the socket. Strings are borrowed for the call. */
typedef struct wireroom_amqp_login {
  const char *virtual_host;
  const char *user;
  const char *password;
  const char *connection_name;
  int frame_max;
  int heartbeat_seconds;
} wireroom_amqp_login;

/* Logs in by SASL PLAIN. Exists because amqp_login_with_properties is variadic, which Swift cannot call, and because
   0.11 announces neither consumer_cancel_notify nor connection.blocked by itself. */
amqp_rpc_reply_t wireroom_amqp_login_with_capabilities(amqp_connection_state_t state, const wireroom_amqp_login *login);

/* The members of amqp_frame_t and amqp_field_value_t are unions: typed accessors keep their layout in C. */

static inline amqp_method_number_t wireroom_amqp_method_id(const amqp_frame_t *frame) {
  return frame->payload.method.id;
}

static inline const void *wireroom_amqp_method_fields(const amqp_frame_t *frame) {
  return frame->payload.method.decoded;
}

static inline uint64_t wireroom_amqp_body_size(const amqp_frame_t *frame) {
  return frame->payload.properties.body_size;
}

/* The properties in a header frame, or NULL when they are not those of the class basic: the library decodes the headers of
   all classes, each into a structure of its own. */
static inline const amqp_basic_properties_t *wireroom_amqp_properties(const amqp_frame_t *frame) {
  return frame->payload.properties.class_id == AMQP_BASIC_CLASS
             ? (const amqp_basic_properties_t *)frame->payload.properties.decoded
             : NULL;
}

static inline amqp_bytes_t wireroom_amqp_body_fragment(const amqp_frame_t *frame) {
  return frame->payload.body_fragment;
}

static inline amqp_field_value_t wireroom_amqp_field_bool(amqp_boolean_t boolean) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value = {.boolean = boolean}};
  return field;
}

static inline amqp_field_value_t wireroom_amqp_field_int(int64_t number) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_I64, .value = {.i64 = number}};
  return field;
}

static inline amqp_field_value_t wireroom_amqp_field_double(double number) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_F64, .value = {.f64 = number}};
  return field;
}

static inline amqp_field_value_t wireroom_amqp_field_timestamp(uint64_t seconds) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_TIMESTAMP, .value = {.u64 = seconds}};
  return field;
}

static inline amqp_field_value_t wireroom_amqp_field_string(amqp_bytes_t text) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = text}};
  return field;
}

static inline amqp_field_value_t wireroom_amqp_field_bytes(amqp_bytes_t bytes) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_BYTES, .value = {.bytes = bytes}};
  return field;
}

static inline amqp_field_value_t wireroom_amqp_field_table(amqp_table_t table) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_TABLE, .value = {.table = table}};
  return field;
}

static inline amqp_field_value_t wireroom_amqp_field_array(amqp_array_t array) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_ARRAY, .value = {.array = array}};
  return field;
}

static inline amqp_field_value_t wireroom_amqp_field_void(void) {
  amqp_field_value_t field = {.kind = AMQP_FIELD_KIND_VOID};
  return field;
}

static inline amqp_bytes_t wireroom_amqp_field_get_bytes(const amqp_field_value_t *field) {
  return field->value.bytes;
}

static inline amqp_table_t wireroom_amqp_field_get_table(const amqp_field_value_t *field) {
  return field->value.table;
}

static inline amqp_array_t wireroom_amqp_field_get_array(const amqp_field_value_t *field) {
  return field->value.array;
}

/* What a field holds once the sixteen wire kinds are folded into the nine of the Swift side. The constants of the
   library are character constants of an enum, hence the switch in C. */
typedef enum wireroom_amqp_kind {
  WIREROOM_AMQP_KIND_NULL,
  WIREROOM_AMQP_KIND_BOOL,
  WIREROOM_AMQP_KIND_INT,
  WIREROOM_AMQP_KIND_DOUBLE,
  WIREROOM_AMQP_KIND_STRING,
  WIREROOM_AMQP_KIND_BYTES,
  WIREROOM_AMQP_KIND_TIMESTAMP,
  WIREROOM_AMQP_KIND_TABLE,
  WIREROOM_AMQP_KIND_ARRAY
} wireroom_amqp_kind;

wireroom_amqp_kind wireroom_amqp_field_kind(const amqp_field_value_t *field);

/* The number of a field of kind BOOL, INT or TIMESTAMP; an unsigned 64-bit number above INT64_MAX is clamped to it. */
int64_t wireroom_amqp_field_get_int(const amqp_field_value_t *field);

/* The number of a field of kind DOUBLE (which includes decimals). */
double wireroom_amqp_field_get_double(const amqp_field_value_t *field);

/* How many bytes have come in on a TCP socket since it was connected, read or not; 0 where the system does not tell. It is
   here because the structure in glibc's netinet/tcp.h ends before that count. */
uint64_t wireroom_socket_bytes_received(int descriptor);

#endif
