#!/usr/bin/env python3
"""One stage of the plainest honest line in Python: pika, urllib3, trafilatura and psycopg over Wireroom's queues and tables.

    line_peer.py crawl|parse|classify|index     settings: WIREROOM_DATABASE_URL, WIREROOM_BROKER_URL, WIREROOM_BROKER_PREFIX

What Wireroom is measured beside in `make bench`. It keeps the same promise in the usual way: one message at a time, one
transaction for it, a confirmed publication, then the acknowledgement. It does less: no robots.txt, no leases, no metadata
beyond what trafilatura gives, quotations by one regular expression, no topics, places, events, reprints or stories.
"""

import hashlib
import json
import os
import re
import signal
import sys

import pika
import psycopg
import trafilatura
import urllib3
import zstandard

STAGES = ["crawl", "parse", "classify", "index"]
STATE = {"crawl": "captured", "parse": "parsed", "classify": "classified", "index": "indexed"}
QUOTATION = re.compile("[“\"]([^“”\"]{20,400})[”\"]")


class Dropped(Exception):
    """The page is no article."""


def crawl(database, http, message):
    """Fetches a page and stores it."""
    answer = http.request("GET", message["url"], redirect=True)
    body = answer.data
    row = database.execute(
        """INSERT INTO wireroom.capture (captured_at, url_id, requested_url, final_url, origin, fetched_at, status, headers,
               content_type, digest, body_length, body)
           VALUES (now(), %s, %s, %s, 'fetch', now(), %s, %s, %s, %s, %s, %s) RETURNING capture_id""",
        (message["url_id"], message["url"], message["url"], answer.status, json.dumps(list(answer.headers.items())),
         answer.headers.get("content-type"), hashlib.sha256(body).digest(), len(body),
         zstandard.ZstdCompressor(level=3).compress(body))).fetchone()
    return {"url_id": message["url_id"], "capture_id": row[0]}


def parse(database, _, message):
    """Extracts the article of a stored page."""
    url, kind, body = database.execute(
        "SELECT final_url, content_type, body FROM wireroom.capture WHERE capture_id = %s", (message["capture_id"],)).fetchone()
    page = zstandard.ZstdDecompressor().decompress(body)
    text = page.decode("utf-8", "replace") if "charset=utf-8" in (kind or "").lower() else page
    found = trafilatura.bare_extraction(text, url=url, with_metadata=True)
    if found is None or not found.text:
        raise Dropped
    row = database.execute(
        """INSERT INTO wireroom.article (url_id, capture_id, captured_at, url, title, authors, published_at, language, site_name,
               body, blocks, word_count, parser_version)
           VALUES (%s, %s, now(), %s, %s, %s, %s, %s, %s, %s, %s, %s, 0)
           ON CONFLICT (url_id) DO UPDATE SET body = excluded.body RETURNING article_id""",
        (message["url_id"], message["capture_id"], url, found.title, (found.author or "").split("; "), found.date,
         found.language, found.sitename, found.text, json.dumps(found.text.split("\n")), len(found.text.split()))).fetchone()
    return {"url_id": message["url_id"], "article_id": row[0]}


def classify(database, _, message):
    """Finds quotations."""
    body, = database.execute("SELECT body FROM wireroom.article WHERE article_id = %s", (message["article_id"],)).fetchone()
    database.execute("DELETE FROM wireroom.article_quote WHERE article_id = %s", (message["article_id"],))
    with database.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO wireroom.article_quote (article_id, ordinal, quote, span_start, span_end) VALUES (%s, %s, %s, %s, %s)",
            [(message["article_id"], number, match[1], match.start(1), match.end(1))
             for number, match in enumerate(QUOTATION.finditer(body))])
    return message


def index(database, _, message):
    """Makes the article searchable."""
    database.execute(
        """INSERT INTO wireroom.article_search (article_id, revision, language, configuration, published_at, document)
           SELECT article_id, 1, language, 'english', published_at,
               setweight(to_tsvector('english', coalesce(title, '')), 'A') || to_tsvector('english', body)
           FROM wireroom.article WHERE article_id = %s
           ON CONFLICT (article_id) DO UPDATE SET document = excluded.document""", (message["article_id"],))
    return None


def record(database, stage, message, outcome):
    """The ledger's row and the URL's state."""
    database.execute(
        """INSERT INTO wireroom.stage_event (stage, message_id, round, url_id, outcome, attempt, worker, version)
           VALUES (%s, %s, 0, %s, %s, 1, 'peer', '0') ON CONFLICT DO NOTHING""",
        (stage, f"{stage}:{message['url_id']}", message["url_id"], outcome))
    database.execute(
        "UPDATE wireroom.url SET state = %s, changed_at = now() WHERE url_id = %s",
        (STATE[stage] if outcome == "done" else "dropped", message["url_id"]))


def main():
    stage = sys.argv[1]
    prefix = os.environ["WIREROOM_BROKER_PREFIX"]
    work = {"crawl": crawl, "parse": parse, "classify": classify, "index": index}[stage]
    following = dict(zip(STAGES, STAGES[1:])).get(stage)
    http = urllib3.PoolManager()
    database = psycopg.connect(os.environ["WIREROOM_DATABASE_URL"])
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["WIREROOM_BROKER_URL"]))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.basic_qos(prefetch_count=32)

    def handle(_channel, delivery, _properties, body):
        message = json.loads(body)
        with database.transaction():
            try:
                answer, outcome = work(database, http, message), "done"
            except Dropped:
                answer, outcome = None, "drop"
            record(database, stage, message, outcome)
        if answer and following:
            channel.basic_publish(
                "", f"{prefix}.{following}", json.dumps(answer).encode(), pika.BasicProperties(delivery_mode=2), mandatory=True)
        channel.basic_ack(delivery.delivery_tag)

    database.autocommit = True
    channel.basic_consume(f"{prefix}.{stage}", handle)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print("ready", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    main()
