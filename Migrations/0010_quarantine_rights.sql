-- A worker puts a message into quarantine by an upsert, because a copy may be there already. That needs the rights to read
-- the key and the new values, and to change what is set; with the right to insert alone the worker ended with an error.
GRANT SELECT (stage, message_id, round, url_id, reason, detail),
    UPDATE (state, resolved_at, resolved_by, reason, detail, quarantined_at) ON wireroom.quarantine
    TO wireroom_crawl, wireroom_parse, wireroom_classify, wireroom_index;
