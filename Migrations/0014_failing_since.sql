-- Since when a feed, sitemap or watched page has failed: its last error alone does not tell a bad minute from a bad month.

ALTER TABLE wireroom.url ADD COLUMN failing_since timestamptz;
COMMENT ON COLUMN wireroom.url.failing_since IS
    'Of a feed, sitemap or watched page: the first of the looks that have failed since one went well; null while all is well, and where it failed already when this column came.';
