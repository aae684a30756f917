"""The proof at the end of each scenario: what the books say once everything has come to rest."""

import time

from line import DONE, Broken, Figures

ARTICLES = "kind IN ('article', 'document')"
BOOKS = {
    "unfinished documents": f"SELECT count(*) FROM wireroom.url WHERE {ARTICLES} AND NOT {DONE}",
    "dropped or quarantined documents without a reason":
        "SELECT count(*) FROM wireroom.url WHERE state IN ('dropped', 'quarantined') AND reason IS NULL",
    "ledger rows beside the first": "SELECT count(*) - count(DISTINCT (stage, message_id, round)) FROM wireroom.stage_event",
    "messages that ended twice": "SELECT count(*) FROM (SELECT 1 FROM wireroom.stage_event "
        "WHERE outcome IN ('done', 'drop', 'quarantine') GROUP BY stage, message_id HAVING count(*) > 1) AS t",
    "indexed documents without a row of the index stage": "SELECT abs((SELECT count(*) FROM wireroom.url WHERE state = 'indexed') "
        "- (SELECT count(DISTINCT url_id) FROM wireroom.stage_event WHERE stage = 'index' AND outcome = 'done'))",
    "articles that are not in the contract's view": "SELECT abs((SELECT count(*) FROM wireroom.url WHERE state = 'indexed') "
        "- (SELECT count(*) FROM news.articles))",
    "changes told twice": "SELECT count(*) - count(DISTINCT (article_id, revision, story_id)) FROM wireroom.change WHERE kind = 'article'",
    "messages in the outbox": "SELECT count(*) FROM wireroom.outbox",
    "messages that are open": "SELECT count(*) FROM wireroom.open_message",
    "stages whose funnel does not add up": "SELECT count(*) FROM (SELECT stage FROM "
        "(SELECT stage, outcome, number FROM wireroom.funnel UNION ALL SELECT stage, outcome, number FROM wireroom.funnel_delta) AS f "
        "GROUP BY stage HAVING sum(number) FILTER (WHERE outcome = 'in') IS DISTINCT FROM "
        "sum(number) FILTER (WHERE outcome IN ('done', 'drop', 'quarantine'))) AS t",
    "leases": "SELECT count(*) FROM wireroom.host WHERE lease_until IS NOT NULL",
}

# What a worker may have more after the faults than before them. The pool of four connections may not have been full then,
# and threads of the runtime come with the load; a crawl worker keeps a connection to each website besides. Memory is judged by
# the soak, here only a leak of a rough kind shows.
DESCRIPTORS, THREADS, MEMORY_FACTOR, MEMORY_KILOBYTES = 12, 16, 1.5, 96 * 1024


def growth(line):
    """The greatest growth of any worker that lived through the fault; fails when it is out of bounds."""
    worst = None
    for worker in line.living():
        before = line.warm.get(worker.pid)
        if before is None:
            continue
        after = Figures(worker.pid)
        descriptors, threads = after.descriptors - before.descriptors, after.threads - before.threads
        websites = line.hosts if worker.stage == "crawl" else 0
        if (descriptors > DESCRIPTORS + websites or threads > THREADS
                or after.kilobytes > before.kilobytes * MEMORY_FACTOR + MEMORY_KILOBYTES):
            raise Broken(f"the {worker.stage} worker grew: descriptors {before.descriptors} to {after.descriptors}, "
                         f"threads {before.threads} to {after.threads}, kB {before.kilobytes} to {after.kilobytes}")
        found = (descriptors, threads, (after.kilobytes - before.kilobytes) // 1024)
        worst = found if worst is None else tuple(map(max, worst, found))
    return worst


def settle(line):
    """Waits until every document has ended; gives the seconds from the mending to the first and to the last of them."""
    if line.settled is not None:
        return line.settled
    first = None
    if line.mended is not None:
        line.wait(lambda: line.documents - line.finished() < line.left, 120, "document after the fault")
        first = time.monotonic() - line.mended
    most = [-1, time.monotonic()]

    def is_over():
        """All have ended, or none has for three minutes: a machine may be slow, and a line may not stand still."""
        if (now := line.finished()) > most[0]:
            most[:] = now, time.monotonic()
        return now >= line.documents or time.monotonic() - most[1] > 180

    line.wait(is_over, 3600, "end of all documents")
    if most[0] < line.documents:
        raise Broken(f"nothing has moved for three minutes, and {line.documents - most[0]} documents have not ended; "
                     f"{standing(line)}")
    last = time.monotonic() - (line.mended or time.monotonic())
    line.wait(lambda: line.number("SELECT count(*) FROM wireroom.outbox") == 0, 60, "empty outbox")
    line.wait(lambda: line.number("SELECT count(*) FROM wireroom.open_message") == 0, 120, "answer for every message")
    line.wait(lambda: not any(line.depths().values()), 60, "empty queues")
    line.settled = first, last
    return line.settled


def standing(line):
    """Where what has not ended stands, in one line: a failure elsewhere may leave nothing else to look at."""
    states = line.sql(f"SELECT state, count(*) FROM wireroom.url WHERE {ARTICLES} GROUP BY 1 ORDER BY 1")
    open_messages = line.sql("SELECT stage, count(*) FROM wireroom.open_message GROUP BY 1 ORDER BY 1")
    outbox = line.number("SELECT count(*) FROM wireroom.outbox")
    queues = line.ctl("list_queues", "--silent", "name", "messages_ready", "messages_unacknowledged", "consumers", check=False)
    rows = [row.removeprefix(f"{line.name}.").split() for row in queues.splitlines() if row.startswith(line.name)]
    held = [" ".join(row) for row in rows if row[1:3] != ["0", "0"]]
    ends = line.sql("SELECT DISTINCT ON (e.url_id) e.stage, e.outcome, e.reason, e.detail FROM wireroom.stage_event AS e "
                    f"JOIN wireroom.url AS u USING (url_id) WHERE NOT u.{DONE} ORDER BY e.url_id, e.happened_at DESC LIMIT 5")
    workers = line.sql("SELECT stage, now() - seen_at, status FROM wireroom.worker ORDER BY 1")
    return (f"documents: {', '.join(states.split())}; open messages: {', '.join(open_messages.split())}; outbox: {outbox}; "
            f"queues (ready, unacknowledged, consumers): {', '.join(held)}; workers: {'; '.join(workers.splitlines())}; "
            f"the last of some documents: {'; '.join(ends.splitlines())}")


def prove(line, quarantine):
    """Waits for the end, stops the workers and reads the books. `quarantine`: how many messages by reason must be held."""
    first, last = settle(line)
    if line.site is not None:
        line.wait(lambda: line.number(BOOKS["leases"]) == 0, 60, "end of all leases")
    if line.ended():
        raise Broken("; ".join(line.ended()))
    worst = growth(line)
    line.stop_all()
    if unexpected := set(line.codes) - {0}:
        raise Broken(f"exit codes {sorted(unexpected)} after being asked to stop")
    # Only now: what a worker had kept unacknowledged is ready again.
    if full := {name: depth for name, depth in line.depths().items() if depth != 0}:
        raise Broken(f"messages left in queues: {full}")
    for what, query in BOOKS.items():
        if (count := line.number(query)) != 0:
            raise Broken(f"{count} {what}")
    total = line.number(f"SELECT count(*) FROM wireroom.url WHERE {ARTICLES}")
    if total != line.documents:
        raise Broken(f"{total} documents instead of {line.documents}")
    rows = line.sql("SELECT reason, count(*) FROM wireroom.quarantine GROUP BY 1").splitlines()
    held = {reason: int(count) for reason, count in (row.split("|") for row in rows)}
    if held != quarantine:
        raise Broken(f"in quarantine {held} instead of {quarantine}")
    secrets = (line.settings["rabbit_password"], line.settings["postgres_password"])
    for log in line.logs:
        text = log.read_text(errors="replace")
        if any(secret in text for secret in secrets):
            raise Broken(f"a password in {log}")
    return first, last, worst


def redelivered(line):
    """How many redelivered messages the workers have told of; one that was killed told it at most five seconds before."""
    return line.number("SELECT coalesce(sum((status->>'redelivered')::bigint), 0) FROM wireroom.worker")
