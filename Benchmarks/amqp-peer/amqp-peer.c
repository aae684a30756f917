/* What plain C over the same library does with one broker: the yardstick for bench-amqp.

   Build: cc -O2 -o amqp-peer amqp-peer.c -lrabbitmq
   Use:   amqp-peer amqp://user:password@host:port/vhost COUNT WINDOW PREFETCH

   Publishes COUNT persistent messages of 1 KB with confirms into a new quorum queue, at most WINDOW in flight; then
   consumes and acknowledges them, 128 at a time, with PREFETCH, timed from the first delivery. Prints one JSON object;
   deletes the queue. */
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { body_size = 1024, ack_every = 128 };

static void fail(const char *what) {
  fprintf(stderr, "amqp-peer: %s\n", what);
  exit(1);
}

static void check_reply(amqp_rpc_reply_t reply, const char *what) {
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static amqp_connection_state_t open_connection(const struct amqp_connection_info *info) {
  amqp_connection_state_t state = amqp_new_connection();
  amqp_socket_t *socket = state ? amqp_tcp_socket_new(state) : NULL;
  if (!socket || amqp_socket_open(socket, info->host, info->port) != AMQP_STATUS_OK) fail("cannot connect");
  const char *vhost = *info->vhost ? info->vhost : "/";
  check_reply(amqp_login(state, vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, info->user, info->password), "login");
  amqp_channel_open(state, 1);
  check_reply(amqp_get_rpc_reply(state), "channel.open");
  return state;
}

/* Counts confirms, each once: single ones may come out of order before a multiple one that covers them. */
struct confirms {
  uint64_t count;
  uint8_t *seen;
  uint64_t low;
};

static void take_confirm(struct confirms *confirms, const amqp_frame_t *frame) {
  if (frame->frame_type != AMQP_FRAME_METHOD || frame->payload.method.id != AMQP_BASIC_ACK_METHOD) fail("not an ack");
  const amqp_basic_ack_t *ack = frame->payload.method.decoded;
  uint64_t first = ack->multiple ? confirms->low : ack->delivery_tag;
  for (uint64_t tag = first; tag <= ack->delivery_tag; tag++) {
    if (!confirms->seen[tag]) {
      confirms->seen[tag] = 1;
      confirms->count++;
    }
  }
  while (confirms->seen[confirms->low]) confirms->low++;
}

static double publish_all(amqp_connection_state_t state, amqp_bytes_t queue, uint64_t count, uint64_t window) {
  char body[body_size];
  memset(body, 'x', sizeof body);
  amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
  struct confirms confirms = {.count = 0, .seen = calloc(count + 2, 1), .low = 1};
  if (!confirms.seen) fail("memory");
  amqp_confirm_select(state, 1);
  check_reply(amqp_get_rpc_reply(state), "confirm.select");
  double start = now();
  uint64_t sent = 0;
  while (confirms.count < count) {
    while (sent < count && sent - confirms.count < window) {
      amqp_bytes_t bytes = {.len = sizeof body, .bytes = body};
      int status = amqp_basic_publish(state, 1, amqp_empty_bytes, queue, 1, 0, &properties, bytes);
      if (status != AMQP_STATUS_OK) fail("publish");
      sent++;
    }
    amqp_frame_t frame;
    if (amqp_simple_wait_frame(state, &frame) != AMQP_STATUS_OK) fail("wait for a confirm");
    take_confirm(&confirms, &frame);
    struct timeval none = {0, 0};
    while (amqp_simple_wait_frame_noblock(state, &frame, &none) == AMQP_STATUS_OK) take_confirm(&confirms, &frame);
    amqp_maybe_release_buffers(state);
  }
  double seconds = now() - start;
  free(confirms.seen);
  return seconds;
}

static double consume_all(amqp_connection_state_t state, amqp_bytes_t queue, uint64_t count, uint16_t prefetch) {
  amqp_basic_qos(state, 1, 0, prefetch, 0);
  check_reply(amqp_get_rpc_reply(state), "basic.qos");
  double start = 0;
  amqp_basic_consume(state, 1, queue, amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  check_reply(amqp_get_rpc_reply(state), "basic.consume");
  for (uint64_t taken = 1; taken <= count; taken++) {
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(state);
    check_reply(amqp_consume_message(state, &envelope, NULL, 0), "consume");
    if (taken == 1) start = now();
    uint64_t tag = envelope.delivery_tag;
    amqp_destroy_envelope(&envelope);
    if ((taken % ack_every == 0 || taken == count) && amqp_basic_ack(state, 1, tag, 1) != AMQP_STATUS_OK) fail("ack");
  }
  return now() - start;
}

int main(int argc, char **argv) {
  struct amqp_connection_info info;
  if (argc != 5 || amqp_parse_url(argv[1], &info) != AMQP_STATUS_OK) fail("usage: amqp-peer URL COUNT WINDOW PREFETCH");
  uint64_t count = strtoull(argv[2], NULL, 10), window = strtoull(argv[3], NULL, 10);
  uint16_t prefetch = (uint16_t)strtoul(argv[4], NULL, 10);
  if (!count || !window || !prefetch) fail("COUNT, WINDOW and PREFETCH must be at least 1");

  char name[64];
  snprintf(name, sizeof name, "wireroom.bench.c.%ld", (long)getpid());
  amqp_bytes_t queue = amqp_cstring_bytes(name);
  amqp_field_value_t quorum = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes("quorum")}};
  amqp_table_entry_t entry = {.key = amqp_cstring_bytes("x-queue-type"), .value = quorum};
  amqp_table_t arguments = {.num_entries = 1, .entries = &entry};

  amqp_connection_state_t publisher = open_connection(&info);
  amqp_queue_declare(publisher, 1, queue, 0, 1, 0, 0, arguments);
  check_reply(amqp_get_rpc_reply(publisher), "queue.declare");
  double publish_seconds = publish_all(publisher, queue, count, window);
  amqp_connection_state_t consumer = open_connection(&info);
  double consume_seconds = consume_all(consumer, queue, count, prefetch);
  amqp_queue_delete(publisher, 1, queue, 0, 0);

  printf("{\"peer\":\"c\",\"count\":%" PRIu64 ",\"window\":%" PRIu64 ",\"prefetch\":%u,\"publish_seconds\":%.3f,"
         "\"publish_per_second\":%.0f,\"consume_seconds\":%.3f,\"consume_per_second\":%.0f}\n",
         count, window, prefetch, publish_seconds, (double)count / publish_seconds, consume_seconds,
         (double)count / consume_seconds);
  amqp_connection_close(consumer, AMQP_REPLY_SUCCESS);
  amqp_connection_close(publisher, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(consumer);
  amqp_destroy_connection(publisher);
  return 0;
}
