#!/usr/bin/env python3
"""Serves Wireroom's demonstration websites: six invented hosts on one or several addresses.

    server.py [--bind 127.0.0.1] [--port 8089] [--now ISO-TIME] [--log FILE] [--quick]

The host is chosen by the first label of the Host header (courier.demo.test, courier.localhost:8089, courier), and links
on the pages carry the name and port that the request used. `--bind` may be repeated. Port 0 takes a free port. One line
on standard output says when the server is ready: `ready http://127.0.0.1:8089 courier ledger bote …`. `--log` appends
one JSON line per request. `--quick` lets the endless page end after two seconds, for tests.
Needs Python's standard library only.
"""

import argparse
import gzip
import json
import signal
import socket
import sys
import threading
import time
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from build_site import SITES, Edition, Page, clock

TEXTUAL = ("text/", "application/rss", "application/atom", "application/rdf", "application/xml", "application/feed")
HUGE = 20 * 1024 * 1024


class State:
    """What all connections share: the editions by host suffix, the one-time answers given, and the log."""

    def __init__(self, now, log, quick):
        self.now, self.quick, self.lock = now, quick, threading.Lock()
        self.editions, self.busy_answered = {}, False
        self.log = open(log, "a", encoding="utf-8", buffering=1) if log else None

    def edition(self, suffix):
        with self.lock:
            if suffix not in self.editions:
                if len(self.editions) >= 8:
                    self.editions.clear()
                self.editions[suffix] = Edition(self.now, suffix)
            return self.editions[suffix]

    def first_busy(self):
        with self.lock:
            first, self.busy_answered = not self.busy_answered, True
            return first

    def record(self, **entry):
        if self.log:
            with self.lock:
                self.log.write(json.dumps(entry) + "\n")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "DemoPress/1.0", ""
    timeout = 60
    state = None

    def do_GET(self):
        self.started = time.time()
        label, _, suffix = self.headers.get("Host", "").lower().partition(".")
        host = label.partition(":")[0]
        if host not in SITES:
            return self.send_page(self.not_found() if suffix.startswith("demo.test") else self.directory())
        if not suffix:
            # A bare name such as "courier:8000" inside a compose network: links to other hosts need no suffix either.
            suffix = "demo.test" + ("" if ":" not in label else ":" + label.partition(":")[2])
        self.edition = self.state.edition(suffix)
        path = self.path.partition("#")[0]
        page = self.edition.pages.get((host, path)) or self.edition.pages.get((host, path.partition("?")[0]))
        if page:
            return self.send_page(page)
        if host == "kiosk" and path.startswith("/broken/"):
            return self.trouble(path[8:].removesuffix(".html"))
        if path.startswith("/img/"):
            return self.send_page(Page(b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
                                       b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;", "image/gif"))
        self.send_page(self.not_found())

    do_HEAD = do_GET

    # Answers

    def send_page(self, page):
        body, headers = page.body, dict(page.headers)
        if page.status == 200:
            headers["ETag"], headers["Cache-Control"] = page.etag, "public, max-age=60"
            if page.modified:
                headers["Last-Modified"] = format_datetime(page.modified.replace(microsecond=0), usegmt=True)
            if self.is_fresh(page):
                return self.reply(304, headers, b"")
        if page.content_type.startswith(TEXTUAL) and len(body) > 500:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                body, headers["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
        self.reply(page.status, headers | {"Content-Type": page.content_type}, body)

    def is_fresh(self, page):
        expected = self.headers.get("If-None-Match")
        if expected is not None:
            return page.etag in [tag.strip().removeprefix("W/") for tag in expected.split(",")]
        since = self.headers.get("If-Modified-Since")
        if since is None or page.modified is None:
            return False
        try:
            return page.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False

    def reply(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def redirect(self, target, status=302):
        self.send_page(Page(b"<p>Moved.</p>", status=status, headers={"Location": target}))

    def not_found(self):
        return Page(b"<html><head><title>Not found</title></head><body><h1>404</h1><p>This page does not exist.</p></body></html>", status=404)

    def directory(self):
        port = self.server.server_address[1]
        rows = "".join(f'<li><a href="http://{key}.localhost:{port}/">{site["name"]}</a> ({site["lang"]}): {key}.demo.test</li>'
                       for key, site in SITES.items())
        return Page(f"<html><head><title>Demonstration hosts</title></head><body><ul>{rows}</ul></body></html>".encode())

    # The broken shelf

    def trouble(self, name):
        handler = getattr(self, "trouble_" + name.replace("-", "_"), None)
        return handler() if handler else self.send_page(self.not_found())

    def trouble_error(self):
        self.send_page(Page(b"<h1>Internal Server Error</h1><p>java.lang.NullPointerException at Kiosk.main</p>", status=500))

    def trouble_busy(self):
        if self.state.first_busy():
            return self.send_page(Page(b"<h1>Too many requests</h1>", status=429, headers={"Retry-After": "5"}))
        self.redirect("/" + self.newest().name)

    def trouble_moved(self):
        self.redirect("/broken/moved-2.html", status=301)

    def trouble_moved_2(self):
        self.redirect("/broken/moved-3.html", status=307)

    def trouble_moved_3(self):
        self.redirect(self.edition.url(self.newest()), status=308)

    def trouble_loop(self):
        self.redirect("/broken/loop-2.html")

    def trouble_loop_2(self):
        self.redirect("/broken/loop.html")

    def trouble_inside(self):
        self.redirect("http://169.254.169.254/latest/meta-data/")

    def trouble_soft404(self):
        self.send_page(Page(b"<html><head><title>The Night Kiosk</title></head><body><h1>Oops!</h1><p>We could not find the page"
                            b" that you were looking for. It may have been moved or deleted.</p><p>Try our <a href='/'>front page</a>."
                            b"</p></body></html>"))

    def trouble_wrong_label(self):
        text = ("<html><head><title>Café night at the Żabka corner</title></head><body><h1>Café night at the Żabka corner</h1>"
                "<p>Posted by Noël Fąfara</p>" + "<p>The crêperie’s owner, Zoë Műller, said the naïve façade paint – “très jolie” – "
                "cost her 90 € and a sleepless night. Neighbours brought jalapeños and smörgåsbord.</p>" * 3 + "</body></html>")
        self.send_page(Page(text.encode("utf-8"), "text/html; charset=iso-8859-1"))

    def trouble_report(self):
        self.send_page(Page(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n" * 8))

    def trouble_truncated(self):
        """Promises more than it sends and closes: the page breaks off inside a tag."""
        page = self.edition.pages[("kiosk", self.newest().path)]
        self.send_response(200)
        self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(page.body[: len(page.body) // 2])
        self.close_connection = True

    def trouble_slow(self):
        """A page that never ends: some bytes every second, for half an hour at the most."""
        self.begin_stream()
        end = time.time() + (2 if self.state.quick else 1800)
        while time.time() < end:
            self.chunk(b"<!-- -->")
            time.sleep(1)
        self.chunk(b"")

    def trouble_huge(self):
        """Twenty megabytes of markup."""
        self.begin_stream()
        piece = b"<p>" + b"All work and no play makes this a dull page. " * 1450 + b"</p>\n"
        for _ in range(HUGE // len(piece) + 1):
            self.chunk(piece)
        self.chunk(b"")

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")

    def newest(self):
        return self.edition.of("kiosk")[0]

    # Log

    def log_request(self, code="-", size="-"):
        self.state.record(time=time.time(), host=self.headers.get("Host", "") if hasattr(self, "headers") else "",
                          method=self.command, path=self.path, status=int(code) if str(code).isdigit() else 0,
                          agent=self.headers.get("User-Agent", "") if hasattr(self, "headers") else "")

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self):
        # Without the name look-up of HTTPServer, which can take seconds where there is no resolver.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[0], self.server_address[1]

    def handle_error(self, request, client_address):
        # Clients that give up in the middle of a page are what this server is for.
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bind", action="append", help="address to listen on; may be repeated; default 127.0.0.1")
    parser.add_argument("--port", type=int, default=8089, help="0 takes a free port; default 8089")
    parser.add_argument("--now", help="the clock of the sites, ISO 8601; default: the begin of the present hour")
    parser.add_argument("--log", help="file to append one JSON line per request to")
    parser.add_argument("--quick", action="store_true", help="let the endless page end after two seconds")
    options = parser.parse_args()
    Handler.state = State(clock(options.now), options.log, options.quick)
    Handler.state.edition("demo.test")
    servers = []
    try:
        for address in options.bind or ["127.0.0.1"]:
            port = servers[0].server_port if servers else options.port
            servers.append(Server((address, port), Handler))
    except OSError as error:
        raise SystemExit(f"cannot listen on {address} port {port}: {error.strerror}")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for server in servers:
        print(f"ready http://{server.server_name}:{server.server_port} {' '.join(SITES)}", flush=True)
    stop.wait()


if __name__ == "__main__":
    main()
