"""The line that is broken: servers, a database and queues of a scenario's own, the workers on them, and looking at them."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import amqp
import documents

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
STAGES = ("parse", "classify", "index")
ENV = {key: value for key, value in os.environ.items() if not key.startswith("WIREROOM_")}
WARM_SECONDS = 5
DONE = "state IN ('indexed', 'dropped', 'quarantined')"


class Broken(Exception):
    """A proof that failed."""


class Unable(Exception):
    """The machine lacks what a scenario needs: it did not run, which is not the same as passing."""


def run(*command, env=None, check=True, timeout=180):
    done = subprocess.run(command, env=env or ENV, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise Broken(f"{pathlib.Path(command[0]).name} ended with {done.returncode}: "
                     f"{(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


class Figures:
    """Descriptors, threads and memory of a process."""

    def __init__(self, pid):
        status = dict(row.split(":", 1) for row in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
        self.threads = int(status["Threads"])
        self.kilobytes = int(status["VmRSS"].split()[0])
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))


class Line:
    """One line at a time: `open` makes it, `close` removes it; the servers stay for the next one."""

    def __init__(self, folder, binaries, count, server_options=()):
        """`count`: documents for each scenario."""
        self.folder, self.binaries, self.count = folder, binaries, count
        self.server_options = server_options
        folder.mkdir(parents=True, exist_ok=True)
        self.root = folder / "services"
        self.env, self.workers, self.helpers = {}, {}, []
        values = self.start_servers()
        self.control = values["WIREROOM_TEST_RABBITMQCTL"]
        self.server_url = values["WIREROOM_TEST_DATABASE_URL"]
        self.broker_url = values["WIREROOM_TEST_AMQP_URL"]
        self.settings = dict(row.split("=", 1) for row in (self.root / "settings").read_text().splitlines())
        # The command of Debian's is a wrapper that costs more than the query.
        self.psql = next((str(path) for path in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"))), "psql")
        self.is_open, self.tablespace, self.ground = False, None, None

    def start_servers(self):
        text = run(str(PROJECT / "scripts/services"), "start", "--root", str(self.root), *self.server_options)
        rows = (row.removeprefix("export ").split("=", 1) for row in text.splitlines() if row.startswith("export "))
        return {key: value.strip("'") for key, value in rows}

    def stop_servers(self):
        run(str(PROJECT / "scripts/services"), "stop", "--root", str(self.root), check=False)

    def open(self, name, stages=STAGES):
        """A fresh database and fresh queues."""
        self.name = f"chaos{os.getpid()}{name.replace('-', '')}"[:60]
        self.is_open = True
        self.stages, self.documents, self.started = stages, 0, 0
        self.workers, self.codes, self.logs, self.warm, self.prefix = {}, [], [], {}, []
        self.hosts = 0  # websites that are crawled
        self.met, self.mended, self.left, self.note, self.site = None, None, 0, "", None
        self.watched = set()  # stages whose workers are started again when they end
        self.settled = None   # seconds from the mending to the first and to the last document
        self.sql(f"CREATE DATABASE {self.name}" + (f" TABLESPACE {self.tablespace}" if self.tablespace else ""), self.server_url)
        self.url = self.server_url.rsplit("/", 1)[0] + "/" + self.name
        self.env = ENV | {
            "WIREROOM_DATABASE_URL": self.url, "WIREROOM_BROKER_URL": self.broker_url,
            "WIREROOM_BROKER_PREFIX": self.name, "WIREROOM_LOG_LEVEL": "info",
        }
        # With few documents, small batches: else a stage is through with them in one or two.
        self.worker_env = {"WIREROOM_WORKER_PREFETCH": "8", "WIREROOM_WORKER_BATCH": "8"} if self.count < 1000 else {}
        self.wireroom("migrate")
        self.wireroom("topology", "apply")
        rows = self.wireroom("topology", "show", "--json").splitlines()
        self.queue_names = [row["queue"] for row in map(json.loads, rows) if "queue" in row]

    def close(self):
        if not self.is_open:
            return
        self.is_open = False
        for stage in list(self.workers):
            self.kill(stage)
        for helper in self.helpers:
            helper.kill()
            helper.wait()
        self.helpers = []
        self.start_servers()
        with amqp.Client(self.broker_url) as client:
            for queue in self.queue_names:
                client.delete(queue)
        self.sql(f"DROP DATABASE {self.name} WITH (FORCE)", self.server_url)

    # Work

    def feed(self, count, poisoned=()):
        """Imports the next documents."""
        path = self.folder / "documents.jsonl"
        path.write_text(documents.lines(range(self.documents, self.documents + count), poisoned))
        self.wireroom("import", str(path))
        self.documents += count

    def crawl_sites(self, hosts=20):
        """Adds websites with as many pages as there would be documents; a crawl worker fetches them."""
        self.hosts = hosts
        self.site = subprocess.Popen(
            [sys.executable, str(PROJECT / "scripts/chaos.d/sites.py"), str(hosts), str(self.count)],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.helpers.append(self.site)
        self.site_port = int(self.site.stdout.readline())
        names = [f"site{number}.chaos.test" for number in range(hosts)]
        self.worker_env |= {
            "WIREROOM_CRAWL_CONTACT": "https://chaos.test/crawler", "WIREROOM_CRAWL_ALLOW_ADDRESSES": "127.0.0.0/8",
            "WIREROOM_CRAWL_DELAY_MS": "20", "WIREROOM_CRAWL_LEASE_SECONDS": "4", "WIREROOM_CRAWL_REVISITS": "off",
            "WIREROOM_CRAWL_FIRST_BLOCK_SECONDS": "1", "WIREROOM_CRAWL_TIMEOUT_SECONDS": "3",
            "WIREROOM_CRAWL_MAXIMUM_CRAWL_DELAY_SECONDS": "0",
            "WIREROOM_CRAWL_RESOLVE": ",".join(f"{name}:80=127.0.0.1:{self.site_port}" for name in names),
        }
        path = self.folder / "sources.jsonl"
        path.write_text("".join(
            json.dumps({"homepage": f"http://{name}/", "name": name, "feeds": [f"http://{name}/feed.xml"]}) + "\n"
            for name in names))
        self.wireroom("source", "import", str(path))
        self.documents = self.count

    def wireroom(self, *arguments):
        return run(str(self.binaries / "wireroom"), *arguments, env=self.env)

    def findings(self):
        """What `wireroom doctor` says, by what it is about; with failures among them it ends with another code than 0."""
        text = run(str(self.binaries / "wireroom"), "doctor", "--json", env=self.env, check=False)
        return {finding["subject"]: finding for finding in map(json.loads, text.splitlines())}

    def sql(self, text, url=None):
        return run(self.psql, "--no-psqlrc", "-qtAX", "-v", "ON_ERROR_STOP=1", url or self.url, "-c", text,
                   env=ENV | {"PGCONNECT_TIMEOUT": "10"}).strip()

    def number(self, text):
        return int(self.sql(text) or 0)

    def ctl(self, *arguments, check=True):
        return run(self.control, "-q", *arguments, check=check)

    def broker_pid(self):
        return int((self.root / "rabbitmq/pid").read_text())

    def database_pids(self):
        head = int((pathlib.Path(self.settings["postgres_data"]) / "postmaster.pid").read_text().split()[0])
        children = run("ps", "-o", "pid=", "--ppid", str(head), check=False).split()
        return [head] + [int(child) for child in children]

    # Workers

    def start(self, stage, **more):
        self.started += 1
        log = self.folder / f"{self.name}-{stage}-{self.started}.log"
        self.logs.append(log)
        with log.open("w") as file:
            worker = subprocess.Popen(
                [*self.prefix, str(self.binaries / f"wireroom-{stage}"), "--worker-name", f"{stage}-{self.started}"],
                env=self.env | self.worker_env | more, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        worker.stage, worker.began = stage, time.monotonic()
        self.workers.setdefault(stage, []).append(worker)
        return worker

    def start_all(self, **more):
        for stage in self.stages:
            self.start(stage, **more)

    def kill(self, stage):
        for worker in self.workers.pop(stage, []):
            worker.kill()
            worker.wait()

    def stop(self, stage, count=None):
        """SIGTERM; the exit codes are kept for the proof."""
        leaving = self.workers.get(stage, [])[:count]
        self.workers[stage] = self.workers.get(stage, [])[len(leaving):]
        for worker in leaving:
            worker.terminate()
        for worker in leaving:
            try:
                self.codes.append(worker.wait(timeout=90))
            except subprocess.TimeoutExpired:
                worker.kill()
                raise Broken(f"the {stage} worker did not stop in 90 s") from None

    def stop_all(self):
        """All stages at once."""
        for workers in self.workers.values():
            for worker in workers:
                worker.terminate()
        for stage in list(self.workers):
            self.stop(stage)

    def living(self):
        return [worker for workers in self.workers.values() for worker in workers if worker.poll() is None]

    def ended(self):
        return [f"{stage} ended with {worker.poll()}" for stage, workers in self.workers.items()
                if stage not in self.watched for worker in workers if worker.poll() is not None]

    @contextlib.contextmanager
    def supervised(self, stage, **more):
        """Starts a worker again whenever one of this stage ends, as a supervisor would; gives the list of exit codes."""
        codes, over = [], threading.Event()
        self.watched.add(stage)

        def watch():
            while not over.wait(0.1):
                for worker in list(self.workers.get(stage, [])):
                    if worker.poll() is not None:
                        codes.append(worker.poll())
                        self.workers[stage].remove(worker)
                        self.start(stage, **more)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield codes
        finally:
            over.set()
            thread.join()
            self.watched.discard(stage)

    # Looking

    def finished(self):
        return self.number(f"SELECT count(*) FROM wireroom.url WHERE {DONE} AND kind IN ('article', 'document')")

    def progress(self):
        """Documents that are through each stage."""
        rows = self.sql("SELECT 'crawl', count(*) FROM wireroom.capture UNION ALL SELECT stage, count(DISTINCT url_id) "
                        "FROM wireroom.stage_event WHERE outcome = 'done' AND stage <> 'crawl' GROUP BY 1")
        return {"parse": 0, "classify": 0, "index": 0} | {
            stage: int(count) for stage, count in (row.split("|") for row in rows.splitlines())}

    def depths(self):
        """Ready messages by queue."""
        with amqp.Client(self.broker_url) as client:
            return {name: client.depth(name) for name in self.queue_names}

    def wait_registered(self):
        """Until every worker has its row: before that a SIGTERM ends it as any program, with nothing in hand."""
        self.wait(lambda: self.number("SELECT count(*) FROM wireroom.worker") == self.started, 90, "row of each worker")

    def wait(self, holds, seconds, what):
        deadline = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
            except (Broken, OSError, amqp.Refused):
                pass  # a server that is down is looked at again; the deadline ends it
            if self.ended():
                raise Broken(f"while waiting for {what}: {'; '.join(self.ended())}")
            if time.monotonic() > deadline:
                raise Broken(f"no {what} after {seconds} s")
            time.sleep(0.2)

    def log_text(self):
        return "".join(log.read_text(errors="replace") for log in self.logs)

    # Faults

    def remember_warm(self):
        """Notes what workers have that have found their size; one that has only just been started has not."""
        for worker in self.living():
            if worker.pid not in self.warm and time.monotonic() - worker.began > WARM_SECONDS:
                self.warm[worker.pid] = Figures(worker.pid)

    @contextlib.contextmanager
    def fault(self, share=0.2, stage=None):
        """Breaks something once a share of the documents is through the line, or through a stage."""
        def through():
            return self.progress()[stage] if stage else self.finished()

        self.wait(lambda: through() >= self.documents * share, 300, f"{share:.0%} of the documents")
        self.strike(through())
        yield
        self.mend()

    def strike(self, through):
        """Notes what a fault meets; one that meets no work in flight proves nothing."""
        self.remember_warm()
        left = self.documents - through
        if left < self.documents * 0.1:
            raise Broken(f"the fault met too little work in flight: {left} of {self.documents} documents were left")
        self.met = max(self.met or 0, left)

    def mend(self):
        """Notes that the faults are over, and that there is still something to do."""
        self.mended = time.monotonic()
        left = []
        # The database may just be down: then the count is asked for once it is back.
        self.wait(lambda: left.append(self.documents - self.finished()) or True, 60, "answer of the database")
        if left[0] == 0:
            raise Broken("the fault was over after the last document: nothing was in flight while it lasted")
        self.left = left[0]

    def at_each(self, shares, act):
        """Calls `act(stage)` whenever a stage is through with another of these shares of the documents."""
        due = {stage: list(shares) for stage in self.stages}
        deadline = time.monotonic() + 300
        while any(due.values()):
            if time.monotonic() > deadline:
                raise Broken(f"the stages did not come so far: {due}")
            through = self.progress()
            for stage in self.stages:
                if due[stage] and through[stage] >= due[stage][0] * self.documents:
                    due[stage].pop(0)
                    self.strike(through[stage])
                    act(stage)
            time.sleep(0.02)
        self.mend()

    def hold(self, seconds):
        """How long a fault lasts that has no end of its own."""
        time.sleep(seconds)

    def signal_all(self, pids, number):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # a session that had ended already
                os.kill(pid, number)

    def end(self, pid, number):
        """Ends a server and waits until it is gone: before that it counts as running."""
        os.kill(pid, number)
        while pathlib.Path(f"/proc/{pid}").exists():
            time.sleep(0.05)

    @contextlib.contextmanager
    def frozen(self, pids):
        self.signal_all(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal_all(pids, signal.SIGCONT)
