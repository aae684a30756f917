-- Long values are compressed by LZ4 where the server has it (--with-lz4, as Debian's and the official images are built):
-- its own pglz takes several times the processor for texts of some kilobytes, and every article has four of them. Values that
-- are there already stay as they are and can be read as before.

DO $$
DECLARE
    place record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        RAISE NOTICE 'this server has no LZ4; long values go on being compressed by pglz';
        RETURN;
    END IF;
    FOR place IN
        SELECT * FROM (VALUES
            ('article', 'body'), ('article', 'blocks'), ('article_revision', 'body'), ('article_search', 'document'),
            ('story', 'features'), ('capture', 'headers')) AS p (relation, attribute)
    LOOP
        EXECUTE format('ALTER TABLE wireroom.%I ALTER COLUMN %I SET COMPRESSION lz4', place.relation, place.attribute);
    END LOOP;
END
$$;
