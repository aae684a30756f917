"""Scenarios in which the network fails, and in which the stages hold each other back."""

import contextlib
import os
import random
import time
import urllib.parse

from faults import ALL, need_root, prove_sites, scenario
from line import Broken, Unable, run
from proxy import Proxy


def route(line, proxies, address="127.0.0.1"):
    """Lets the workers come to broker and database through proxies."""
    broker, database = proxies
    for key, url, proxy in (("BROKER", line.broker_url, broker), ("DATABASE", line.url, database)):
        parts = urllib.parse.urlsplit(url)
        login = parts.netloc.rpartition("@")[0]
        line.worker_env[f"WIREROOM_{key}_URL"] = parts._replace(netloc=f"{login}@{address}:{proxy.port}").geturl()


@contextlib.contextmanager
def proxies(line, address="127.0.0.1"):
    """A proxy before the broker and one before the database, as `line.ground`."""
    line.ground = [Proxy(urllib.parse.urlsplit(url).port, address) for url in (line.broker_url, line.server_url)]
    try:
        yield
    finally:
        for proxy in line.ground:
            proxy.close()


def disturb(pair, source):
    """One disturbance of a connection to either server."""
    proxy = source.choice(pair)
    proxy.latency = source.choice((0, 0, 0.002, 0.02))
    proxy.piece = source.choice((65536, 65536, 1400, 50))
    source.choice((proxy.cut, proxy.cut, proxy.half_close))()


def calm(pair):
    for proxy in pair:
        proxy.latency, proxy.piece = 0, 65536


CUT_SECONDS = 300


@scenario(around=proxies, ready=False)
def connections_cut(line):
    """connections cut, reset and half-closed at random for 5 minutes through a TCP proxy with latency and trickle"""
    source = random.Random(11)
    route(line, line.ground)
    line.feed(line.count)
    line.start_all()
    count = 0
    with line.fault(0.05):
        end = time.monotonic() + CUT_SECONDS
        while time.monotonic() < end:
            disturb(line.ground, source)
            count += 1
            time.sleep(source.uniform(0.2, 2))
            if line.documents - line.finished() < line.count // 4:
                line.feed(line.count // 4)
        calm(line.ground)
    line.note = f"{count} disturbances, {sum(proxy.accepted for proxy in line.ground)} connections made"


# The two ends of the wire, in a small network of this process: another run may have one at the same time.
NUMBER = os.getpid() % (1 << 14)
HERE, THERE = (f"10.213.{NUMBER >> 6}.{(NUMBER & 63) * 4 + end}" for end in (1, 2))


@contextlib.contextmanager
def namespace(line):
    """A network namespace for the workers; the servers are reached at an address on this side of its wire."""
    need_root("ip", "iptables")
    name, here, there = f"chaos{os.getpid()}", f"ch{os.getpid()}a", f"ch{os.getpid()}b"
    try:
        run("ip", "netns", "add", name)
    except Broken as error:
        raise Unable(f"no network namespace can be made: {error}") from None
    try:
        run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        run("ip", "address", "add", f"{HERE}/30", "dev", here)
        run("ip", "link", "set", here, "up")
        run("ip", "-n", name, "address", "add", f"{THERE}/30", "dev", there)
        for device in (there, "lo"):
            run("ip", "-n", name, "link", "set", device, "up")
        with proxies(line, HERE):
            yield
    finally:
        run("ip", "netns", "del", name, check=False)


@scenario(around=namespace, ready=False)
def partition(line):
    """silent partition: packets between workers and servers vanish both ways for 60 s (network namespace)"""
    line.prefix = ["ip", "netns", "exec", f"chaos{os.getpid()}"]
    route(line, line.ground, HERE)
    line.feed(line.count)
    line.start_all()
    with line.fault():
        mark = len(line.log_text())
        began = time.monotonic()
        for chain, side in (("INPUT", "-i"), ("OUTPUT", "-o")):
            run(*line.prefix, "iptables", "-A", chain, "!", side, "lo", "-j", "DROP")
        try:
            line.wait(lambda: "warning" in line.log_text()[mark:], 60, "warning of a worker")
            noticed = time.monotonic() - began
            line.hold(60 - noticed)
        finally:
            run(*line.prefix, "iptables", "-F")
    line.note = f"first warning after {noticed:.0f} s"


@scenario(stages=ALL, ready=False)
def back_pressure(line):
    """index stopped while websites are crawled, queues limited to 100: all stand still, then go on"""
    limit = 100
    line.worker_env["WIREROOM_CRAWL_PARSE_BACKLOG"] = "50"
    line.ctl("set_policy", "chaos", f"^{line.name}\\.(parse|classify|index)$", f'{{"max-length": {limit}}}',
             "--apply-to", "queues")
    try:
        line.crawl_sites()
        line.start_all()
        with line.fault(0.1):
            line.stop("index")
            line.wait(lambda: "Releasing is paused" in line.log_text(), 120, "word of the crawl stage that it pauses")
            fetched = -1
            # Standstill: nothing was fetched for 10 s although there is more to fetch.
            deadline = time.monotonic() + 120
            while (now := line.number("SELECT count(*) FROM wireroom.capture")) != fetched:
                if time.monotonic() > deadline:
                    raise Broken("the crawl stage never stood still")
                fetched = now
                line.hold(10)
            depths = {name.rpartition(".")[2]: depth for name, depth in line.depths().items()
                      if name in {f"{line.name}.{stage}" for stage in line.stages}}
            outbox = line.number("SELECT count(*) FROM wireroom.outbox")
            # What is on its way when the limit is reached still goes in: a batch, and confirmations of it.
            if any(depth > limit + 256 for depth in depths.values()):
                raise Broken(f"queues grew beyond their limits: {depths}")
            if fetched >= line.count:
                raise Broken("everything was fetched although the line stood still")
            line.note = (f"stood still with {fetched} of {line.count} pages fetched, "
                         + ", ".join(f"{stage} {depth}" for stage, depth in depths.items()) + f", outbox {outbox}")
            line.start("index")
        line.wait(lambda: "Releasing goes on" in line.log_text(), 120, "word of the crawl stage that it goes on")
        prove_sites(line)
    finally:
        line.ctl("clear_policy", "chaos")
