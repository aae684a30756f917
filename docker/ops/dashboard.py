#!/usr/bin/env python3
"""Writes grafana/dashboards/wireroom.json: run it after a change here, with --check to see that the file is up to date."""

import json
import pathlib
import sys

TARGET = pathlib.Path(__file__).parent / "grafana" / "dashboards" / "wireroom.json"


def panel(title, unit, *queries, width=8, kind="timeseries", description=""):
    return {
        "title": title, "type": kind, "description": description, "width": width,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}} if kind == "timeseries" else {},
        "targets": [
            {"refId": chr(65 + index), "expr": expression, "legendFormat": legend}
            for index, (expression, legend) in enumerate(queries)],
    }


def quantiles(metric, by="stage", *shares):
    return [
        (f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket[5m])))", f"{{{{{by}}}}} p{int(share * 100)}")
        for share in shares or (0.5, 0.95)]


ROWS = [
    ("The line", [
        panel("Articles indexed", "cpm",
              ('60 * sum(rate(wireroom_messages_settled_total{stage="index",outcome="done"}[5m]))', "a minute"), width=6),
        panel("Oldest message without an outcome", "s", ("max by (stage) (wireroom_pending_oldest_age_seconds)", "{{stage}}"), width=6),
        panel("In quarantine", "short", ("max by (stage) (wireroom_quarantine_messages)", "{{stage}}"), width=6),
        panel("Workers", "short", ("max by (stage) (wireroom_workers)", "{{stage}}"), width=6),
    ]),
    ("Freshness", [
        panel("Published to indexed, live", "s",
              *quantiles('wireroom_freshness_seconds', "step"),
              description="By step: discovered, fetched, indexed, and all from published to indexed.", width=12),
        panel("Release lag", "s", ("max by (lane) (wireroom_release_lag_seconds)", "{{lane}}"), width=12),
    ]),
    ("Stages", [
        panel("Settled a second", "ops",
              ("sum by (stage, outcome) (rate(wireroom_messages_settled_total[5m])) > 0", "{{stage}} {{outcome}}")),
        panel("Own work on a message", "s", *quantiles("messaging_process_duration_seconds")),
        panel("Made to acknowledged", "s", *quantiles("wireroom_message_latency_seconds")),
        panel("Ready in the stage's queue", "short",
              ('max by (stage) (wireroom_queue_messages{kind="stage"})', "{{stage}}")),
        panel("Waiting for another attempt", "short",
              ('sum by (stage) (max by (stage, queue) (wireroom_queue_messages{kind="retry"}))', "{{stage}}")),
        panel("Drops by reason", "ops",
              ('sum by (reason) (rate(wireroom_messages_settled_total{outcome="drop"}[5m])) > 0', "{{reason}}")),
        panel("In hand", "short", ("sum by (stage) (wireroom_messages_in_flight)", "{{stage}}")),
        panel("Batch time", "s", *quantiles("wireroom_batch_duration_seconds")),
        panel("Confirm time", "s", *quantiles("wireroom_publish_duration_seconds")),
    ]),
    ("Crawling", [
        panel("Visits a second", "ops", ("sum by (result) (rate(wireroom_crawl_visits_total[5m]))", "{{result}}")),
        panel("Refusals", "ops", ("sum by (reason) (rate(wireroom_crawl_refusals_total[5m])) > 0", "{{reason}}")),
        panel("Hosts and leases", "short", ("max(wireroom_hosts_blocked)", "blocked hosts"),
              ("max(wireroom_leases_outstanding)", "leases"), ("max(wireroom_leases_expired)", "expired leases")),
    ]),
    ("Ground", [
        panel("Broker", "short", ("sum by (connection) (rate(wireroom_broker_reconnects_total[5m])) * 60", "{{connection}} reconnects a minute"),
              ("max(wireroom_broker_blocked)", "blocked")),
        panel("Database connections", "short", ("sum by (state) (wireroom_database_connections)", "{{state}}"),
              ("sum(wireroom_database_waiting)", "waiting tasks")),
        panel("Outbox", "short", ("max(wireroom_outbox_messages)", "messages")),
        panel("Processors used", "short", ('sum by (instance) (rate(process_cpu_seconds_total{job="wireroom"}[5m]))', "{{instance}}")),
        panel("Memory", "bytes", ('process_resident_memory_bytes{job="wireroom"}', "{{instance}}")),
        panel("Descriptors", "short", ('process_open_fds{job="wireroom"}', "{{instance}}")),
    ]),
]


def dashboard():
    panels, top = [], 0
    for title, row in ROWS:
        panels.append({"type": "row", "title": title, "collapsed": False, "gridPos": {"h": 1, "w": 24, "x": 0, "y": top}})
        top, left = top + 1, 0
        for entry in row:
            entry = dict(entry)
            width = entry.pop("width")
            if left + width > 24:
                top, left = top + 8, 0
            entry["gridPos"] = {"h": 8, "w": width, "x": left, "y": top}
            entry["datasource"] = {"type": "prometheus", "uid": "prometheus"}
            panels.append(entry)
            left += width
        top += 8
    for number, entry in enumerate(panels, 1):
        entry["id"] = number
    return {
        "uid": "wireroom", "title": "Wireroom", "tags": ["wireroom"], "timezone": "utc", "schemaVersion": 38, "version": 1,
        "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "panels": panels,
    }


text = json.dumps(dashboard(), indent=1, sort_keys=True) + "\n"
if "--check" in sys.argv[1:]:
    sys.exit(0 if TARGET.exists() and TARGET.read_text() == text else "dashboard.py: wireroom.json is out of date")
TARGET.write_text(text)
