"""Scenarios that break the database."""

import contextlib
import os
import pathlib
import signal
import time

import books
from faults import need_root, scenario
from faults_broker import fill
from line import Broken, run


@scenario()
def database_crash(line):
    """PostgreSQL stopped with `immediate` and started again, three times"""
    for share in (0.1, 0.25, 0.4):
        with line.fault(share):
            line.end(line.database_pids()[0], signal.SIGQUIT)
            line.start_servers()


@scenario()
def database_stopped(line):
    """PostgreSQL and its sessions stopped by SIGSTOP for 60 s"""
    with line.fault(), line.frozen(line.database_pids()):
        line.hold(60)


@scenario()
def table_locked(line):
    """the table of articles locked for 20 s"""
    with line.fault():
        line.sql("BEGIN; LOCK TABLE wireroom.article IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(20); COMMIT")


@scenario()
def sessions_ended(line):
    """all database sessions ended, twenty times"""
    with line.fault(0.1):
        for _ in range(20):
            line.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                     f"WHERE datname = '{line.name}' AND pid <> pg_backend_pid()")
            line.hold(0.2)


@scenario()
def right_revoked(line):
    """the right to write the ledger revoked until the workers have ended with 70, under supervisors"""
    table = "wireroom.stage_event"
    roles = ", ".join(f"wireroom_{stage}" for stage in line.stages)
    with contextlib.ExitStack() as stack:
        codes = {stage: stack.enter_context(line.supervised(stage)) for stage in line.stages}
        with line.fault():
            line.sql(f"REVOKE INSERT ON {table} FROM {roles}")
            try:
                # A stage that is through with its part, or stands behind one that writes nothing, has nothing to write either.
                line.wait(lambda: any(70 in found for found in codes.values()), 60, "end of a worker with 70")
                line.hold(3)
            finally:
                line.sql(f"GRANT INSERT ON {table} TO {roles}")
        books.settle(line)
    if strange := {code for found in codes.values() for code in found} - {70}:
        raise Broken(f"workers ended with {strange}")


@contextlib.contextmanager
def small_database_disk(line):
    """A tablespace on a small disk of its own, for the scenario's database."""
    need_root("mount", "chown")
    folder = pathlib.Path(line.settings["postgres_data"]).parent / f"chaos-disk-{os.getpid()}"
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=600m", "chaos", str(folder))
    try:
        run("chown", "postgres:", str(folder))
        line.sql(f"CREATE TABLESPACE chaos LOCATION '{folder}'", line.server_url)
        line.tablespace = "chaos"
        try:
            yield
        finally:
            line.tablespace = None
            line.sql("DROP TABLESPACE chaos", line.server_url)
    finally:
        run("umount", str(folder))
        folder.rmdir()


@scenario(around=small_database_disk)
def database_disk_full(line):
    """the disk of the database's tables full to the last byte for 20 s"""
    folder = pathlib.Path(line.settings["postgres_data"]).parent / f"chaos-disk-{os.getpid()}"
    with line.fault():
        fill(folder / "ballast")
        try:
            line.wait(lambda: "No space left" in line.log_text(), 60, "word of a full disk in the workers' logs")
            line.hold(20)
        finally:
            (folder / "ballast").unlink()


@contextlib.contextmanager
def small_log_disk(line):
    """PostgreSQL with its write-ahead log on a small disk; back on the old one afterwards."""
    need_root("mount", "cp", "chown")
    log = pathlib.Path(line.settings["postgres_data"]) / "pg_wal"
    disk = log.parent.parent / f"chaos-log-{os.getpid()}"
    disk.mkdir()
    line.stop_servers()
    run("mount", "-t", "tmpfs", "-o", "size=1500m", "chaos", str(disk))
    try:
        run("cp", "-a", str(log), str(disk / "pg_wal"))
        run("chown", "postgres:", str(disk))
        kept = log.rename(log.parent / "pg_wal.kept")
        log.symlink_to(disk / "pg_wal")
        try:
            line.start_servers()
            yield
        finally:
            line.stop_servers()
            log.unlink()
            run("rm", "-rf", str(kept))
            run("cp", "-a", str(disk / "pg_wal"), str(log))
    finally:
        run("umount", str(disk))
        disk.rmdir()
        line.start_servers()


@scenario(around=small_log_disk)
def database_log_full(line):
    """the disk of the database's write-ahead log full for 20 s: PostgreSQL ends, and is started again"""
    disk = pathlib.Path(line.settings["postgres_data"]).parent / f"chaos-log-{os.getpid()}"
    with line.fault():
        fill(disk / "ballast")
        try:
            head = line.database_pids()[0]
            deadline = time.monotonic() + 60
            # The segments that are there are still good for something; a switch of the segment asks for a new one.
            while pathlib.Path(f"/proc/{head}").exists() and time.monotonic() < deadline:
                with contextlib.suppress(Broken):
                    line.sql("SELECT pg_switch_wal()", line.server_url)
                time.sleep(0.1)
            if pathlib.Path(f"/proc/{head}").exists():
                raise Broken("PostgreSQL went on without a log")
            line.hold(20)
        finally:
            (disk / "ballast").unlink()
        line.start_servers()
