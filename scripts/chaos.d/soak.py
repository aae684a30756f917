"""Random faults for a long time under load, and the memory of each worker meanwhile."""

import contextlib
import random
import signal
import statistics
import time

import faults_network
from line import Broken, Figures

WARM_UP = 0.2  # share of the time after which memory is compared


class Soak:
    """One worker of each stage lives from the beginning to the end; what is killed is a second one beside it."""

    def __init__(self, line, minutes, source):
        self.line, self.source = line, source
        self.seconds = minutes * 60
        self.samples, self.counts = {}, {}
        self.victims = {}

    def run(self):
        line = self.line
        faults_network.route(line, line.ground)
        line.feed(line.count)
        line.start_all()
        self.old = {stage: line.workers[stage][0] for stage in line.stages}
        for stage in line.stages:
            self.victims[stage] = line.start(stage)
        self.began = time.monotonic()
        next_fault = self.began + 15
        while (now := time.monotonic() - self.began) < self.seconds:
            self.sample(now)
            if line.ended():
                raise Broken("; ".join(line.ended()))
            with contextlib.suppress(Broken):  # a server that is just away
                if line.documents - line.finished() < line.count // 2:
                    line.feed(line.count // 4)
            if time.monotonic() >= next_fault:
                self.strike()
                next_fault = time.monotonic() + self.source.uniform(4, 12)
            time.sleep(1)
        faults_network.calm(line.ground)
        line.mended, line.left, line.met = time.monotonic(), line.documents - line.finished() + 1, line.documents

    def sample(self, now):
        for stage, worker in self.old.items():
            figures = Figures(worker.pid)
            self.samples.setdefault(stage, []).append((now, figures.kilobytes, figures.descriptors, figures.threads))

    def strike(self):
        act = self.source.choice((
            self.kill, self.kill, self.cut, self.cut, self.cut, self.restart, self.end_sessions, self.close_connections,
            self.kill_broker, self.crash_database, self.freeze_broker, self.freeze_database, self.lock_table, self.alarm))
        self.counts[act.__name__] = self.counts.get(act.__name__, 0) + 1
        act()

    # Faults

    def kill(self):
        stage = self.source.choice(self.line.stages)
        self.victims[stage].kill()
        self.victims[stage].wait()
        self.replace(stage)

    def restart(self):
        stage = self.source.choice(self.line.stages)
        self.victims[stage].terminate()
        self.line.codes.append(self.victims[stage].wait(timeout=90))
        self.replace(stage)

    def replace(self, stage):
        self.line.workers[stage].remove(self.victims[stage])
        self.victims[stage] = self.line.start(stage)

    def cut(self):
        for _ in range(10):
            faults_network.disturb(self.line.ground, self.source)
            time.sleep(0.3)
        faults_network.calm(self.line.ground)

    def end_sessions(self):
        self.line.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                      f"WHERE datname = '{self.line.name}' AND pid <> pg_backend_pid()")

    def close_connections(self):
        self.line.ctl("close_all_connections", "chaos")

    def kill_broker(self):
        self.line.end(self.line.broker_pid(), signal.SIGKILL)
        self.line.start_servers()

    def crash_database(self):
        self.line.end(self.line.database_pids()[0], signal.SIGQUIT)
        self.line.start_servers()

    def freeze_broker(self):
        with self.line.frozen([self.line.broker_pid()]):
            time.sleep(self.source.uniform(5, 40))

    def freeze_database(self):
        with self.line.frozen(self.line.database_pids()):
            time.sleep(self.source.uniform(5, 40))

    def lock_table(self):
        self.line.sql("BEGIN; LOCK TABLE wireroom.article IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(10); COMMIT")

    def alarm(self):
        self.line.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
        try:
            time.sleep(10)
        finally:
            self.line.ctl("set_vm_memory_high_watermark", "0.3")

    # What came of it

    def report(self, file):
        """Memory in five parts of the time, each by its median; `file` takes all samples."""
        with file.open("w") as rows:
            rows.write("stage,seconds,kilobytes,descriptors,threads\n")
            for stage, samples in self.samples.items():
                rows.writelines(f"{stage},{at:.0f},{kilobytes},{descriptors},{threads}\n"
                                for at, kilobytes, descriptors, threads in samples)
        print("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items())))
        print("| worker that lived all the time | MB after warm-up | | | | at the end | growth | descriptors | threads |")
        print("|---|---|---|---|---|---|---|---|---|")
        grown = []
        for stage, samples in self.samples.items():
            warm = [sample for sample in samples if sample[0] > self.seconds * WARM_UP]
            parts = [warm[len(warm) * part // 5:len(warm) * (part + 1) // 5] for part in range(5)]
            middles = [statistics.median(sample[1] for sample in part) / 1024 for part in parts]
            growth = middles[-1] / middles[0] - 1
            descriptors, threads = ([max(sample[place] for sample in part) for part in (parts[0], parts[-1])]
                                    for place in (2, 3))
            print(f"| {stage} | " + " | ".join(f"{middle:.1f}" for middle in middles) + f" | {growth:+.1%} | "
                  f"{descriptors[0]} to {descriptors[1]} | {threads[0]} to {threads[1]} |")
            if growth > 0.05:
                grown.append(f"{stage} {growth:+.1%}")
        return grown
