-- The frontier finds due hosts by an index; operators' orders for hosts; what sources bring; revisits and retention of captures.

-- When to look at a host ---------------------------------------------------------------------------------------------

ALTER TABLE wireroom.host
    ADD COLUMN ready_at timestamptz,
    ADD COLUMN server_address text,
    ADD COLUMN delay_group text,
    ADD COLUMN operator_note text;
COMMENT ON COLUMN wireroom.host.ready_at IS
    'No lease is possible or needed before; null when nothing is due or the host is paused. May be too early, never too late: the release looks again.';
COMMENT ON COLUMN wireroom.host.delay_group IS 'Hosts with the same group are leased one at a time and share one delay.';
-- A visit changes none of the indexed columns: leave room on the page for the new version of the row.
ALTER TABLE wireroom.host SET (fillfactor = 70);
CREATE INDEX host_ready ON wireroom.host (ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX host_delay_group ON wireroom.host (delay_group) WHERE delay_group IS NOT NULL;
CREATE INDEX host_server_address ON wireroom.host (server_address) WHERE server_address IS NOT NULL;

-- Whatever makes a host free earlier, a closed lease or an operator, makes the release look at it earlier.
CREATE FUNCTION wireroom.note_host_times() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.ready_at := greatest(NEW.next_allowed_at, NEW.blocked_until, NEW.lease_until);
    RETURN NEW;
END
$$;
CREATE TRIGGER host_times BEFORE UPDATE ON wireroom.host FOR EACH ROW
WHEN (NEW.ready_at IS NOT DISTINCT FROM OLD.ready_at AND NOT NEW.is_paused
      AND (OLD.ready_at IS NULL AND (NEW.next_allowed_at, NEW.blocked_until, NEW.lease_until, NEW.is_paused, NEW.delay_group)
               IS DISTINCT FROM (OLD.next_allowed_at, OLD.blocked_until, OLD.lease_until, OLD.is_paused, OLD.delay_group)
           OR greatest(NEW.next_allowed_at, NEW.blocked_until, NEW.lease_until) < OLD.ready_at
              AND (NEW.next_allowed_at, NEW.blocked_until, NEW.lease_until, NEW.is_paused, NEW.delay_group)
                  IS DISTINCT FROM (OLD.next_allowed_at, OLD.blocked_until, OLD.lease_until, OLD.is_paused, OLD.delay_group)
           OR NEW.operator_daily_budget IS DISTINCT FROM OLD.operator_daily_budget OR NEW.visit_day < OLD.visit_day))
EXECUTE FUNCTION wireroom.note_host_times();

-- A URL that becomes due wakes its host. The rows are only appended, so that a worker which finds URLs of another worker's
-- host never waits for that host's row; the release collects them.
CREATE TABLE wireroom.host_wake (
    host_id bigint NOT NULL,
    due_at timestamptz NOT NULL
);
COMMENT ON TABLE wireroom.host_wake IS 'Hosts that have something new to do from a time on; collected by the release.';

-- What sources bring -------------------------------------------------------------------------------------------------

CREATE TABLE wireroom.source_activity (
    source_id bigint NOT NULL REFERENCES wireroom.source,
    hour timestamptz NOT NULL,
    found integer NOT NULL,
    PRIMARY KEY (source_id, hour)
);
COMMENT ON TABLE wireroom.source_activity IS 'Article URLs that were new in the live lane, by source and hour; kept for 90 days.';
INSERT INTO wireroom.source_activity (source_id, hour, found)
SELECT source_id, date_trunc('hour', discovered_at), count(*) FROM wireroom.url
WHERE kind = 'article' AND lane = 0 AND source_id IS NOT NULL AND discovered_at > now() - interval '90 days'
GROUP BY 1, 2;

CREATE FUNCTION wireroom.note_new_urls() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO wireroom.host_wake (host_id, due_at)
    SELECT host_id, min(due_at) FROM added WHERE due_at IS NOT NULL AND host_id IS NOT NULL GROUP BY host_id;
    INSERT INTO wireroom.source_activity AS a (source_id, hour, found)
    SELECT source_id, date_trunc('hour', now()), count(*) FROM added
    WHERE kind = 'article' AND lane = 0 AND source_id IS NOT NULL GROUP BY source_id ORDER BY source_id
    ON CONFLICT (source_id, hour) DO UPDATE SET found = a.found + excluded.found;
    RETURN NULL;
END
$$;
CREATE TRIGGER url_added AFTER INSERT ON wireroom.url REFERENCING NEW TABLE AS added FOR EACH STATEMENT
EXECUTE FUNCTION wireroom.note_new_urls();

CREATE FUNCTION wireroom.note_due_url() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO wireroom.host_wake (host_id, due_at) VALUES (NEW.host_id, NEW.due_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER url_due AFTER UPDATE OF due_at, host_id ON wireroom.url FOR EACH ROW
WHEN (NEW.due_at IS NOT NULL AND NEW.host_id IS NOT NULL
      AND (NEW.due_at, NEW.host_id) IS DISTINCT FROM (OLD.due_at, OLD.host_id))
EXECUTE FUNCTION wireroom.note_due_url();

CREATE FUNCTION wireroom.note_active_source() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO wireroom.host_wake (host_id, due_at)
    SELECT host_id, min(due_at) FROM wireroom.url
    WHERE source_id = NEW.source_id AND due_at IS NOT NULL AND host_id IS NOT NULL GROUP BY host_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER source_active AFTER UPDATE OF state ON wireroom.source FOR EACH ROW
WHEN (NEW.state = 'active' AND OLD.state <> 'active') EXECUTE FUNCTION wireroom.note_active_source();

INSERT INTO wireroom.host_wake (host_id, due_at)
SELECT host_id, min(due_at) FROM wireroom.url WHERE due_at IS NOT NULL AND host_id IS NOT NULL GROUP BY host_id;

-- What is due on a host, most urgent first, and the earliest of it: each is one probe, however long the backlog.
DROP INDEX wireroom.url_due;
CREATE INDEX url_urgency ON wireroom.url (host_id, lane, priority DESC, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX url_earliest ON wireroom.url (host_id, lane, due_at) WHERE due_at IS NOT NULL;

CREATE VIEW wireroom.source_health AS
WITH day AS (
    -- The last 24 hours are day 0, and so on; days from before the source was added do not count.
    SELECT s.source_id, n.day, coalesce(sum(a.found), 0) AS found
    FROM wireroom.source AS s
    CROSS JOIN generate_series(0, 14) AS n (day)
    LEFT JOIN wireroom.source_activity AS a ON a.source_id = s.source_id
        AND a.hour > now() - make_interval(days => n.day + 1) AND a.hour <= now() - make_interval(days => n.day)
    WHERE s.created_at <= now() - make_interval(days => n.day + 1) OR n.day = 0
    GROUP BY s.source_id, n.day
), usual AS (
    SELECT source_id, count(*) FILTER (WHERE day > 0) AS days,
           sum(found) FILTER (WHERE day = 0) AS found_today,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY found) FILTER (WHERE day > 0) AS median,
           avg(found) FILTER (WHERE day > 0) AS mean,
           max(found) FILTER (WHERE day = 6) AS found_a_week_ago
    FROM day GROUP BY source_id
), judged AS (
    SELECT u.*, s.name, s.state, s.created_at,
           (SELECT max(hour) FROM wireroom.source_activity AS a WHERE a.source_id = u.source_id) AS last_found_at,
           -- Weekends are quieter: the same day of last week counts where it was the smaller one.
           least(u.median, coalesce(u.found_a_week_ago, u.median)) AS expected
    FROM usual AS u JOIN wireroom.source AS s USING (source_id)
)
SELECT source_id, name, days, found_today::bigint AS found_today,
       CASE WHEN days >= 3 THEN median END AS usual_per_day, last_found_at,
       state = 'active' AND days >= 3 AND (
           -- A quarter of at least eight expected: a source that goes on as usual gives so little once in 70 days.
           (expected >= 8 AND found_today <= expected / 4)
           -- A slow source: nothing while eight were to be expected, which chance alone does once in 3,000 times.
           OR (mean > 0 AND expected < 8 AND extract(epoch FROM now() - coalesce(last_found_at, created_at)) / 86400 * mean >= 8
               AND extract(epoch FROM now() - coalesce(last_found_at, created_at)) >= 86400)
           OR (mean = 0 AND last_found_at IS NOT NULL)
       ) AS is_silent
FROM judged;
COMMENT ON VIEW wireroom.source_health IS
    'What each source usually gives a day (median of up to 14 days), what it gave in the last 24 hours, and whether that is far too little.';

-- Captures -----------------------------------------------------------------------------------------------------------

COMMENT ON COLUMN wireroom.capture.codec IS 'zstd: a body; revisit: the same body as that of the capture revisit_of.';
ALTER TABLE wireroom.url ADD COLUMN robots_directives text[];
COMMENT ON COLUMN wireroom.url.robots_directives IS 'What X-Robots-Tag and meta robots of the last answer say to this crawler or to all.';
ALTER TABLE wireroom.source ADD COLUMN tls_exception text;
COMMENT ON COLUMN wireroom.source.tls_exception IS 'Why certificates of this source are not checked; null when they are.';

CREATE FUNCTION wireroom.drop_captures(months_kept integer) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '3s' AS $$
DECLARE
    first_kept text := to_char(date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => months_kept), 'YYYYMM');
    partition text;
    dropped text[] := '{}';
BEGIN
    IF months_kept IS NULL OR months_kept < 1 THEN
        RAISE EXCEPTION 'at least one month of captures is kept, not %', months_kept;
    END IF;
    FOR partition IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'wireroom.capture'::regclass AND c.relname ~ '^capture_[0-9]{6}$'
          AND right(c.relname, 6) < first_kept ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE wireroom.%I', partition);
        dropped := dropped || partition;
    END LOOP;
    DELETE FROM wireroom.capture_other WHERE captured_at < (to_date(first_kept, 'YYYYMM')::timestamp AT TIME ZONE 'UTC');
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION wireroom.drop_captures IS
    'Drops the partitions of captures that are older than so many whole months before this one; returns their names.';
REVOKE EXECUTE ON FUNCTION wireroom.drop_captures FROM PUBLIC;

-- Rights -------------------------------------------------------------------------------------------------------------

GRANT EXECUTE ON FUNCTION wireroom.drop_captures TO wireroom_crawl;
-- UPDATE is what FOR UPDATE asks for.
GRANT SELECT, INSERT, UPDATE, DELETE ON wireroom.host_wake, wireroom.source_activity TO wireroom_crawl;
GRANT SELECT ON wireroom.source_health, wireroom.source_activity TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
