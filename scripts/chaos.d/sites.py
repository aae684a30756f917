#!/usr/bin/env python3
"""Serves websites for the crawl stage: `sites.py HOSTS PAGES`, on a free port of 127.0.0.1.

Host siteN.chaos.test has a feed with all its pages. Each 50th page is missing (404). `/stats` tells how often each page was
asked for and whether a host was ever asked for two things at once. The first line written is the port.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import documents

HOSTS, PAGES = int(sys.argv[1]), int(sys.argv[2])
requests, open_now, crowded = {}, {}, {}
lock = threading.Lock()


def missing(number):
    return number % 50 == 7


def feed(host, name):
    items = "".join(
        f"<item><title>Page {number}</title><link>http://{name}/news/{number}</link></item>"
        for number in range(host, PAGES, HOSTS))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        name = self.headers.get("Host", "").lower().partition(":")[0]
        if self.path == "/stats":
            with lock:
                return self.answer(200, "application/json", json.dumps({"requests": requests, "crowded": crowded}))
        with lock:
            key = name + self.path
            requests[key] = requests.get(key, 0) + 1
            open_now[name] = open_now.get(name, 0) + 1
            if open_now[name] > 1:
                crowded[name] = open_now[name]
        try:
            self.serve(name)
        finally:
            with lock:
                open_now[name] -= 1

    def serve(self, name):
        if self.path == "/robots.txt":
            return self.answer(200, "text/plain", "User-agent: *\nAllow: /\n")
        if self.path == "/feed.xml":
            return self.answer(200, "application/rss+xml", feed(int(name.removeprefix("site").partition(".")[0]), name))
        number = self.path.removeprefix("/news/")
        if self.path.startswith("/news/") and number.isdigit() and not missing(int(number)):
            return self.answer(200, "text/html", documents.page(int(number)))
        self.answer(404, "text/html", "<h1>There is no such page</h1>")

    def answer(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer.handle_error = lambda *_: None  # crawlers that are killed end their connections so
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
