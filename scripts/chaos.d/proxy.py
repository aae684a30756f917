"""A TCP proxy that delays, dribbles, cuts and half-closes what goes through it."""

import random
import socket
import threading
import time


class Proxy:
    """Passes connections on to a port of this machine. Each direction of each connection is copied by a thread."""

    def __init__(self, target_port, address="127.0.0.1"):
        self.target_port = target_port
        self.latency = 0.0       # seconds that each piece is late
        self.piece = 65536       # bytes passed on at once
        self.connections, self.lock = set(), threading.Lock()
        self.accepted = 0
        self.listener = socket.create_server((address, 0), backlog=64)
        self.address, self.port = self.listener.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port), 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (client, server)
            with self.lock:
                self.connections.add(pair)
                self.accepted += 1
            for source, sink in (pair, pair[::-1]):
                threading.Thread(target=self._copy, args=(source, sink, pair), daemon=True).start()

    def _copy(self, source, sink, pair):
        try:
            while data := source.recv(min(self.piece, 65536)):
                if self.latency:
                    time.sleep(self.latency)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)  # a half that was closed is closed on the other side too
        except OSError:
            self._end(pair)

    def _end(self, pair):
        with self.lock:
            if pair not in self.connections:
                return
            self.connections.discard(pair)
        for end in pair:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # gone already
            end.close()

    def _pick(self):
        with self.lock:
            return random.choice(list(self.connections)) if self.connections else None

    def cut(self):
        """Ends a connection, chosen at random, with a reset or a plain end."""
        if (pair := self._pick()) is None:
            return
        if random.random() < 0.5:
            for end in pair:
                try:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                except OSError:
                    pass  # gone already
        self._end(pair)

    def half_close(self):
        """Says to one end that the other has nothing more to say."""
        if (pair := self._pick()) is None:
            return
        try:
            random.choice(pair).shutdown(socket.SHUT_WR)
        except OSError:
            pass  # gone already

    def cut_all(self):
        with self.lock:
            pairs = list(self.connections)
        for pair in pairs:
            self._end(pair)

    def close(self):
        self.listener.close()
        self.cut_all()
