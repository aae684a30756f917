"""Scenarios that break the broker, or use it against the line."""

import contextlib
import json
import random
import signal
import threading
import time

import amqp
import books
from faults import need_root, scenario
from line import Broken, run


@scenario()
def broker_killed(line):
    """RabbitMQ killed by SIGKILL and started again"""
    with line.fault():
        line.end(line.broker_pid(), signal.SIGKILL)
        line.start_servers()


@scenario()
def broker_stopped(line):
    """RabbitMQ stopped by SIGSTOP for 60 s"""
    with line.fault(), line.frozen([line.broker_pid()]):
        line.hold(60)


@scenario(clean=True)
def slow_broker(line):
    """classify workers replaced eight times, each asked to stop while RabbitMQ stands still for half a second"""
    with line.fault(0.05, "classify"):
        for _ in range(8):
            line.feed(line.count // 8)
            line.start("classify")
            line.wait_registered()
            broker = [line.broker_pid()]
            line.signal_all(broker, signal.SIGSTOP)
            waking = threading.Timer(0.5, line.signal_all, (broker, signal.SIGCONT))
            waking.start()
            line.stop("classify", 1)
            waking.join()
        line.feed(line.count // 8)


@scenario()
def memory_alarm(line):
    """memory alarm of RabbitMQ for 15 s"""
    with line.fault():
        line.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
        try:
            prove_blocked(line)
        finally:
            line.ctl("set_vm_memory_high_watermark", "0.3")


@scenario()
def disk_alarm(line):
    """disk alarm of RabbitMQ for 15 s"""
    with line.fault():
        line.ctl("set_disk_free_limit", "100000GB")
        try:
            prove_blocked(line)
        finally:
            line.ctl("set_disk_free_limit", "200MB")


def prove_blocked(line):
    """Holds, and looks that publishing stood still in the meantime, and that an operator is told why."""
    line.hold(5)
    told = line.findings().get("publishing", {})
    if told.get("level") != "failure" or "alarm" not in told.get("message", ""):
        raise Broken(f"doctor does not tell of the alarm: {told}")
    before = line.finished()
    line.hold(10)
    # The index stage publishes a notice for each document, so nothing may come through.
    if (after := line.finished()) > before + 128:
        raise Broken(f"{after - before} documents came through a broker that takes no messages")


@scenario(ready=False)
def queue_full(line):
    """the classify queue limited to 20 messages, its worker away until it is full, and 10 s longer"""
    line.ctl("set_policy", "chaos", f"^{line.name}\\.classify$", '{"max-length": 20}', "--apply-to", "queues")
    try:
        line.feed(line.count)
        line.start_all()
        with line.fault(0.1, "classify"):
            line.stop("classify")
            line.wait(lambda: line.depths()[f"{line.name}.classify"] >= 20, 60, "full queue")
            line.hold(10)
            # A limit of a quorum queue takes hold a little late: what is on its way still goes in.
            if (depth := line.depths()[f"{line.name}.classify"]) > 20 + 256:
                raise Broken(f"the full queue holds {depth} messages")
            line.start("classify")
        books.settle(line)
    finally:
        line.ctl("clear_policy", "chaos")


@scenario()
def queue_deleted(line):
    """the classify queue deleted with what is in it, declared again after 5 s, what was lost replayed"""
    queue = f"{line.name}.classify"
    with line.fault(0.1, "classify"):
        line.stop("classify")
        line.wait(lambda: line.depths()[queue] >= 20, 60, "queue with something in it")
        with amqp.Client(line.broker_url) as client:
            client.delete(queue)
        line.hold(5)
        line.wireroom("topology", "apply")
        line.start("classify")
    # All that was not lost comes through; then nothing moves any more, and the books name what is missing.
    last = ["", time.monotonic()]

    def stands_still():
        now = line.sql("SELECT count(*), max(happened_at) FROM wireroom.stage_event")
        if now != last[0] or any(line.depths().values()):
            last[:] = now, time.monotonic()
        behind = line.number("SELECT count(*) FROM wireroom.open_message WHERE stage <> 'classify'")
        return behind == 0 and time.monotonic() - last[1] > 10

    line.wait(stands_still, 300, "standstill after the loss")
    left = line.documents - line.finished()
    lost = line.sql("SELECT url FROM wireroom.url WHERE state = 'parsed'").splitlines()
    if len(lost) != left or left == 0:
        raise Broken(f"{left} documents are missing, and the books name {len(lost)}")
    for url in lost:
        line.wireroom("replay", "--stage", "classify", "--url", url, "--yes")


@scenario()
def permission_removed(line):
    """the right to publish taken away at the broker for 10 s, and its connections closed, because channels remember their rights"""
    with line.fault():
        line.ctl("set_permissions", "wireroom", ".*", "^$", ".*")
        line.ctl("close_all_connections", "chaos")
        try:
            line.hold(10)
        finally:
            line.ctl("set_permissions", "wireroom", ".*", ".*", ".*")


@scenario()
def connections_closed(line):
    """all broker connections closed by the broker, three times"""
    for share in (0.1, 0.25, 0.4):
        with line.fault(share):
            line.ctl("close_all_connections", "chaos")


GARBAGE = 40


@scenario(ready=False, short=True,
          quarantine={"malformed-message": 3 * GARBAGE, "unsupported-version": 3 * GARBAGE, "unknown-type": 3 * GARBAGE})
def strange_messages(line):
    """each message up to three times and in any order, with garbage, other types and future versions among them, in all queues"""
    line.feed(line.count)
    source = random.Random(7)
    line.met, line.left, line.mended = line.documents, line.documents, time.monotonic()
    for stage in line.stages:
        queue = f"{line.name}.{stage}"
        with amqp.Client(line.broker_url) as client:
            # All that the stage will get: the stages before it have done their work, this one has not begun.
            line.wait(lambda: client.depth(queue) >= line.documents, 600, f"messages for {stage}")
            bodies = {}
            while (body := client.get(queue)) is not None:
                bodies[json.loads(body)["id"]] = body
            sent = [body for body in bodies.values() for _ in range(source.randint(1, 3))]
            sent += strange(stage, next(iter(bodies.values())), source)
            source.shuffle(sent)
            line.start(stage)
            client.publish(queue, sent)
        line.wait(lambda: line.number(f"SELECT count(*) FROM wireroom.stage_event WHERE stage = '{stage}'") > line.count // 4,
                  120, f"work of {stage}")
        line.remember_warm()


def strange(stage, body, source):
    """Messages that belong to no stage of this version, and to no document."""
    known = json.loads(body)
    known.pop("url_id")
    result = []
    for number in range(GARBAGE):
        result.append(source.choice((b"", b"{", b"\xff\xfe\0", b"[1,2,", b'"text"')) + f"{stage}{number}".encode())
        result.append(json.dumps(known | {"id": f"future:{stage}:{number}", "version": 9}).encode())
        result.append(json.dumps(known | {"id": f"other:{stage}:{number}", "type": "weather.report"}).encode())
    return result


@contextlib.contextmanager
def small_broker_disk(line):
    """The broker with its data on a small disk of its own; back on the old one afterwards."""
    need_root("mount")
    folder = line.root / "rabbitmq/mnesia"
    line.stop_servers()
    run("mount", "-t", "tmpfs", "-o", "size=400m", "chaos", str(folder))
    try:
        line.start_servers()
        yield
    finally:
        line.stop_servers()
        run("umount", str(folder))
        line.start_servers()


@scenario(around=small_broker_disk)
def broker_disk_full(line):
    """the broker's disk full to the last byte for 20 s, then the broker killed and started: it does not mend itself"""
    ballast = line.root / "rabbitmq/mnesia/ballast"
    with line.fault():
        try:
            fill(ballast)
            line.hold(20)
        finally:
            ballast.unlink()
        with contextlib.suppress(ProcessLookupError):
            line.end(line.broker_pid(), signal.SIGKILL)
        line.start_servers()


def fill(path):
    """Writes until the disk is full."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(b"\0" * size):
                    pass
