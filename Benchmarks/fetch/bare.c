/* What nobody can beat without storing less: a bare loop on libcurl's multi interface that fetches a list of URLs, takes
   each body's SHA-256, compresses it with zstd at level 1, and stores it in PostgreSQL by COPY, 64 pages a transaction.
   No robots.txt, no leases, no messages, no decisions. The yardstick of the fetch benchmark beside Scrapy.

   Build: cc -O2 -o bare bare.c -lcurl -lzstd -lcrypto -lpq -I$(pg_config --includedir)
   Use:   bare postgresql://… LIST CONNECTIONS

   Makes the table bare_capture, which must not be there. One transfer a host at a time as long as the list names hosts in
   turn. Ends with 1 when a page cannot be had. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <libpq-fe.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { pages_of_a_transaction = 64, read_at_once = 128 << 10 };

struct transfer {
  CURL *easy;
  char url[512];
  uint8_t *body;
  size_t length, room;
};

static void fail(const char *what) {
  fprintf(stderr, "bare: %s\n", what);
  exit(1);
}

static size_t receive(char *data, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  size_t length = size * count;
  if (transfer->length + length > transfer->room) {
    transfer->room = (transfer->length + length) * 2;
    transfer->body = realloc(transfer->body, transfer->room);
    if (!transfer->body) fail("no memory");
  }
  memcpy(transfer->body + transfer->length, data, length);
  transfer->length += length;
  return length;
}

/* The next URL of the list for a transfer; 0 when there is none. */
static int take_url(FILE *list, struct transfer *transfer) {
  if (!fgets(transfer->url, sizeof transfer->url, list)) return 0;
  transfer->url[strcspn(transfer->url, "\n")] = 0;
  transfer->length = 0;
  curl_easy_setopt(transfer->easy, CURLOPT_URL, transfer->url);
  return 1;
}

/* Rows in COPY's binary form, gathered for one transaction. */
struct rows {
  PGconn *session;
  char *bytes;
  size_t length, room;
  int count;
};

static void command(PGconn *session, const char *sql, ExecStatusType expected) {
  PGresult *result = PQexec(session, sql);
  if (PQresultStatus(result) != expected) fail(PQerrorMessage(session));
  PQclear(result);
}

static void reserve(struct rows *rows, size_t more) {
  if (rows->length + more <= rows->room) return;
  rows->room = (rows->length + more) * 2;
  rows->bytes = realloc(rows->bytes, rows->room);
  if (!rows->bytes) fail("no memory");
}

static void append(struct rows *rows, const void *bytes, size_t length) {
  memcpy(rows->bytes + rows->length, bytes, length);
  rows->length += length;
}

static void append_number(struct rows *rows, uint32_t number) {
  uint32_t wire = htonl(number);
  append(rows, &wire, sizeof wire);
}

static void append_field(struct rows *rows, const void *bytes, size_t length) {
  append_number(rows, (uint32_t)length);
  append(rows, bytes, length);
}

static void add_row(struct rows *rows, ZSTD_CCtx *compressor, const struct transfer *transfer, long status) {
  static const char signature[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
  size_t bound = ZSTD_compressBound(transfer->length);
  reserve(rows, bound + 1024);
  if (!rows->count) append(rows, signature, 19);
  uint16_t fields = htons(5);
  append(rows, &fields, sizeof fields);
  append_field(rows, transfer->url, strlen(transfer->url));
  append_number(rows, 4);
  append_number(rows, (uint32_t)status);
  append_number(rows, 4);
  append_number(rows, (uint32_t)transfer->length);
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(transfer->body, transfer->length, digest);
  append_field(rows, digest, sizeof digest);
  size_t written = ZSTD_compress2(compressor, rows->bytes + rows->length + 4, bound, transfer->body, transfer->length);
  if (ZSTD_isError(written)) fail(ZSTD_getErrorName(written));
  append_number(rows, (uint32_t)written);
  rows->length += written;
  rows->count++;
}

static void write_rows(struct rows *rows) {
  if (!rows->count) return;
  static const uint8_t end[] = {0xFF, 0xFF};
  reserve(rows, sizeof end);
  append(rows, end, sizeof end);
  command(rows->session, "COPY bare_capture (url, status, body_length, digest, body) FROM STDIN (FORMAT binary)", PGRES_COPY_IN);
  if (PQputCopyData(rows->session, rows->bytes, (int)rows->length) != 1 || PQputCopyEnd(rows->session, NULL) != 1)
    fail(PQerrorMessage(rows->session));
  PGresult *result;
  while ((result = PQgetResult(rows->session))) {
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail(PQerrorMessage(rows->session));
    PQclear(result);
  }
  rows->length = 0;
  rows->count = 0;
}

int main(int count, char **arguments) {
  if (count != 4) fail("usage: bare postgresql://… LIST CONNECTIONS");
  struct rows rows = {.session = PQconnectdb(arguments[1])};
  if (PQstatus(rows.session) != CONNECTION_OK) fail(PQerrorMessage(rows.session));
  command(rows.session,
          "CREATE TABLE bare_capture (capture_id bigserial PRIMARY KEY, url text, status int, body_length int, digest bytea, body bytea)",
          PGRES_COMMAND_OK);
  command(rows.session, "ALTER TABLE bare_capture ALTER COLUMN body SET STORAGE EXTERNAL", PGRES_COMMAND_OK);
  FILE *list = fopen(arguments[2], "r");
  if (!list) fail("cannot read the list");
  int connections = atoi(arguments[3]);
  if (connections < 1) fail("CONNECTIONS is a number from 1 on");
  curl_global_init(CURL_GLOBAL_ALL);
  CURLM *multi = curl_multi_init();
  ZSTD_CCtx *compressor = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, 1);
  struct transfer *transfers = calloc((size_t)connections, sizeof *transfers);
  int running = 0;
  for (int number = 0; number < connections; number++) {
    struct transfer *transfer = &transfers[number];
    transfer->easy = curl_easy_init();
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_BUFFERSIZE, (long)read_at_once);
    curl_easy_setopt(transfer->easy, CURLOPT_NOSIGNAL, 1L);
    if (!take_url(list, transfer)) break;
    curl_multi_add_handle(multi, transfer->easy);
    running++;
  }
  while (running) {
    int active, waiting;
    curl_multi_perform(multi, &active);
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &waiting))) {
      CURL *easy = message->easy_handle;
      struct transfer *transfer;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (message->data.result != CURLE_OK || status != 200) fail(transfer->url);
      curl_multi_remove_handle(multi, easy);
      add_row(&rows, compressor, transfer, status);
      if (rows.count == pages_of_a_transaction) write_rows(&rows);
      if (take_url(list, transfer)) curl_multi_add_handle(multi, easy);
      else running--;
    }
    curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  write_rows(&rows);
  PQfinish(rows.session);
  return 0;
}
