-- Documents that are imported without a date have no time: the day of the import says nothing about them. Stories and
-- texts remember only the times that are known.

ALTER TABLE wireroom.story
    ALTER COLUMN first_published_at DROP NOT NULL,
    ALTER COLUMN last_published_at DROP NOT NULL,
    ADD COLUMN undated_count integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN wireroom.story.title IS 'Headline of the first article that had one.';
COMMENT ON COLUMN wireroom.story.first_published_at IS 'The earliest known time of its articles; null while none is known.';
COMMENT ON COLUMN wireroom.story.undated_count IS 'How many of its articles have no known time. A small story with such articles may be grouped anew.';
COMMENT ON COLUMN wireroom.story.last_published_at IS 'The latest known time of its articles; null while none is known.';

ALTER TABLE wireroom.reprint_signature ALTER COLUMN seen_at DROP NOT NULL;
COMMENT ON COLUMN wireroom.reprint_signature.seen_at IS 'When the article appeared; null where unknown. Texts are compared within a window of it.';

COMMENT ON TABLE wireroom.story_term IS 'Under which terms each story is found: the heaviest of its features. A term is the hash of a word''s beginning, in base 36.';
COMMENT ON TABLE wireroom.term_frequency IS 'How many stories used a term: the weights of the story grouping. A term is the hash of a word''s beginning, in base 36; the empty one counts the stories.';

-- What was indexed before with the day of the import.
UPDATE wireroom.reprint_signature AS r SET seen_at = NULL
FROM wireroom.article AS a JOIN wireroom.url AS u USING (url_id)
WHERE a.article_id = r.article_id AND a.published_at IS NULL AND u.kind = 'document';

UPDATE wireroom.story AS s SET first_published_at = t.first, last_published_at = t.last, undated_count = t.undated
FROM (
    SELECT m.story_id, min(k.time) AS first, max(k.time) AS last, count(*) - count(k.time) AS undated
    FROM wireroom.story_article AS m
    JOIN wireroom.article AS a USING (article_id)
    JOIN wireroom.url AS u USING (url_id)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.published_at IS NOT NULL THEN least(a.published_at, a.first_seen_at + interval '1 day')
                    WHEN u.kind <> 'document' THEN a.first_seen_at END AS time
    ) AS k
    GROUP BY m.story_id
    HAVING bool_or(a.published_at IS NULL AND u.kind = 'document')
) AS t
WHERE s.story_id = t.story_id;
