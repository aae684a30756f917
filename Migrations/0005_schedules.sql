-- Schedules that follow each feed's own history, revisits of articles, rules of sources, pages that are watched for new
-- links, forms of one page, and a daily budget for each host.

ALTER TABLE wireroom.source ADD COLUMN revisit_seconds integer[];
COMMENT ON COLUMN wireroom.source.revisit_seconds IS 'How old an article''s first fetch is at each revisit; null for the crawler''s own schedule, empty for none.';
COMMENT ON COLUMN wireroom.source.include_patterns IS 'Patterns as in robots.txt for path and query, of which an article has to match one, if there are any.';
COMMENT ON COLUMN wireroom.source.exclude_patterns IS 'Patterns as in robots.txt for path and query, of which an article may match none.';
COMMENT ON COLUMN wireroom.source.maximum_age IS 'Articles that a feed or sitemap dates earlier are left out; null for no limit.';

ALTER TABLE wireroom.host
    ADD COLUMN visit_day date,
    ADD COLUMN visits_today integer NOT NULL DEFAULT 0,
    ADD COLUMN operator_daily_budget integer CHECK (operator_daily_budget >= 0);
COMMENT ON COLUMN wireroom.host.visits_today IS 'URLs visited on visit_day (UTC).';
COMMENT ON COLUMN wireroom.host.operator_daily_budget IS 'URLs that may be visited in a day, as an operator set it; null for the crawler''s own limit.';

-- The least urgent lane that the host's budget still allows: 1 with backfill, 0 only live, -1 nothing. A fifth of the budget is
-- kept for what is live, so that an archive that is read in the morning costs no article of the evening.
CREATE FUNCTION wireroom.open_lane(visit_day date, visits_today integer, operator_daily_budget integer, daily_budget bigint)
RETURNS smallint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN visit_day IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date AND coalesce(operator_daily_budget, daily_budget) > 0
                  OR visits_today * 5 < coalesce(operator_daily_budget, daily_budget) * 4 THEN 1::smallint
                WHEN visits_today < coalesce(operator_daily_budget, daily_budget) THEN 0::smallint
                ELSE -1::smallint END
$$;
REVOKE EXECUTE ON FUNCTION wireroom.open_lane FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wireroom.open_lane TO wireroom_crawl;

ALTER TABLE wireroom.url
    ADD COLUMN revisits integer NOT NULL DEFAULT 0,
    ADD COLUMN items_per_hour double precision,
    ADD COLUMN full_look_at timestamptz,
    ADD COLUMN distrusted_until timestamptz,
    ADD COLUMN hubs text[],
    ADD COLUMN refusals jsonb,
    ADD COLUMN twin_of bigint;
COMMENT ON COLUMN wireroom.url.revisits IS 'How often an article was fetched after its first time.';
COMMENT ON COLUMN wireroom.url.items_per_hour IS 'New items an hour of a feed, sitemap or watched page, as a mean that forgets; the interval follows it.';
COMMENT ON COLUMN wireroom.url.full_look_at IS 'When it was last answered with a body, not with 304.';
COMMENT ON COLUMN wireroom.url.distrusted_until IS 'Until when it is fetched without conditions, because a 304 was proven wrong.';
COMMENT ON COLUMN wireroom.url.hubs IS 'WebSub hubs that the feed names.';
COMMENT ON COLUMN wireroom.url.refusals IS 'How many links of its last reading were not taken up, by reason.';
COMMENT ON COLUMN wireroom.url.twin_of IS 'The URL that is fetched for the same page.';

CREATE TABLE wireroom.page_link (
    url_id bigint NOT NULL,
    identity bytea NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    visits integer NOT NULL DEFAULT 1,
    PRIMARY KEY (url_id, identity)
);
COMMENT ON TABLE wireroom.page_link IS 'Links that home and section pages had when they were visited: what is always there is a menu, what is new may be an article.';
GRANT SELECT, INSERT, UPDATE, DELETE ON wireroom.page_link TO wireroom_crawl;
