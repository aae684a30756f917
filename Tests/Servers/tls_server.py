"""A TLS server of one page for the tests: HTTP/2 where client and server agree on it by ALPN, else HTTP/1.1.

    python3 tls_server.py CERTIFICATE KEY PROTOCOLS BODY

PROTOCOLS is what it offers, such as h2,http/1.1. It listens on a free port of 127.0.0.1, prints `ready PORT`, and then the
protocol of each request. HTTP/2 is as much of RFC 9113 as one answer takes; request headers are not read.
"""

import socket
import ssl
import struct
import sys
import threading

DATA, HEADERS, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 4, 6, 7, 9
END_STREAM = ACKNOWLEDGED = 1
END_HEADERS = 4


def exactly(stream, count):
    found = stream.read(count)
    if len(found) < count:
        raise EOFError
    return found


def frame(kind, flags, number, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, number) + payload


def serve_http2(stream, body):
    exactly(stream, 24)  # the client's preface
    stream.write(frame(SETTINGS, 0, 0))
    # :status 200 from the static table, then content-type as a literal with an indexed name (RFC 7541, 6.1 and 6.2.2).
    head = b"\x88\x0f\x10\x09text/html"
    while True:
        length, kind, flags, number = struct.unpack(">IBBI", b"\0" + exactly(stream, 9))
        payload = exactly(stream, length)
        if kind == GOAWAY:
            return
        if kind == SETTINGS and not flags & ACKNOWLEDGED:
            stream.write(frame(SETTINGS, ACKNOWLEDGED, 0))
        elif kind == PING and not flags & ACKNOWLEDGED:
            stream.write(frame(PING, ACKNOWLEDGED, 0, payload))
        elif kind in (HEADERS, CONTINUATION) and flags & END_HEADERS:
            print("h2", flush=True)
            stream.write(frame(HEADERS, END_HEADERS, number, head) + frame(DATA, END_STREAM, number, body))


def serve_http1(stream, body):
    while True:
        line = stream.readline()
        if not line:
            return
        while line not in (b"\r\n", b"\n", b""):
            line = stream.readline()
        print("http/1.1", flush=True)
        stream.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def serve(peer, context, body):
    try:
        with context.wrap_socket(peer, server_side=True) as connection:
            # Unbuffered writes: an answer is one write.
            stream = connection.makefile("rwb", buffering=0)
            reader = connection.makefile("rb")
            both = type("Stream", (), {"read": reader.read, "readline": reader.readline, "write": stream.write})
            (serve_http2 if connection.selected_alpn_protocol() == "h2" else serve_http1)(both, body)
    except (OSError, EOFError):
        pass  # the client refused the certificate, or has gone


def main():
    certificate, key, protocols, body = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(protocols.split(","))
    listener = socket.create_server(("127.0.0.1", 0))
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve, args=(peer, context, body.encode()), daemon=True).start()


if __name__ == "__main__":
    main()
