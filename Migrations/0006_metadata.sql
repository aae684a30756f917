-- More of what a page says of itself: the AMP version, whether the text is for subscribers, the zone and the precision of the
-- last change, and where each field comes from.

ALTER TABLE wireroom.article
    ADD COLUMN modified_precision text,
    ADD COLUMN modified_offset_seconds integer,
    ADD COLUMN amp_url text,
    ADD COLUMN is_paywalled boolean;
COMMENT ON COLUMN wireroom.article.evidence IS 'Field name to {source, sources, agreement}: the heaviest source of the value, all that give it, and the share of the votes that they have.';

CREATE OR REPLACE VIEW news.articles AS
SELECT a.article_id, a.url, a.canonical_url, a.source_id,
       coalesce(a.site_name, s.name, h.name) AS outlet,
       a.title, a.authors, a.published_at, a.published_precision, a.modified_at, a.language, a.section, a.tags,
       a.lead_image, a.original_source, a.dateline, a.body, a.blocks, a.word_count, a.revision,
       a.first_seen_at, a.indexed_at, r.reprint_id, sa.story_id,
       a.published_offset_seconds, a.modified_precision, a.modified_offset_seconds, a.amp_url, a.is_paywalled, a.evidence
FROM wireroom.article AS a
LEFT JOIN wireroom.source AS s USING (source_id)
LEFT JOIN wireroom.url AS u ON u.url_id = a.url_id
LEFT JOIN wireroom.host AS h ON h.host_id = u.host_id
LEFT JOIN wireroom.reprint_article AS r ON r.article_id = a.article_id
LEFT JOIN wireroom.story_article AS sa ON sa.article_id = a.article_id
WHERE a.indexed_revision IS NOT NULL;
COMMENT ON COLUMN news.articles.published_offset_seconds IS 'How far the outlet''s clock was ahead of UTC at publication; null where the page does not say.';
COMMENT ON COLUMN news.articles.modified_precision IS 'day, minute or second; for day, modified_at is the start of that day in UTC.';
COMMENT ON COLUMN news.articles.modified_offset_seconds IS 'How far the outlet''s clock was ahead of UTC at the last change; null where the page does not say.';
COMMENT ON COLUMN news.articles.amp_url IS 'Address of the AMP version, where the page names one.';
COMMENT ON COLUMN news.articles.is_paywalled IS 'Whether readers must pay for the whole text; null where the page does not say.';
COMMENT ON COLUMN news.articles.evidence IS 'Where each field comes from: field name to {source, sources, agreement}; agreement is the share, 0 to 1, of the votes of all sources that the value has.';
