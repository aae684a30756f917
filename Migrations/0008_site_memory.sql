-- What repeats across the pages of a site, and what operators say of a source's pages.

CREATE TABLE wireroom.site_page (
    url_id bigint PRIMARY KEY REFERENCES wireroom.url ON DELETE CASCADE,
    site text NOT NULL,
    content_key bigint NOT NULL,
    fingerprints bigint[] NOT NULL,
    seen_at timestamptz NOT NULL
);
CREATE INDEX site_page_site ON wireroom.site_page (site, seen_at DESC);
COMMENT ON TABLE wireroom.site_page IS 'What the parse stage remembers of the newest articles of each site, so that text that stands on several of them is known as the site''s own.';
COMMENT ON COLUMN wireroom.site_page.site IS 'The registrable host of the page''s address.';
COMMENT ON COLUMN wireroom.site_page.content_key IS 'Fingerprint of the article''s title, or of its longest block where it has none: pages that share it are one article.';
COMMENT ON COLUMN wireroom.site_page.fingerprints IS 'Fingerprints of the page''s blocks: text without digits, and place.';
COMMENT ON COLUMN wireroom.site_page.seen_at IS 'When the capture was stored. The newest 48 pages of a site are kept, for 90 days at most.';

CREATE TABLE wireroom.extraction_rule (
    rule_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id bigint NOT NULL REFERENCES wireroom.source ON DELETE CASCADE,
    action text NOT NULL,
    selector text NOT NULL CHECK (selector <> ''),
    valid_from timestamptz,
    valid_until timestamptz,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until)
);
CREATE INDEX extraction_rule_source ON wireroom.extraction_rule (source_id);
COMMENT ON TABLE wireroom.extraction_rule IS 'What operators say of the pages of a source; `wireroom rule` writes it, the parse stage reads it.';
COMMENT ON COLUMN wireroom.extraction_rule.action IS 'drop, keep, title or author.';
COMMENT ON COLUMN wireroom.extraction_rule.valid_from IS 'The rule holds for pages fetched from then on; null from the beginning.';
COMMENT ON COLUMN wireroom.extraction_rule.valid_until IS 'The rule holds for pages fetched before then; null without end.';

GRANT SELECT, INSERT, UPDATE, DELETE ON wireroom.site_page TO wireroom_parse;
GRANT SELECT ON wireroom.extraction_rule TO wireroom_parse;
