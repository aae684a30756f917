-- Since when sources and hosts are held back and by whom, and sources of whose pages nothing is left.

ALTER TABLE wireroom.source
    ADD COLUMN state_since timestamptz,
    ADD COLUMN state_by text;
COMMENT ON COLUMN wireroom.source.state_since IS 'When an operator paused or resumed it last; null when nobody did.';
COMMENT ON COLUMN wireroom.source.state_by IS 'Who did so.';

-- Held hosts -----------------------------------------------------------------------------------------------------------

ALTER TABLE wireroom.host
    ADD COLUMN held_since timestamptz,
    ADD COLUMN held_by text;
COMMENT ON COLUMN wireroom.host.held_since IS 'Since when it has been paused or blocked, through blocks that follow each other; null when it never was.';
COMMENT ON COLUMN wireroom.host.held_by IS 'The operator who paused or blocked it last.';

-- Only what changes a pause or a block comes here; leases and delays do not.
CREATE FUNCTION wireroom.note_held_host() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    -- Incidents are forgiven after 30 quiet minutes; until then one block follows another.
    IF NOT OLD.is_paused AND coalesce(OLD.blocked_until < now() - interval '30 minutes', true) THEN
        NEW.held_since := now();
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER host_held BEFORE UPDATE OF is_paused, blocked_until ON wireroom.host
    FOR EACH ROW WHEN ((NEW.is_paused OR NEW.blocked_until IS NOT NULL)
        AND (NEW.is_paused IS DISTINCT FROM OLD.is_paused OR NEW.blocked_until IS DISTINCT FROM OLD.blocked_until))
    EXECUTE FUNCTION wireroom.note_held_host();

-- Sources of whose pages nothing is left --------------------------------------------------------------------------------

-- Looks at the newest URLs only, and so costs the same however many there are.
CREATE VIEW wireroom.source_loss AS
WITH newest AS (
    SELECT url_id, source_id, kind, state, reason, url, discovered_at FROM wireroom.url ORDER BY url_id DESC LIMIT 20000
), ended AS (
    SELECT *, max(url_id) FILTER (WHERE state IN ('parsed', 'classified', 'indexed')) OVER (PARTITION BY source_id) AS kept
    FROM newest WHERE kind = 'article'
)
SELECT e.source_id, s.name, count(*) AS lost, min(e.discovered_at) AS since,
       mode() WITHIN GROUP (ORDER BY e.reason) AS reason, (array_agg(e.url ORDER BY e.url_id DESC))[1] AS example
FROM ended AS e JOIN wireroom.source AS s USING (source_id)
WHERE s.state = 'active' AND e.state IN ('dropped', 'quarantined') AND e.url_id > coalesce(e.kept, 0)
  -- A page that is had under another address is not lost.
  AND coalesce(e.reason, '') NOT IN ('moved', 'twin', 'superseded')
GROUP BY e.source_id, s.name HAVING count(*) >= 10;
COMMENT ON VIEW wireroom.source_loss IS
    'Sources whose newest ten or more articles were all dropped or quarantined: how many, since which one, most often why, and one of them.';
GRANT SELECT ON wireroom.source_loss TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
