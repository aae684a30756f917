"""The tasks robots, urls, feeds and sitemaps of scripts/eval: how much of a conformance collection the program answers as expected.

Each task gives a list of (tier, name, is it right, what was expected and what came): one entry for each clause that is scored.
"""

import base64
import html
import ipaddress
import json
import os
import re
import subprocess

LIMIT_SECONDS = 600

# The share of each tier that must hold; the others are reported.
BARS = {
    "robots": {"rfc9309": 1, "real-world": 1},
    "urls": {"crawl": 1, "ssrf": 1, "toascii": 0.98},
    "feeds": {"no crash": 1, "core": 0.98, "whole-feed": 0.98, "gofeed": 0.98, "encoding": 0.98},
    "sitemaps": {"core": 1, "truncated": 1, "security": 1},
}


def load(data, *path):
    with open(os.path.join(data, *path), encoding="utf-8") as file:
        loaded = json.load(file)
    return loaded


def ask(program, command, records):
    """The answers, by the records' order. None for a record without one: the program ended before it."""
    lines = "".join(json.dumps({"id": number, **record}) + "\n" for number, record in enumerate(records))
    run = subprocess.run(
        [program, command], input=lines.encode(), stdout=subprocess.PIPE, check=False, timeout=LIMIT_SECONDS)
    found = [None] * len(records)
    for line in run.stdout.splitlines():
        answer = json.loads(line)
        if isinstance(answer.get("id"), int):
            found[answer["id"]] = answer
    return found


def robots(data, program):
    pack = load(data, "robots", "cases.json")
    cases = [case for case in pack["cases"] if case["tier"] != "contested"]
    records = []
    for case in cases:
        text = case["robots_txt"] if "robots_txt" in case else pack["texts"][case["robots_txt_ref"]]
        record = {"robots_txt": text, "user_agent": case.get("user_agent", "any")}
        for key in ("url", "robots_txt_encoding"):
            if case.get(key) is not None:
                record[key] = case[key]
        records.append(record)
    for case, answer in zip(cases, ask(program, "robots", records)):
        answer = answer or {}
        kind = case["kind"]
        if kind == "sitemaps_contains":
            wanted, got = case["sitemaps"], answer.get("sitemaps", [])
            yield case["tier"], case["name"], set(wanted) <= set(got), (wanted, got)
        else:
            yield case["tier"], case["name"], answer.get(kind, answer.get("error")) == case[kind], (case[kind], answer)


def urls(data, program):
    def asked(records):
        return [answer or {} for answer in ask(program, "url", records)]

    cases = load(data, "urls", "urltestdata.json")["cases"]
    records = [{"url": case["input"], **({"base": case["base"]} if case["base"] else {})} for case in cases]
    for case, answer in zip(cases, asked(records)):
        wanted = None if case.get("failure") else case["href"]
        # A record with a base that is no URL is answered with an error: the input cannot be resolved either.
        got = answer.get("href")
        is_right = got == wanted
        if wanted is not None and case["tier"] != "other":
            fragment = "#" + (answer.get("fragment") or "") if answer.get("fragment") else ""
            query = "?" + answer["query"] if answer.get("query") else ""
            is_right = is_right and (answer.get("path"), query, fragment, answer.get("host")) == (
                case["pathname"], case["search"], case["hash"], case["hostname"])
        yield case["tier"], f"{case['input']!r} at {case['base']!r}", is_right, (wanted, answer)

    cases = [case for case in load(data, "urls", "toascii.json")["cases"] if case["input"]]
    for case, answer in zip(cases, asked([{"url": f"https://{case['input']}/x"} for case in cases])):
        yield "toascii", repr(case["input"]), answer.get("host") == case["output"], (case["output"], answer)

    cases = load(data, "urls", "ssrf.json")["cases"]
    records = []
    for case in cases:
        if case["kind"] == "address":
            address = case["address"]
            records.append({"url": f"http://[{address}]/" if ":" in address else f"http://{address}/"})
        elif case["kind"] == "dns_answer":
            records.append({"url": f"http://{case['host']}/", "addresses": case["answer"]})
        elif case["kind"] == "redirect":
            records.append({"url": case["chain"][0], "redirects": case["chain"][1:]})
        else:
            records.append({"url": case["url"]})
    for case, answer in zip(cases, asked(records)):
        wanted = case["public"] if case["kind"] == "address" else case["allowed"]
        got = "href" in answer and "refused" not in answer
        is_right = got == wanted and not (wanted and "error" in answer)
        if case["kind"] == "url_host" and case.get("address") and answer.get("host"):
            is_right = is_right and answer["host"].strip("[]") == case["address"]
        # A case that calls a private address allowed contradicts the collection's own rule.
        is_contradiction = bool(wanted) and "address" in case and not ipaddress.ip_address(case["address"]).is_global
        tier = "ssrf contradictory" if is_contradiction else "ssrf"
        yield tier, f"{case['kind']} {json.dumps(case)}", is_right, (wanted, answer)

    for name, field in (("normalize", "canonical"), ("resolve", "href")):
        cases = load(data, "urls", f"{name}.json")["cases"]
        records = [{"url": case["input"], **({"base": case["base"]} if case.get("base") else {})} for case in cases]
        for case, answer in zip(cases, asked(records)):
            yield name, repr(case["input"]), answer.get(field) == case["output"], (case["output"], answer)


def plain(text):
    """Text as a reader sees it."""
    text = re.sub(r"<[A-Za-z/!][^>]*>", "", text or "")
    return " ".join(html.unescape(text).split())


def is_title(got, wanted, encoding=None):
    """Whether a title that is plain text says the same as an expected one, which may be markup."""
    got = " ".join((got or "").split())
    if got in (plain(wanted), " ".join((wanted or "").split())):
        return True
    try:
        # An oracle without a detector of encodings: the same bytes, read as windows-1252.
        return encoding is not None and got.encode(encoding) == wanted.encode("windows-1252")
    except (LookupError, UnicodeError):
        return False


def feeds(data, program):
    folder = os.path.join(data, "feeds")
    pack = load(data, "feeds", "cases.json")["cases"]
    records = []
    for case in pack:
        with open(os.path.join(folder, case["file"]), "rb") as file:
            record = {"base64": base64.b64encode(file.read()).decode()}
        headers = case.get("http_headers") or {}
        url = case.get("base_url")
        record.update({key: value for key, value in (
            ("url", url), ("content_type", headers.get("content-type"))) if value})
        records.append(record)
    for case, answer in zip(pack, ask(program, "feed", records)):
        yield "no crash", case["name"], answer is not None, (None, None)
        feed = (answer or {}).get("feed") or {"entries": [], "title": "", "error": (answer or {}).get("error")}
        yield from feed_clauses(case, feed)
    dates = load(data, "feeds", "dates.json")
    dates = dates["cases"] if isinstance(dates, dict) else dates
    for case, answer in zip(dates, ask(program, "feed", [{"date": case["input"]} for case in dates])):
        yield f"dates {case['tier']}", repr(case["input"]), (answer or {}).get("utc") == case["utc"], (case["utc"], answer)


def entry_clauses(tier, name, number, entry, wanted, encoding=None):
    for field, value in wanted.items():
        label = f"{name} entry {number} {field}"
        if field in ("title_text", "title"):
            yield tier, label, is_title(entry.get("title"), value, encoding), (value, entry.get("title"))
        elif field in ("link", "id", "guid"):
            field = "id" if field == "guid" else field
            yield tier, label, entry.get(field) == value, (value, entry.get(field))
        elif field in ("published", "updated", "publishedParsed", "updatedParsed") and re.match(r"\d{4}-\d\d-\d\dT.*Z$", value):
            got = (entry.get("published"), entry.get("updated"))
            # An upstream that knows one time only gives it under both names.
            is_right = value in got
            yield tier, label, is_right, (value, got)


def feed_clauses(case, feed):
    tier, name, entries = case["tier"], case["name"], feed["entries"]
    wanted = case.get("expect") or case.get("expect_gofeed")
    if wanted:
        rows = wanted.get("entries", wanted.get("items", []))
        count = wanted.get("entry_count", len(rows))
        yield tier, f"{name} count", len(entries) == count, (count, len(entries))
        if case.get("expect_gofeed"):
            for field, got in (("title", feed.get("title")), ("link", feed.get("link"))):
                if wanted.get(field):
                    is_right = is_title(got, wanted[field]) if field == "title" else got == wanted[field]
                    yield tier, f"{name} feed {field}", is_right, (wanted[field], got)
        for number, row in enumerate(rows):
            entry = entries[number] if number < len(entries) else {}
            yield from entry_clauses(tier, name, number, entry, {key: value for key, value in row.items() if value})
        return
    oracle = case.get("oracle")
    if oracle:
        yield tier, f"{name} count", len(entries) == oracle["entry_count"], (oracle["entry_count"], len(entries))
        encoding = next((clause["value"] for clause in case.get("assert", []) if clause["path"] == "encoding"), None)
        yield tier, f"{name} feed title", is_title(feed.get("title"), oracle["feed_title_text"], encoding), (
            oracle["feed_title_text"], feed.get("title"))
        if oracle["feed_link"]:
            yield tier, f"{name} feed link", feed.get("link") == oracle["feed_link"], (oracle["feed_link"], feed.get("link"))
        for number, row in enumerate(oracle["entries"]):
            entry = entries[number] if number < len(entries) else {}
            yield from entry_clauses(tier, name, number, entry, {key: value for key, value in row.items() if value}, encoding)
    for clause in case.get("assert", []):
        yield from assertion(tier, name, feed, clause["path"], clause["value"])


def assertion(tier, name, feed, path, value):
    """One clause of an upstream test, where it is about something that a feed's reader here keeps."""
    entry, field = feed, path.removeprefix("feed.")
    if match := re.match(r"entries\[(\d+)\]\.(.*)", path):
        number, field = int(match[1]), match[2]
        entry = feed["entries"][number] if number < len(feed["entries"]) else {}
    label = f"{name} {path}"
    if field == "title":
        yield tier, label, is_title(entry.get("title"), value), (value, entry.get("title"))
    elif field in ("link", "id", "language", "comments"):
        yield tier, label, entry.get(field) == value, (value, entry.get(field))
    elif field == "encoding" and not path.startswith("feed."):
        yield f"{tier} name", label, alike(entry.get("encoding"), value), (value, entry.get("encoding"))
    elif field in ("published_parsed", "updated_parsed", "created_parsed"):
        yield tier, label, value in (entry.get("published"), entry.get("updated")), (
            value, entry.get("published"), entry.get("updated"))
    elif field in ("summary", "description", "subtitle"):
        yield f"{tier} text", label, plain(value) == plain(entry.get("summary") or entry.get("content")), (value, entry.get("summary"))
    elif field == "content[0].value":
        yield f"{tier} text", label, plain(value) == plain(entry.get("content") or entry.get("summary")), (value, entry.get("content"))


def alike(one, other):
    """Whether two labels mean the same encoding to a browser: it reads ISO-8859-1 as windows-1252."""
    def family(name):
        name = (name or "").lower().replace("_", "-")
        return {"iso-8859-1": "windows-1252", "us-ascii": "windows-1252", "ascii": "windows-1252", "gb2312": "gb18030",
                "gbk": "gb18030", "utf-16": "utf-16le"}.get(name, name)
    return family(one) == family(other)


def sitemaps(data, program):
    folder = os.path.join(data, "sitemaps")
    cases = [case for case in load(data, "sitemaps", "cases.json")["cases"] if case["tier"] != "contested"]
    records = [{"path": os.path.join(folder, case["file"])} for case in cases]
    for case, answer in zip(cases, ask(program, "sitemap", records)):
        wanted, name, tier = case["expect"], case["name"], case["tier"]
        got = [url["loc"] for url in (answer or {}).get("urls", [])]
        is_rejected = answer is not None and "error" in answer
        if tier == "security":
            is_right = answer is not None and (
                is_rejected if wanted.get("reject") else (is_rejected and "reject_or_locs" in wanted)
                or got == wanted.get("reject_or_locs", wanted.get("fetchable_locs", got)))
            yield tier, name, is_right, (wanted, got)
            continue
        if "urls" not in wanted:
            yield tier, name, len(got) == wanted.get("count", len(got)), (wanted, got)
            continue
        yield tier, f"{name} kind", (answer or {}).get("kind") == case["kind"], (case["kind"], (answer or {}).get("kind"))
        yield tier, f"{name} loc", got == [url["loc"] for url in wanted["urls"]], (wanted, got)
        for number, row in enumerate(wanted["urls"]):
            found = answer["urls"][number] if answer and number < len(got) else {}
            for field, value in row.items():
                if field != "loc" and value is not None:
                    yield tier, f"{name} {number} {field}", found.get(field) == value, (value, found.get(field))


def report(task, found, verbose):
    """Prints the share of each tier, and says whether the bars hold."""
    shares, holds = {}, True
    for tier, name, is_right, detail in found:
        right, total = shares.get(tier, (0, 0))
        shares[tier] = (right + bool(is_right), total + 1)
        if verbose and not is_right:
            print(f"  {tier}: {name}: {json.dumps(detail, ensure_ascii=False)[:600]}")
    for tier, (right, total) in sorted(shares.items()):
        bar = BARS[task].get(tier)
        verdict = "" if bar is None else f"  bar {bar:.0%} {'holds' if right >= bar * total else 'MISSED'}"
        holds = holds and (bar is None or right >= bar * total)
        print(f"{tier:16} {right:5} of {total:5}  {right / total:8.2%}{verdict}")
    return {"shares": {tier: {"right": right, "of": total} for tier, (right, total) in shares.items()}, "holds": holds}


TASKS = {"robots": robots, "urls": urls, "feeds": feeds, "sitemaps": sitemaps}
