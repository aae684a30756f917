-- The contract with downstream readers: views, the search function, the change feed, and who may do what.

CREATE VIEW news.sources AS
SELECT source_id, name, homepage, language, country, state, created_at
FROM wireroom.source;
COMMENT ON VIEW news.sources IS 'The outlets that are watched.';
COMMENT ON COLUMN news.sources.source_id IS 'Number of the source.';
COMMENT ON COLUMN news.sources.name IS 'The outlet''s name.';
COMMENT ON COLUMN news.sources.homepage IS 'Address of its home page.';
COMMENT ON COLUMN news.sources.language IS 'Main language, BCP 47, where known.';
COMMENT ON COLUMN news.sources.country IS 'Country, ISO 3166-1 alpha-2, where known.';
COMMENT ON COLUMN news.sources.state IS 'active, paused or removed.';
COMMENT ON COLUMN news.sources.created_at IS 'When it was added.';

CREATE VIEW news.articles AS
SELECT a.article_id, a.url, a.canonical_url, a.source_id,
       coalesce(a.site_name, s.name, h.name) AS outlet,
       a.title, a.authors, a.published_at, a.published_precision, a.modified_at, a.language, a.section, a.tags,
       a.lead_image, a.original_source, a.dateline, a.body, a.blocks, a.word_count, a.revision,
       a.first_seen_at, a.indexed_at, r.reprint_id, sa.story_id
FROM wireroom.article AS a
LEFT JOIN wireroom.source AS s USING (source_id)
LEFT JOIN wireroom.url AS u ON u.url_id = a.url_id
LEFT JOIN wireroom.host AS h ON h.host_id = u.host_id
LEFT JOIN wireroom.reprint_article AS r ON r.article_id = a.article_id
LEFT JOIN wireroom.story_article AS sa ON sa.article_id = a.article_id
WHERE a.indexed_revision IS NOT NULL;
COMMENT ON VIEW news.articles IS 'Articles that passed every stage, in their newest revision.';
COMMENT ON COLUMN news.articles.article_id IS 'Number of the article; stays the same over its revisions.';
COMMENT ON COLUMN news.articles.url IS 'Where it was fetched from, after redirects.';
COMMENT ON COLUMN news.articles.canonical_url IS 'The address that the page names as its own, where it names one.';
COMMENT ON COLUMN news.articles.source_id IS 'The source that it belongs to; null for imported documents.';
COMMENT ON COLUMN news.articles.outlet IS 'The outlet''s name: its own word for itself, else the source''s name, else the host.';
COMMENT ON COLUMN news.articles.title IS 'The headline.';
COMMENT ON COLUMN news.articles.authors IS 'People or agencies in the order of the byline.';
COMMENT ON COLUMN news.articles.published_at IS 'When it was published; see published_precision.';
COMMENT ON COLUMN news.articles.published_precision IS 'day, minute or second; for day, published_at is the start of that day in UTC.';
COMMENT ON COLUMN news.articles.modified_at IS 'When the outlet last changed it, as the page says.';
COMMENT ON COLUMN news.articles.language IS 'Language of the text, BCP 47 primary subtag.';
COMMENT ON COLUMN news.articles.section IS 'Section of the outlet, where the page names it.';
COMMENT ON COLUMN news.articles.tags IS 'The outlet''s own keywords.';
COMMENT ON COLUMN news.articles.lead_image IS 'Address of the main picture.';
COMMENT ON COLUMN news.articles.original_source IS 'Whom the text names as its origin, where it is a reprint.';
COMMENT ON COLUMN news.articles.dateline IS 'Place and day that open a wire report.';
COMMENT ON COLUMN news.articles.body IS 'Clean text; paragraphs are separated by an empty line.';
COMMENT ON COLUMN news.articles.blocks IS 'The text''s structure: an array of {kind, text, level, links}.';
COMMENT ON COLUMN news.articles.word_count IS 'Words in the body.';
COMMENT ON COLUMN news.articles.revision IS 'Grows by one each time the outlet changes the text.';
COMMENT ON COLUMN news.articles.first_seen_at IS 'When Wireroom first had it.';
COMMENT ON COLUMN news.articles.indexed_at IS 'When it last became searchable.';
COMMENT ON COLUMN news.articles.reprint_id IS 'Group of reprints that it belongs to; null when it is the only one.';
COMMENT ON COLUMN news.articles.story_id IS 'The story that it belongs to.';

CREATE VIEW news.article_topics AS SELECT article_id, code, name, score FROM wireroom.article_topic;
COMMENT ON VIEW news.article_topics IS 'What each article is about.';
COMMENT ON COLUMN news.article_topics.article_id IS 'The article.';
COMMENT ON COLUMN news.article_topics.code IS 'IPTC Media Topics code.';
COMMENT ON COLUMN news.article_topics.name IS 'The topic''s name in English.';
COMMENT ON COLUMN news.article_topics.score IS 'How sure the classifier is, 0 to 1.';

CREATE VIEW news.article_places AS
SELECT article_id, ordinal, name, kind, country_code, geonames_id, latitude, longitude, role, score, span_starts, span_ends
FROM wireroom.article_place;
COMMENT ON VIEW news.article_places IS 'Where each article plays.';
COMMENT ON COLUMN news.article_places.article_id IS 'The article.';
COMMENT ON COLUMN news.article_places.ordinal IS 'Number of the place within the article, from 0.';
COMMENT ON COLUMN news.article_places.name IS 'The place''s usual English name.';
COMMENT ON COLUMN news.article_places.kind IS 'country, city or region.';
COMMENT ON COLUMN news.article_places.country_code IS 'ISO 3166-1 alpha-2.';
COMMENT ON COLUMN news.article_places.geonames_id IS 'Number in GeoNames, where known.';
COMMENT ON COLUMN news.article_places.latitude IS 'Degrees north, WGS 84.';
COMMENT ON COLUMN news.article_places.longitude IS 'Degrees east, WGS 84.';
COMMENT ON COLUMN news.article_places.role IS 'dateline, or mention.';
COMMENT ON COLUMN news.article_places.score IS 'How sure the classifier is, 0 to 1.';
COMMENT ON COLUMN news.article_places.span_starts IS 'Where the mentions start, in Unicode scalars of the body.';
COMMENT ON COLUMN news.article_places.span_ends IS 'Where the mentions end (exclusive), in the same order.';

CREATE VIEW news.article_actors AS
SELECT article_id, ordinal, name, kind, salience, span_starts, span_ends FROM wireroom.article_actor;
COMMENT ON VIEW news.article_actors IS 'People and organisations that each article names.';
COMMENT ON COLUMN news.article_actors.article_id IS 'The article.';
COMMENT ON COLUMN news.article_actors.ordinal IS 'Number of the actor within the article, from 0.';
COMMENT ON COLUMN news.article_actors.name IS 'The fullest form of the name in the article.';
COMMENT ON COLUMN news.article_actors.kind IS 'person or organisation.';
COMMENT ON COLUMN news.article_actors.salience IS 'How central the actor is to the article, 0 to 1.';
COMMENT ON COLUMN news.article_actors.span_starts IS 'Where the mentions start, in Unicode scalars of the body.';
COMMENT ON COLUMN news.article_actors.span_ends IS 'Where the mentions end (exclusive), in the same order.';

CREATE VIEW news.quotes AS
SELECT article_id, ordinal, quote, speaker, cue, span_start, span_end, speaker_start, speaker_end
FROM wireroom.article_quote;
COMMENT ON VIEW news.quotes IS 'Who said what.';
COMMENT ON COLUMN news.quotes.article_id IS 'The article.';
COMMENT ON COLUMN news.quotes.ordinal IS 'Number of the quotation within the article, from 0.';
COMMENT ON COLUMN news.quotes.quote IS 'The words, without the quotation marks.';
COMMENT ON COLUMN news.quotes.speaker IS 'Who said them, in the fullest form of the name; null when the text does not say.';
COMMENT ON COLUMN news.quotes.cue IS 'The word that attributes them, such as said.';
COMMENT ON COLUMN news.quotes.span_start IS 'Where the quotation starts, in Unicode scalars of the body.';
COMMENT ON COLUMN news.quotes.span_end IS 'Where it ends (exclusive).';
COMMENT ON COLUMN news.quotes.speaker_start IS 'Where the speaker is named.';
COMMENT ON COLUMN news.quotes.speaker_end IS 'Where that name ends (exclusive).';

CREATE VIEW news.events AS
SELECT article_id, ordinal, code, name, actor, target, trigger, span_start, span_end, score FROM wireroom.article_event;
COMMENT ON VIEW news.events IS 'Who did what to whom, as far as the classifier reads it from the text.';
COMMENT ON COLUMN news.events.article_id IS 'The article.';
COMMENT ON COLUMN news.events.ordinal IS 'Number of the event within the article, from 0.';
COMMENT ON COLUMN news.events.code IS 'Kind of event: CAMEO root code.';
COMMENT ON COLUMN news.events.name IS 'Kind of event in words.';
COMMENT ON COLUMN news.events.actor IS 'Who acts.';
COMMENT ON COLUMN news.events.target IS 'Upon whom.';
COMMENT ON COLUMN news.events.trigger IS 'The word that names the act.';
COMMENT ON COLUMN news.events.span_start IS 'Where the passage starts, in Unicode scalars of the body.';
COMMENT ON COLUMN news.events.span_end IS 'Where it ends (exclusive).';
COMMENT ON COLUMN news.events.score IS 'How sure the classifier is, 0 to 1.';

CREATE VIEW news.reprints AS
SELECT g.reprint_id, g.original_article_id, m.article_id, m.kind, m.similarity, m.compared_with AS compared_with_article_id
FROM wireroom.reprint_group AS g JOIN wireroom.reprint_article AS m USING (reprint_id);
COMMENT ON VIEW news.reprints IS 'Articles that print the same text; one row per article of a group.';
COMMENT ON COLUMN news.reprints.reprint_id IS 'The group.';
COMMENT ON COLUMN news.reprints.original_article_id IS 'The earliest published of the group''s articles, as far as Wireroom could tell when they came; else the one that it had first.';
COMMENT ON COLUMN news.reprints.article_id IS 'The member.';
COMMENT ON COLUMN news.reprints.kind IS 'original, exact (the same words), near (lightly edited) or partial (an excerpt).';
COMMENT ON COLUMN news.reprints.similarity IS 'Share of common word sequences with the article it was compared with, 0 to 1.';
COMMENT ON COLUMN news.reprints.compared_with_article_id IS 'That article.';

CREATE VIEW news.stories AS
SELECT s.story_id, s.title,
       coalesce(s.first_published_at, min(a.first_seen_at)) AS first_published_at,
       coalesce(s.last_published_at, max(a.first_seen_at)) AS last_published_at,
       count(*) AS article_count,
       count(DISTINCT coalesce(a.source_id::text, a.site_name, h.name, a.url)) AS outlet_count,
       array_agg(DISTINCT a.language) FILTER (WHERE a.language IS NOT NULL) AS languages
FROM wireroom.story AS s
JOIN wireroom.story_article AS m USING (story_id)
JOIN wireroom.article AS a USING (article_id)
JOIN wireroom.url AS u ON u.url_id = a.url_id
LEFT JOIN wireroom.host AS h ON h.host_id = u.host_id
GROUP BY s.story_id;
COMMENT ON VIEW news.stories IS 'Affairs that articles of several outlets tell of.';
COMMENT ON COLUMN news.stories.story_id IS 'Number of the story.';
COMMENT ON COLUMN news.stories.title IS 'Headline of its first article that had one.';
COMMENT ON COLUMN news.stories.first_published_at IS 'When its first article was published; when no date of its articles is known, when Wireroom first had one.';
COMMENT ON COLUMN news.stories.last_published_at IS 'When its newest article was published; when no date of its articles is known, when Wireroom last got one.';
COMMENT ON COLUMN news.stories.article_count IS 'How many articles it has.';
COMMENT ON COLUMN news.stories.outlet_count IS 'By how many outlets.';
COMMENT ON COLUMN news.stories.languages IS 'In which languages.';

CREATE VIEW news.story_articles AS SELECT story_id, article_id, score, added_at FROM wireroom.story_article;
COMMENT ON VIEW news.story_articles IS 'Which articles belong to which story.';
COMMENT ON COLUMN news.story_articles.story_id IS 'The story.';
COMMENT ON COLUMN news.story_articles.article_id IS 'The article.';
COMMENT ON COLUMN news.story_articles.score IS 'How well it fitted when it joined, 0 to 1; 1 for the article that opened the story.';
COMMENT ON COLUMN news.story_articles.added_at IS 'When it joined.';

-- A row is shown once every transaction that started before its own has ended. So a reader that remembers the last
-- (position, change_id) it saw and asks for what is greater misses nothing that commits late.
CREATE VIEW news.changes AS
SELECT transaction_id::text::bigint AS position, change_id, changed_at, kind, article_id, story_id, revision
FROM wireroom.change
WHERE transaction_id < pg_snapshot_xmin(pg_current_snapshot());
COMMENT ON VIEW news.changes IS 'What changed, as a cursor without gaps: order by (position, change_id) and ask for what is greater than the last pair seen.';
COMMENT ON COLUMN news.changes.position IS 'First half of the cursor.';
COMMENT ON COLUMN news.changes.change_id IS 'Second half of the cursor.';
COMMENT ON COLUMN news.changes.changed_at IS 'When the change was made.';
COMMENT ON COLUMN news.changes.kind IS 'article or story.';
COMMENT ON COLUMN news.changes.article_id IS 'The article that was added or changed.';
COMMENT ON COLUMN news.changes.story_id IS 'The story that it belongs to.';
COMMENT ON COLUMN news.changes.revision IS 'The article''s revision.';

CREATE FUNCTION news.changes_after(after_position bigint, after_change_id bigint, maximum integer DEFAULT 1000)
RETURNS SETOF news.changes LANGUAGE sql STABLE AS $$
    SELECT c.transaction_id::text::bigint, c.change_id, c.changed_at, c.kind, c.article_id, c.story_id, c.revision
    FROM wireroom.change AS c
    WHERE (c.transaction_id, c.change_id) > (after_position::text::xid8, after_change_id)
      AND c.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY c.transaction_id, c.change_id
    LIMIT maximum
$$;
ALTER FUNCTION news.changes_after SECURITY DEFINER SET search_path = pg_catalog;
COMMENT ON FUNCTION news.changes_after IS 'The next changes after a cursor (0, 0 for all), by the index.';

-- Words of the reader become a query in the language's own configuration; a language that PostgreSQL has no dictionary
-- for is searched by whole words.
CREATE FUNCTION news.search(
    words text, in_language text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    from_source bigint DEFAULT NULL, maximum integer DEFAULT 20, skipped integer DEFAULT 0
) RETURNS TABLE (article_id bigint, rank real, title text, outlet text, url text, language text,
                 published_at timestamptz, story_id bigint, snippet text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH configuration AS MATERIALIZED (
        SELECT c.configuration, websearch_to_tsquery(c.configuration, words) AS query
        FROM (SELECT DISTINCT s.configuration FROM wireroom.search_configuration AS s) AS c
    ), hit AS (
        SELECT s.article_id, c.configuration, c.query, ts_rank_cd(s.document, c.query, 33) AS rank
        FROM configuration AS c
        JOIN wireroom.article_search AS s ON s.configuration = c.configuration AND s.document @@ c.query
        JOIN wireroom.article AS a USING (article_id)
        WHERE (in_language IS NULL OR s.language = in_language)
          AND (since IS NULL OR s.published_at >= since)
          AND (until IS NULL OR s.published_at < until)
          AND (from_source IS NULL OR a.source_id = from_source)
        ORDER BY rank DESC, s.published_at DESC NULLS LAST, s.article_id DESC
        LIMIT maximum OFFSET skipped
    )
    SELECT n.article_id, hit.rank, n.title, n.outlet, n.url, n.language, n.published_at, n.story_id,
           ts_headline(hit.configuration, n.body, hit.query, 'MaxFragments=1, MaxWords=30, MinWords=12')
    FROM hit JOIN news.articles AS n ON n.article_id = hit.article_id
    ORDER BY hit.rank DESC, n.published_at DESC NULLS LAST, n.article_id DESC
$$;
COMMENT ON FUNCTION news.search IS 'Full-text search: quoted phrases, OR, and -word as in web searches; best first; filters are optional.';

-- Rights --------------------------------------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA news TO wireroom_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA news TO wireroom_reader;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA news FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA news TO wireroom_reader;
REVOKE EXECUTE ON FUNCTION wireroom.make_partitions FROM PUBLIC;

GRANT USAGE ON SCHEMA wireroom TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
GRANT INSERT ON wireroom.stage_event, wireroom.quarantine TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
GRANT SELECT ON wireroom.stage_event, wireroom.schema_migration
    TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
GRANT SELECT, INSERT, UPDATE ON wireroom.worker TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
GRANT SELECT, UPDATE ON wireroom.url TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
GRANT SELECT ON wireroom.source, wireroom.host, wireroom.article, wireroom.search_configuration
    TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;

GRANT EXECUTE ON FUNCTION wireroom.make_partitions TO wireroom_crawl;
GRANT INSERT ON wireroom.url TO wireroom_crawl;
GRANT INSERT, UPDATE ON wireroom.host TO wireroom_crawl;
GRANT UPDATE ON wireroom.source TO wireroom_crawl;
GRANT SELECT, INSERT, UPDATE ON wireroom.capture TO wireroom_crawl;
GRANT USAGE ON SEQUENCE wireroom.capture_id_sequence TO wireroom_crawl;
GRANT SELECT, INSERT, UPDATE, DELETE ON wireroom.outbox TO wireroom_crawl;

GRANT SELECT ON wireroom.capture TO wireroom_parse;
GRANT INSERT, UPDATE ON wireroom.article TO wireroom_parse;
GRANT SELECT, INSERT ON wireroom.article_revision TO wireroom_parse;

GRANT UPDATE ON wireroom.article TO wireroom_classify, wireroom_index;
GRANT SELECT, INSERT, DELETE ON wireroom.article_topic, wireroom.article_place, wireroom.article_actor,
    wireroom.article_quote, wireroom.article_event TO wireroom_classify;

GRANT SELECT ON wireroom.article_topic, wireroom.article_place, wireroom.article_actor, wireroom.article_quote,
    wireroom.article_event TO wireroom_index;
GRANT SELECT, INSERT, UPDATE, DELETE ON wireroom.article_search, wireroom.reprint_signature, wireroom.reprint_band,
    wireroom.reprint_group, wireroom.reprint_article, wireroom.story, wireroom.story_article, wireroom.story_term,
    wireroom.term_frequency, wireroom.change TO wireroom_index;
