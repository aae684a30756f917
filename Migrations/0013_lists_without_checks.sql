-- The lists by which reprints and stories are found have dozens of rows for an article, and checking each of them against the
-- article's or story's row took as long as writing them. The index stage writes them in the transaction in which it has locked
-- that row, so that there is nothing to check; what it wrote goes with the row, as before.

-- In the order in which the index stage takes them: with a worker at work each would wait for the other otherwise.
LOCK TABLE wireroom.article, wireroom.story, wireroom.reprint_band, wireroom.story_term IN ACCESS EXCLUSIVE MODE;
ALTER TABLE wireroom.reprint_band DROP CONSTRAINT reprint_band_article_id_fkey;
ALTER TABLE wireroom.story_term DROP CONSTRAINT story_term_story_id_fkey;

CREATE FUNCTION wireroom.remove_bands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM wireroom.reprint_band WHERE article_id IN (SELECT article_id FROM gone);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION wireroom.remove_bands FROM PUBLIC;
COMMENT ON FUNCTION wireroom.remove_bands IS 'Removes the reprint bands of articles that are deleted.';
CREATE TRIGGER article_bands AFTER DELETE ON wireroom.article REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION wireroom.remove_bands();

CREATE FUNCTION wireroom.remove_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM wireroom.story_term WHERE story_id IN (SELECT story_id FROM gone);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION wireroom.remove_terms FROM PUBLIC;
COMMENT ON FUNCTION wireroom.remove_terms IS 'Removes the terms of stories that are deleted.';
CREATE TRIGGER story_terms AFTER DELETE ON wireroom.story REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION wireroom.remove_terms();
