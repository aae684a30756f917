"""As much of AMQP 0-9-1 as breaking things needs: depth of a queue, publish, get, delete."""

import socket
import struct
import urllib.parse

METHOD, HEADER, BODY, HEARTBEAT, END = 1, 2, 3, 8, 0xCE


class Refused(Exception):
    """The broker closed the channel, for example because the queue does not exist."""


def short(text):
    data = text.encode()
    return bytes([len(data)]) + data


def long(data):
    return struct.pack(">I", len(data)) + data


class Client:
    """One connection with one channel, for one thread; everything is asked and answered in turn."""

    def __init__(self, url, timeout=10):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout)
        self.buffer = b""
        try:
            self._log_in(parts)
        except BaseException:
            self.close()
            raise

    def _log_in(self, parts):
        user, password = (urllib.parse.unquote(text or "guest") for text in (parts.username, parts.password))
        self.socket.sendall(b"AMQP\x00\x00\x09\x01")
        self._expect(10, 10)
        answer = f"\0{user}\0{password}".encode()
        self._method(0, 10, 11, long(b"") + short("PLAIN") + long(answer) + short("en_US"))
        tune = self._expect(10, 30)
        self._method(0, 10, 31, tune[:6] + struct.pack(">H", 0))  # no heartbeats: a client of a moment
        host = urllib.parse.unquote(parts.path[1:]) or "/"
        self._method(0, 10, 40, short(host) + short("") + b"\0")
        self._expect(10, 41)
        self._open_channel()

    def _open_channel(self):
        self.published = 0
        self._method(1, 20, 10, short(""))
        self._expect(20, 11)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Frames

    def _frame(self, kind, channel, payload):
        self.socket.sendall(struct.pack(">BHI", kind, channel, len(payload)) + payload + bytes([END]))

    def _method(self, channel, family, method, arguments):
        self._frame(METHOD, channel, struct.pack(">HH", family, method) + arguments)

    def _read(self, count):
        while len(self.buffer) < count:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the broker closed the connection")
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _next(self):
        while True:
            kind, _, size = struct.unpack(">BHI", self._read(7))
            payload = self._read(size + 1)[:-1]
            if kind != HEARTBEAT:
                return kind, payload

    def _expect(self, family, *methods):
        """The arguments of the next method, or of the one that was asked for with `methods`' first."""
        kind, payload = self._next()
        found = struct.unpack(">HH", payload[:4])
        if found == (20, 40):  # channel.close: the channel is opened anew for the next question
            code, size = struct.unpack(">HB", payload[4:7])
            self._method(1, 20, 41, b"")
            self._open_channel()
            raise Refused(f"{code} {payload[7:7 + size].decode()}")
        if kind != METHOD or found[0] != family or found[1] not in methods:
            raise ConnectionError(f"the broker answered with {found}")
        return payload[4:] if len(methods) == 1 else (found[1], payload[4:])

    # What is asked for

    def depth(self, queue):
        """Messages that are ready in a queue; None when it does not exist."""
        self._method(1, 50, 10, b"\0\0" + short(queue) + b"\x01" + long(b""))
        try:
            answer = self._expect(50, 11)
        except Refused:
            return None
        return struct.unpack(">I", answer[1 + answer[0]:5 + answer[0]])[0]

    def delete(self, queue):
        self._method(1, 50, 40, b"\0\0" + short(queue) + b"\0")
        self._expect(50, 41)

    def purge(self, queue):
        self._method(1, 50, 30, b"\0\0" + short(queue) + b"\0")
        self._expect(50, 31)

    def publish(self, queue, bodies):
        """Publishes persistent messages and waits until the broker has confirmed them all: a quorum queue may lose what was
        only sent when the connection ends after it."""
        self._method(1, 85, 10, b"\0")  # on a channel that confirms already it changes nothing
        self._expect(85, 11)
        for body in bodies:
            self._method(1, 60, 40, b"\0\0" + short("") + short(queue) + b"\0")
            self._frame(HEADER, 1, struct.pack(">HHQHB", 60, 0, len(body), 0x1000, 2))  # the delivery mode: persistent
            for start in range(0, len(body), 100_000):
                self._frame(BODY, 1, body[start:start + 100_000])
        open_tags = set(range(self.published + 1, self.published + len(bodies) + 1))
        self.published += len(bodies)
        while open_tags:
            tag, multiple = struct.unpack(">QB", self._expect(60, 80))
            open_tags -= {known for known in open_tags if known <= tag} if multiple & 1 else {tag}

    def get(self, queue):
        """Takes a message out of a queue for good; None when none is ready."""
        self._method(1, 60, 70, b"\0\0" + short(queue) + b"\x01")
        method, _ = self._expect(60, 71, 72)
        if method == 72:
            return None
        _, header = self._next()
        size = struct.unpack(">Q", header[4:12])[0]
        body = b""
        while len(body) < size:
            body += self._next()[1]
        return body
