-- Every batch of every worker announces its messages. A function in SQL is planned at each call, and that cost the crawl stage
-- more than the statement itself; one in PL/pgSQL keeps its plan for the session. What it does is the same.

CREATE OR REPLACE FUNCTION wireroom.open_messages(to_stage text, message_ids text[], url_ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
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
    SELECT day, source_id, to_stage, 'in', '', count(*) FROM opened GROUP BY 1, 2;
END
$$;
