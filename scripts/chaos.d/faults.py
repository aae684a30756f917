"""What a scenario is, and those that kill, stop and multiply workers."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import time
import typing

import books
import documents
from line import STAGES, Broken, Unable, run

ALL = ("crawl",) + STAGES


@dataclasses.dataclass
class Scenario:
    """One way to break the line; `act` breaks, mends, and returns once the line may be judged."""

    name: str
    act: typing.Callable
    stages: tuple = STAGES
    quarantine: dict = dataclasses.field(default_factory=dict)  # how many messages are held in the end, by reason
    around: typing.Callable = contextlib.nullcontext            # what has to be there before the line, and gone after it
    short: bool = False                                         # whether the short form has it
    ready: bool = True                                          # whether documents and workers are there when it begins
    clean: bool = False                                         # only clean stops: nothing may be delivered again

    @property
    def title(self):
        return " ".join(self.act.__doc__.split())


SCENARIOS = {}


def scenario(**more):
    def add(act):
        name = act.__name__.replace("_", "-")
        SCENARIOS[name] = Scenario(name=name, act=act, **more)
        return act
    return add


def need_root(*programs):
    if os.geteuid() != 0:
        raise Unable("needs root")
    for program in programs:
        if shutil.which(program) is None:
            raise Unable(f"needs {program}")


@scenario(short=True)
def kill_workers(line):
    """SIGKILL of the parse, classify and index workers, three times each, all in the middle of their work"""
    line.at_each((0.1, 0.25, 0.4), lambda stage: replace_killed(line, stage))


def replace_killed(line, stage):
    line.kill(stage)
    line.start(stage)


@scenario(stages=ALL, ready=False)
def kill_crawl(line):
    """SIGKILL of all four workers, eight times each, while websites are crawled"""
    line.crawl_sites()
    line.start_all()
    line.at_each([share / 20 for share in range(1, 9)], lambda stage: replace_killed(line, stage))
    prove_sites(line)


def prove_sites(line):
    """Waits for the pages and compares them with what the websites have."""
    books.settle(line)
    missing = sum(1 for number in range(line.count) if number % 50 == 7)
    rows = line.sql("SELECT state, coalesce(reason, ''), count(*) FROM wireroom.url WHERE kind = 'article' GROUP BY 1, 2")
    found = {tuple(row.split("|")[:2]): int(row.split("|")[2]) for row in rows.splitlines()}
    expected = {("indexed", ""): line.count - missing, ("dropped", "not-found"): missing}
    if found != expected:
        raise Broken(f"the pages ended as {found} instead of {expected}")


@scenario()
def frozen_worker(line):
    """the classify worker stopped by SIGSTOP for 45 s, then continued beside the one that took its place"""
    with line.fault(0.1, "classify"), line.frozen([worker.pid for worker in line.workers["classify"]]):
        line.start("classify")
        line.hold(45)
        line.feed(line.count // 2)  # so that there is something left to do for both


def poison_library(line):
    library = line.folder / "poison.so"
    source = pathlib.Path(__file__).parent / "poison.c"
    if shutil.which("cc") is None:
        raise Unable("needs a C compiler")
    run("cc", "-shared", "-fPIC", "-O1", f'-DPOISON="{documents.POISON}"', "-o", str(library), str(source), "-ldl")
    return str(library)


@scenario(ready=False, short=True, quarantine={"crashed-worker": 1})
def poison_page(line):
    """a page that crashes the parser (a fault is loaded into it), under a supervisor; it alone is quarantined"""
    preload = {"LD_PRELOAD": poison_library(line)}
    poisoned = line.count // 3
    line.feed(line.count, poisoned={poisoned})
    for stage in ("classify", "index"):
        line.start(stage)
    with line.supervised("parse", **preload) as codes:
        line.start("parse", **preload)
        line.wait(lambda: line.number("SELECT count(*) FROM wireroom.quarantine") == 1, 300, "quarantined page")
        line.remember_warm()
        line.met, line.mended, line.left = line.documents, time.monotonic(), max(1, line.documents - line.finished())
        books.settle(line)
    if set(codes) != {-11} or not 4 <= len(codes) <= 6:
        raise Broken(f"the parse workers ended with {codes}")
    state = line.sql(f"SELECT state FROM wireroom.url WHERE url = '{documents.url(poisoned)}'")
    if state != "quarantined":
        raise Broken(f"the poisoned page is {state}")


@scenario(short=True, clean=True)
def rolling_restart(line):
    """all workers stopped and replaced, one kind after another, three times, while documents come in"""
    with line.fault(0.1):
        for _ in range(3):
            for stage in line.stages:
                line.feed(line.count // 8)
                line.start(stage)
                line.wait_registered()
                line.stop(stage, 1)
        line.feed(line.count // 8)


@scenario(clean=True)
def scaling(line):
    """classify workers from 1 to 6 and down to 2 under load"""
    with line.fault(0.05, "classify"):
        for _ in range(5):
            line.start("classify")
        line.wait_registered()
        line.feed(line.count // 2)
        line.stop("classify", 4)


@scenario(stages=ALL, ready=False)
def clock_step(line):
    """clock of all workers two hours forward, then four hours back (libfaketime), while websites are crawled"""
    libraries = list(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        raise Unable("needs libfaketime")
    clock = line.folder / "clock"
    clock.write_text("+0\n")
    line.worker_env |= {
        "LD_PRELOAD": str(libraries[0]), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
    }
    line.crawl_sites()
    line.start_all()
    for share, offset in ((0.15, "+7200\n"), (0.35, "-7200\n"), (0.5, "+0\n")):
        with line.fault(share):
            clock.write_text(offset)
    prove_sites(line)
