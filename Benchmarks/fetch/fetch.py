#!/usr/bin/env python3
"""wireroom-crawl beside Scrapy and a bare loop in C on the same local sites, which nginx serves.

    fetch.py --bin DIR --bare PROGRAM --work DIR [--hosts N] [--pages N] [--scrapy PROGRAM]

Needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL of private servers on this machine, as scripts/services makes
them. Each host is an address of the loopback network; its pages have 20 to 200 KB. Both sides obey robots.txt, keep no delay
and store every body: Wireroom compressed in PostgreSQL, Scrapy in its own JSON lines export. What counts is pages per second
of CPU time: of the crawl worker and all of PostgreSQL together, and of Scrapy. The bare loop (bare.c) does nothing but fetch,
digest, compress and store, and says how far the ratio to Scrapy could go at all. Prints one JSON object.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")
PAGES_OF_A_HOST = 100


def words():
    source = random.Random(7)
    letters = "etaoinshrdlucmfwypvbgk"
    return ["".join(source.choice(letters) for _ in range(source.randint(2, 10))) for _ in range(6000)]


def make_pages(folder):
    """Pages of 20 to 200 KB that compress about as real ones do (212 news pages of that size: 4.4 times by zstd's level 1): prose
    of made-up words that are as frequent as words are (Zipf), in markup that repeats itself."""
    os.makedirs(folder, exist_ok=True)
    vocabulary, source = words(), random.Random(11)
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(vocabulary))))
    for number in range(PAGES_OF_A_HOST):
        size = 20_000 + number * 180_000 // (PAGES_OF_A_HOST - 1)
        text = [f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Page {number}</title></head><body>"]
        length = len(text[0])
        while length < size:
            sentence = " ".join(source.choices(vocabulary, cum_weights=weights, k=source.randint(8, 24)))
            link = f"/{source.choice(vocabulary)}/{source.choice(vocabulary)}-{source.randint(1, 10**6)}"
            text.append(
                f'<div class="block block-{source.randint(1, 40)} block--wide" data-index="{len(text)}"><p class="block__text">{sentence}.</p>'
                f'<a class="block__link" href="{link}" data-track="block-{len(text)}"><span class="block__label">more</span></a></div>\n')
            length += len(text[-1])
        with open(os.path.join(folder, f"{number}.html"), "w", encoding="utf-8") as file:
            file.write("".join(text))
    with open(os.path.join(folder, "robots.txt"), "w", encoding="utf-8") as file:
        file.write("User-agent: *\nDisallow: /private\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_nginx(work, addresses, port):
    listens = "\n".join(f"    listen {address}:{port};" for address in addresses)
    configuration = os.path.join(work, "nginx.conf")
    with open(configuration, "w", encoding="utf-8") as file:
        file.write(f"""daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  types {{ text/html html; text/plain txt; }} access_log off; sendfile on; keepalive_requests 100000;
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3; uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
  server {{
{listens}
    root {work}/pages;
  }}
}}
""")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    server = subprocess.Popen([program, "-c", configuration, "-p", work, "-e", f"{work}/nginx.log"])
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((addresses[-1], port), timeout=1).close()
            return server
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"nginx does not start; see {work}/nginx.log")
            time.sleep(0.05)


def cpu_of(pid, with_children):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(int(value) for value in fields[11:15 if with_children else 13]) / TICKS


def children(pid):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) == pid:
                        found.append(int(name))
            except OSError:
                pass  # gone meanwhile
    return found


def postgres_cpu(postmaster):
    """All that PostgreSQL has used: its ended processes count in the postmaster."""
    total = cpu_of(postmaster, True)
    for pid in children(postmaster):
        try:
            total += cpu_of(pid, True)
        except OSError:
            pass  # ended meanwhile: it is in the next figure of the postmaster
    return total


def resident_megabytes(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0


class Watch:
    """One session that stays open: a new one for each look would cost PostgreSQL more than the look."""

    def __init__(self, url):
        self.psql = subprocess.Popen(
            ["psql", url, "-XAtq", "-v", "ON_ERROR_STOP=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, sql):
        self.psql.stdin.write(sql + ";\n")
        self.psql.stdin.flush()
        return self.psql.stdout.readline().strip()

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()


class Psql:
    def __init__(self, url):
        self.url = url

    def __call__(self, sql):
        return subprocess.run(
            ["psql", self.url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql], check=True, capture_output=True, text=True).stdout.strip()


def run_wireroom(options, urls, expected):
    server = os.environ["WIREROOM_TEST_DATABASE_URL"]
    url = server.rpartition("/")[0] + "/bench_fetch"
    admin, database = Psql(server), Psql(url)
    admin("DROP DATABASE IF EXISTS bench_fetch WITH (FORCE)")
    admin("CREATE DATABASE bench_fetch")
    postmaster = int(admin("SELECT pg_read_file('postmaster.pid')").split()[0])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIREROOM_")}
    environment |= {
        "WIREROOM_DATABASE_URL": url, "WIREROOM_BROKER_URL": os.environ["WIREROOM_TEST_AMQP_URL"],
        "WIREROOM_BROKER_PREFIX": "benchfetch", "WIREROOM_CRAWL_CONTACT": "https://bench.example/",
        "WIREROOM_CRAWL_ALLOW_ADDRESSES": "127.0.0.0/8", "WIREROOM_CRAWL_DELAY_MS": "0",
        "WIREROOM_CRAWL_MAXIMUM_CRAWL_DELAY_SECONDS": "0", "WIREROOM_CRAWL_URLS_PER_LEASE": "100",
        "WIREROOM_CRAWL_PARSE_BACKLOG": "1000000", "WIREROOM_CRAWL_REVISITS": "off", "WIREROOM_LOG_LEVEL": "warning",
    }
    operator = options.operator or os.path.join(options.bin, "wireroom")
    for command in (["migrate"], ["topology", "apply"]):
        subprocess.run([operator, *command], check=True, env=environment, stdout=subprocess.DEVNULL)
    listing = os.path.join(options.work, "urls.txt")
    database("CREATE TABLE list (url text)")
    subprocess.run(["psql", url, "-Xq", "-c", f"\\copy list FROM '{listing}'"], check=True)
    database("INSERT INTO wireroom.host (name) SELECT DISTINCT split_part(url, '/', 3) FROM list")
    database("""INSERT INTO wireroom.url (identity, url, host_id, kind, due_at)
        SELECT substring(sha256(l.url::bytea) FOR 16), l.url, h.host_id, 'article', now()
        FROM list AS l JOIN wireroom.host AS h ON h.name = split_part(l.url, '/', 3)""")
    database("VACUUM ANALYZE")
    watch = Watch(url)
    # Numbers of captures are given in order: none is skipped unless a transaction fails, and in the end the rows count.
    handed_out = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM wireroom.capture_id_sequence"
    settled = "SELECT count(*) + CASE WHEN EXISTS (SELECT FROM wireroom.outbox) THEN -1 ELSE 0 END FROM wireroom.capture"
    watch(handed_out)
    commits = int(database("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"))
    before = postgres_cpu(postmaster)
    started = time.monotonic()
    worker = subprocess.Popen([os.path.join(options.bin, "wireroom-crawl")], env=environment)
    memory, done = [], 0
    try:
        while done < expected:
            time.sleep(0.5)
            if worker.poll() is not None or time.monotonic() - started > options.seconds:
                raise SystemExit(f"wireroom-crawl fetched {done} of {expected} pages")
            done = int(watch(handed_out))
            if done >= expected:
                done = int(watch(settled))  # every page is stored, and its message has left
            memory.append((done, resident_megabytes(worker.pid)))
        seconds = time.monotonic() - started
        crawler = cpu_of(worker.pid, False)
        postgres = postgres_cpu(postmaster) - before
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()
        watch.close()
    commits = int(database("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")) - commits
    stored = int(database("SELECT sum(octet_length(body)) FROM wireroom.capture"))
    admin("DROP DATABASE bench_fetch WITH (FORCE)")
    half = [size for count, size in memory if count >= expected // 2]
    return {
        "pages": done, "seconds": round(seconds, 1), "cpu_seconds": round(crawler + postgres, 2),
        "crawler_cpu_seconds": round(crawler, 2), "postgres_cpu_seconds": round(postgres, 2),
        "pages_per_cpu_second": round(done / (crawler + postgres), 1), "commits": commits, "stored_megabytes": round(stored / 1e6),
        "resident_megabytes_half": round(half[0]), "resident_megabytes_end": round(memory[-1][1]),
    }


def run_bare(options, expected):
    server = os.environ["WIREROOM_TEST_DATABASE_URL"]
    url = server.rpartition("/")[0] + "/bench_bare"
    admin = Psql(server)
    admin("DROP DATABASE IF EXISTS bench_bare WITH (FORCE)")
    admin("CREATE DATABASE bench_bare")
    postmaster = int(admin("SELECT pg_read_file('postmaster.pid')").split()[0])
    before = postgres_cpu(postmaster)
    started = time.monotonic()
    process = subprocess.Popen([options.bare, url, os.path.join(options.work, "urls.txt"), "64"])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status:
        raise SystemExit("the bare loop failed")
    postgres = postgres_cpu(postmaster) - before
    pages, stored = Psql(url)("SELECT count(*) || ' ' || sum(octet_length(body)) FROM bare_capture").split()
    admin("DROP DATABASE bench_bare WITH (FORCE)")
    if int(pages) != expected:
        raise SystemExit(f"the bare loop stored {pages} of {expected} pages")
    cpu = usage.ru_utime + usage.ru_stime
    return {
        "pages": expected, "seconds": round(seconds, 1), "cpu_seconds": round(cpu + postgres, 2), "loop_cpu_seconds": round(cpu, 2),
        "postgres_cpu_seconds": round(postgres, 2), "pages_per_cpu_second": round(expected / (cpu + postgres), 1),
        "stored_megabytes": round(int(stored) / 1e6),
    }


def run_scrapy(options, expected):
    output = os.path.join(options.work, "scrapy.jsonl")
    if os.path.exists(output):
        os.remove(output)
    spider = os.path.join(os.path.dirname(os.path.abspath(__file__)), "spider.py")
    started = time.monotonic()
    process = subprocess.Popen(
        [options.scrapy, "runspider", spider, "-a", f"list={options.work}/urls.txt", "-o", output], cwd=options.work)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("Scrapy failed")
    seconds = time.monotonic() - started
    with open(output, "rb") as lines:
        pages = sum(1 for _ in lines)
    if pages != expected:
        raise SystemExit(f"Scrapy exported {pages} of {expected} pages")
    cpu = usage.ru_utime + usage.ru_stime
    size = os.path.getsize(output)
    os.remove(output)
    return {
        "pages": pages, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 2),
        "pages_per_cpu_second": round(pages / cpu, 1), "stored_megabytes": round(size / 1e6),
        "resident_megabytes_peak": round(usage.ru_maxrss / 1024),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="folder of wireroom-crawl and wireroom, built for release")
    parser.add_argument("--bare", required=True, help="bare.c, built")
    parser.add_argument("--operator", help="another wireroom for the set-up")
    parser.add_argument("--work", required=True, help="folder for pages and results")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=900, help="time that a side may take")
    parser.add_argument("--scrapy", default="scrapy")
    parser.add_argument("--alone", action="store_true", help="without Scrapy")
    options = parser.parse_args()
    options.work = os.path.abspath(options.work)
    if options.pages > options.hosts * PAGES_OF_A_HOST or options.hosts > 200:
        parser.error("at most 200 hosts with 100 pages each")
    make_pages(os.path.join(options.work, "pages"))
    addresses = [f"127.0.1.{number + 1}" for number in range(options.hosts)]
    port = free_port()
    # Hosts in turn, so that neither side is held up by one of them.
    # A host has pages of all sizes, also where it has few.
    step = PAGES_OF_A_HOST / -(-options.pages // options.hosts)
    urls = [f"http://{addresses[n % options.hosts]}:{port}/{int(n // options.hosts * step)}.html" for n in range(options.pages)]
    with open(os.path.join(options.work, "urls.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(urls) + "\n")
    server = start_nginx(options.work, addresses, port)
    try:
        wireroom = run_wireroom(options, urls, options.pages)
        bare = run_bare(options, options.pages)
        scrapy = None if options.alone else run_scrapy(options, options.pages)
    finally:
        server.terminate()
        server.wait()
    speed = "pages_per_cpu_second"
    result = {"benchmark": "fetch", "hosts": options.hosts, "wireroom": wireroom, "bare": bare}
    result["ratio_to_bare"] = round(wireroom[speed] / bare[speed], 2)
    if scrapy:
        result["scrapy"] = scrapy
        result["ratio"] = round(wireroom[speed] / scrapy[speed], 2)
        result["ratio_of_bare"] = round(bare[speed] / scrapy[speed], 2)
    print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(main())
