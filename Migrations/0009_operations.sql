-- What operators steer and watch: paused stages, open messages, the funnel, and figures of the whole line.
-- Runs in one transaction under the migration lock; see docs/database.md.

-- Pausing ---------------------------------------------------------------------------------------------------------------

CREATE TABLE wireroom.stage_control (
    stage text PRIMARY KEY CHECK (stage IN ('crawl', 'parse', 'classify', 'index')),
    is_paused boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text
);
COMMENT ON TABLE wireroom.stage_control IS 'What operators want of the stages; workers look at it every second.';
INSERT INTO wireroom.stage_control (stage) VALUES ('crawl'), ('parse'), ('classify'), ('index');

-- The funnel ------------------------------------------------------------------------------------------------------------

-- A row for each message that a stage still owes an answer. It is made in the transaction that commits to the message,
-- and removed in the transaction that settles it for good. Removing it is what counts the outcome, so every message is
-- counted once however often it is delivered.
CREATE TABLE wireroom.open_message (
    stage text NOT NULL,
    message_id text NOT NULL,
    day date NOT NULL,
    source_id bigint NOT NULL DEFAULT 0,
    url_id bigint,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stage, message_id)
);
COMMENT ON TABLE wireroom.open_message IS 'Messages that were sent to a stage and have no outcome yet: what is pending.';
CREATE INDEX open_message_age ON wireroom.open_message (stage, opened_at);
-- Rows come and go with every message.
ALTER TABLE wireroom.open_message SET
    (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- Workers only add rows here, so no two of them wait for each other's counts; `wireroom.roll_up_funnel` sums them up.
CREATE TABLE wireroom.funnel_delta (
    day date NOT NULL,
    source_id bigint NOT NULL,
    stage text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    number bigint NOT NULL
);
ALTER TABLE wireroom.funnel_delta SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE wireroom.funnel (
    day date NOT NULL,
    source_id bigint NOT NULL,
    stage text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('in', 'done', 'drop', 'retry', 'snooze', 'quarantine')),
    reason text NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (day, stage, source_id, outcome, reason)
);
COMMENT ON TABLE wireroom.funnel IS 'Messages by the day on which they were sent to a stage: in = done + drop + quarantine + what is still open.';
COMMENT ON COLUMN wireroom.funnel.source_id IS '0 for documents without a source.';

-- What was settled before this migration: as many in as out.
INSERT INTO wireroom.funnel (day, source_id, stage, outcome, reason, number)
SELECT (e.happened_at AT TIME ZONE 'UTC')::date, coalesce(u.source_id, 0), e.stage, w.outcome, w.reason, count(*)
FROM wireroom.stage_event AS e
LEFT JOIN wireroom.url AS u USING (url_id)
CROSS JOIN LATERAL (VALUES ('in', ''), (e.outcome, coalesce(e.reason, ''))) AS w (outcome, reason)
WHERE e.stage <> 'crawl' AND e.outcome IN ('done', 'drop', 'quarantine')
GROUP BY 1, 2, 3, 4, 5;

-- Says that messages were sent to a stage: to be called in the transaction that commits to sending them. A message that
-- is open already is not counted again. Leases are no work on a URL and are not counted.
CREATE FUNCTION wireroom.open_messages(to_stage text, message_ids text[], url_ids bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH opened AS (
        INSERT INTO wireroom.open_message (stage, message_id, day, source_id, url_id)
        SELECT to_stage, m.message_id, (clock_timestamp() AT TIME ZONE 'UTC')::date, coalesce(u.source_id, 0), m.url_id
        FROM unnest(message_ids, url_ids) AS m (message_id, url_id)
        LEFT JOIN wireroom.url AS u ON u.url_id = m.url_id
        WHERE to_stage <> 'crawl'
        ORDER BY m.message_id
        ON CONFLICT (stage, message_id) DO NOTHING
        RETURNING day, source_id
    )
    INSERT INTO wireroom.funnel_delta (day, source_id, stage, outcome, reason, number)
    SELECT day, source_id, to_stage, 'in', '', count(*) FROM opened GROUP BY 1, 2
$$;
COMMENT ON FUNCTION wireroom.open_messages IS 'Counts messages as sent to a stage, each once.';

-- Counts outcomes. `is_fresh` says of each whether the ledger saw it for the first time: a message that nobody has
-- announced is then counted in and out at once, and a second copy of a settled one is not counted.
CREATE FUNCTION wireroom.settle_messages(
    in_stage text, message_ids text[], url_ids bigint[], outcomes text[], reasons text[], are_fresh boolean[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH settled AS (
        SELECT DISTINCT ON (m.message_id) m.message_id, m.url_id, m.outcome, coalesce(m.reason, '') AS reason,
               bool_or(m.is_fresh) OVER (PARTITION BY m.message_id) AS is_fresh
        FROM unnest(message_ids, url_ids, outcomes, reasons, are_fresh)
            WITH ORDINALITY AS m (message_id, url_id, outcome, reason, is_fresh, position)
        WHERE m.outcome IN ('done', 'drop', 'quarantine') AND in_stage <> 'crawl'
        ORDER BY m.message_id, m.position DESC
    ), locked AS (
        SELECT o.message_id FROM wireroom.open_message AS o JOIN settled AS s USING (message_id)
        WHERE o.stage = in_stage ORDER BY o.message_id FOR UPDATE OF o
    ), closed AS (
        DELETE FROM wireroom.open_message AS o USING locked AS l
        WHERE o.stage = in_stage AND o.message_id = l.message_id
        RETURNING o.message_id, o.day, o.source_id
    ), unannounced AS (
        SELECT s.message_id, (clock_timestamp() AT TIME ZONE 'UTC')::date AS day, coalesce(u.source_id, 0) AS source_id
        FROM settled AS s LEFT JOIN wireroom.url AS u ON u.url_id = s.url_id
        WHERE s.is_fresh AND NOT EXISTS (SELECT 1 FROM locked AS l WHERE l.message_id = s.message_id)
    ), passing AS (
        SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS day, coalesce(u.source_id, 0) AS source_id, m.outcome,
               coalesce(m.reason, '') AS reason
        FROM unnest(url_ids, outcomes, reasons, are_fresh) AS m (url_id, outcome, reason, is_fresh)
        LEFT JOIN wireroom.url AS u ON u.url_id = m.url_id
        WHERE m.is_fresh AND m.outcome IN ('retry', 'snooze') AND in_stage <> 'crawl'
    )
    INSERT INTO wireroom.funnel_delta (day, source_id, stage, outcome, reason, number)
    SELECT day, source_id, in_stage, outcome, reason, count(*)
    FROM (SELECT c.day, c.source_id, s.outcome, s.reason FROM closed AS c JOIN settled AS s USING (message_id)
          UNION ALL
          SELECT n.day, n.source_id, s.outcome, s.reason FROM unannounced AS n JOIN settled AS s USING (message_id)
          UNION ALL
          SELECT n.day, n.source_id, 'in', '' FROM unannounced AS n
          UNION ALL
          SELECT p.day, p.source_id, p.outcome, p.reason FROM passing AS p) AS counted
    GROUP BY day, source_id, outcome, reason
$$;
COMMENT ON FUNCTION wireroom.settle_messages IS 'Counts what became of messages, each once.';

-- Sums the new counts up. Each is taken away in the transaction that adds it, so it is added once.
CREATE FUNCTION wireroom.roll_up_funnel() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH taken AS (
        DELETE FROM wireroom.funnel_delta AS d USING (
            SELECT ctid FROM wireroom.funnel_delta LIMIT 50000 FOR UPDATE SKIP LOCKED) AS t
        WHERE d.ctid = t.ctid RETURNING d.*
    )
    INSERT INTO wireroom.funnel AS f (day, source_id, stage, outcome, reason, number)
    SELECT day, source_id, stage, outcome, reason, sum(number) FROM taken GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 3, 2, 4, 5
    ON CONFLICT (day, stage, source_id, outcome, reason) DO UPDATE SET number = f.number + excluded.number
$$;
COMMENT ON FUNCTION wireroom.roll_up_funnel IS 'Adds the counts of wireroom.funnel_delta to wireroom.funnel.';

-- Figures of the whole line ---------------------------------------------------------------------------------------------

-- One worker at a time looks at the whole line; this row says who, when, and what it saw.
CREATE TABLE wireroom.line_observation (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    observer text,
    observed_at timestamptz NOT NULL DEFAULT '-infinity',
    figures jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO wireroom.line_observation DEFAULT VALUES;

-- Each figure is an index lookup or a scan of a table that stays small: it can be asked for every few seconds.
-- The budget is the crawler's default; an operator's own for a host counts as it does for the crawler.
CREATE FUNCTION wireroom.line_figures(daily_budget bigint DEFAULT 20000) RETURNS TABLE (name text, label text, figure double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT f.name, '', f.figure::float8
    FROM (SELECT count(*) FILTER (WHERE lease_until > now()) AS outstanding,
                 count(*) FILTER (WHERE lease_until <= now()) AS expired,
                 count(*) FILTER (WHERE blocked_until > now()) AS blocked,
                 count(*) FILTER (WHERE is_paused) AS paused
          FROM wireroom.host) AS h
    CROSS JOIN LATERAL (VALUES ('leases.outstanding', h.outstanding), ('leases.expired', h.expired),
                               ('hosts.blocked', h.blocked), ('hosts.paused', h.paused)) AS f (name, figure)
    UNION ALL
    -- How late the oldest URL is whose host could be contacted right now; looks at the thousand oldest at most.
    SELECT 'release.lag', CASE l.lane WHEN 0 THEN 'live' ELSE 'backfill' END,
           coalesce((SELECT extract(epoch FROM now() - greatest(u.due_at, h.next_allowed_at, h.blocked_until))
                     FROM (SELECT due_at, host_id, source_id FROM wireroom.url
                           WHERE due_at <= now() AND lane = l.lane ORDER BY due_at LIMIT 1000) AS u
                     JOIN wireroom.host AS h USING (host_id) LEFT JOIN wireroom.source AS s USING (source_id)
                     WHERE NOT h.is_paused AND h.next_allowed_at <= now() AND coalesce(h.blocked_until <= now(), true)
                       AND coalesce(h.lease_until <= now(), true) AND coalesce(s.state, 'active') = 'active'
                       AND l.lane <= wireroom.open_lane(h.visit_day, h.visits_today, h.operator_daily_budget, daily_budget)
                     ORDER BY u.due_at LIMIT 1), 0)
    FROM (VALUES (0), (1)) AS l (lane)
    UNION ALL
    SELECT 'outbox.messages', '', count(*) FROM wireroom.outbox
    UNION ALL
    SELECT 'outbox.oldest', '', coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM wireroom.outbox
    UNION ALL
    SELECT 'pending.messages', s.stage, (SELECT count(*) FROM wireroom.open_message AS o WHERE o.stage = s.stage)
    FROM wireroom.stage_control AS s WHERE s.stage <> 'crawl'
    UNION ALL
    SELECT 'pending.oldest', s.stage, coalesce(
        (SELECT extract(epoch FROM now() - o.opened_at) FROM wireroom.open_message AS o WHERE o.stage = s.stage
         ORDER BY o.opened_at LIMIT 1), 0)
    FROM wireroom.stage_control AS s WHERE s.stage <> 'crawl'
    UNION ALL
    SELECT 'quarantine.messages', s.stage,
           (SELECT count(*) FROM wireroom.quarantine AS q WHERE q.stage = s.stage AND q.state = 'held')
    FROM wireroom.stage_control AS s
    UNION ALL
    SELECT 'workers', s.stage, (SELECT count(*) FROM wireroom.worker AS w
        WHERE w.stage = s.stage AND w.stopped_at IS NULL AND w.seen_at > now() - interval '30 seconds')
    FROM wireroom.stage_control AS s
    UNION ALL
    SELECT 'stages.paused', stage, is_paused::int FROM wireroom.stage_control
    UNION ALL
    -- Months from now for which a partition of captures is there; captures without one.
    SELECT 'partitions.ahead', '', (SELECT count(*) FROM generate_series(1, 12) AS m (step)
        WHERE to_regclass(format('wireroom.capture_%s', to_char(
            date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => m.step), 'YYYYMM'))) IS NOT NULL)
    UNION ALL
    SELECT 'partitions.strays', '', (SELECT count(*) FROM (SELECT 1 FROM wireroom.capture_other LIMIT 1000) AS c)
    UNION ALL
    -- What replication slots keep the server from removing, and how long the oldest transaction holds the change feed.
    SELECT 'replication.retained', '', coalesce((SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))
        FROM pg_replication_slots WHERE NOT pg_is_in_recovery()), 0)
    UNION ALL
    SELECT 'transactions.oldest', '', coalesce((SELECT extract(epoch FROM max(clock_timestamp() - xact_start))
        FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()), 0)
    UNION ALL
    SELECT 'database.size', '', pg_database_size(current_database())
$$;
COMMENT ON FUNCTION wireroom.line_figures IS 'Figures of the whole line for metrics and `wireroom top`; ages in seconds, sizes in bytes.';

-- Rights ----------------------------------------------------------------------------------------------------------------

GRANT SELECT ON wireroom.stage_control TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
GRANT SELECT, UPDATE ON wireroom.line_observation TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
REVOKE EXECUTE ON FUNCTION wireroom.open_messages, wireroom.settle_messages, wireroom.roll_up_funnel, wireroom.line_figures
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wireroom.open_messages, wireroom.settle_messages, wireroom.roll_up_funnel, wireroom.line_figures
    TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
