-- The private schema `wireroom`, the public contract `news`, and the roles that may use them.
-- Runs in one transaction under the migration lock; see docs/database.md.

CREATE SCHEMA IF NOT EXISTS wireroom;
CREATE SCHEMA news;
COMMENT ON SCHEMA wireroom IS 'Private tables of the Wireroom workers; may change at any time.';
COMMENT ON SCHEMA news IS 'The contract with downstream readers: documented views, changed only by addition.';

-- Roles belong to the whole server, so another database's migration may be making them at this moment.
DO $roles$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['wireroom_crawl', 'wireroom_parse', 'wireroom_classify', 'wireroom_index',
                                     'wireroom_reader'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$roles$;

-- Sources, hosts and the frontier -----------------------------------------------------------------------------------

CREATE TABLE wireroom.source (
    source_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    homepage text NOT NULL UNIQUE,
    language text,
    country text,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'removed')),
    allowed_hosts text[] NOT NULL DEFAULT '{}',
    include_patterns text[] NOT NULL DEFAULT '{}',
    exclude_patterns text[] NOT NULL DEFAULT '{}',
    maximum_age interval,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE wireroom.host (
    host_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    next_allowed_at timestamptz NOT NULL DEFAULT now(),
    last_response_ms integer,
    robots_text text,
    robots_status integer,
    robots_fetched_at timestamptz,
    robots_expires_at timestamptz,
    crawl_delay_ms integer,
    blocked_until timestamptz,
    blocked_reason text,
    backoff_level integer NOT NULL DEFAULT 0,
    last_incident_at timestamptz,
    lease_no bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    leased_by text,
    lease_claimed boolean NOT NULL DEFAULT false,
    is_paused boolean NOT NULL DEFAULT false,
    operator_delay_ms integer CHECK (operator_delay_ms >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN wireroom.host.lease_no IS 'Fence: grows with every lease; a worker whose number is older may write nothing.';

CREATE TABLE wireroom.url (
    url_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    identity bytea NOT NULL UNIQUE CHECK (octet_length(identity) = 16),
    url text NOT NULL,
    source_id bigint REFERENCES wireroom.source,
    host_id bigint REFERENCES wireroom.host,
    kind text NOT NULL CHECK (kind IN ('home', 'feed', 'sitemap', 'article', 'document')),
    lane smallint NOT NULL DEFAULT 0,
    priority smallint NOT NULL DEFAULT 0,
    due_at timestamptz,
    state text NOT NULL DEFAULT 'known'
        CHECK (state IN ('known', 'captured', 'parsed', 'classified', 'indexed', 'dropped', 'quarantined')),
    reason text,
    attempts integer NOT NULL DEFAULT 0,
    interval_seconds integer,
    etag text,
    last_modified text,
    last_status integer,
    last_error text,
    last_fetched_at timestamptz,
    last_digest bytea,
    last_capture_id bigint,
    items_seen integer,
    newest_item_at timestamptz,
    evidence jsonb,
    discovered_from bigint,
    discovered_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN wireroom.url.identity IS 'First 16 bytes of the hash of the canonical URL.';
COMMENT ON COLUMN wireroom.url.due_at IS 'When to fetch it (again); null when the scheduler has nothing to do with it.';
CREATE INDEX url_due ON wireroom.url (host_id, lane, priority, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX url_source ON wireroom.url (source_id, kind);
CREATE INDEX url_host_due ON wireroom.url (due_at, host_id) WHERE due_at IS NOT NULL;
-- A URL changes state a few times in its life: leave room on its page so that the change needs no new index entries.
ALTER TABLE wireroom.url SET (fillfactor = 80);

-- Captures: what was fetched or imported, stored once ----------------------------------------------------------------

CREATE SEQUENCE wireroom.capture_id_sequence;
CREATE TABLE wireroom.capture (
    captured_at timestamptz NOT NULL,
    capture_id bigint NOT NULL DEFAULT nextval('wireroom.capture_id_sequence'),
    url_id bigint NOT NULL,
    requested_url text NOT NULL,
    final_url text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('fetch', 'import')),
    fetched_at timestamptz NOT NULL,
    status integer,
    headers jsonb NOT NULL DEFAULT '[]',
    redirects jsonb NOT NULL DEFAULT '[]',
    remote_address text,
    content_type text,
    charset text,
    duration_ms integer,
    digest bytea NOT NULL,
    body_length integer NOT NULL,
    body bytea,
    codec text NOT NULL DEFAULT 'zstd' CHECK (codec IN ('zstd', 'revisit')),
    revisit_of bigint,
    evidence jsonb,
    PRIMARY KEY (captured_at, capture_id)
) PARTITION BY RANGE (captured_at);
-- The body is compressed already; a second attempt by the server only costs time.
ALTER TABLE wireroom.capture ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX capture_url ON wireroom.capture (url_id);
CREATE INDEX capture_id ON wireroom.capture (capture_id);
CREATE TABLE wireroom.capture_other PARTITION OF wireroom.capture DEFAULT;

CREATE FUNCTION wireroom.make_partitions(months_ahead integer DEFAULT 2) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    month timestamptz;
    made integer := 0;
BEGIN
    FOR step IN 0..months_ahead LOOP
        month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step)) AT TIME ZONE 'UTC';
        IF to_regclass(format('wireroom.capture_%s', to_char(month AT TIME ZONE 'UTC', 'YYYYMM'))) IS NULL THEN
            EXECUTE format('CREATE TABLE wireroom.capture_%s PARTITION OF wireroom.capture FOR VALUES FROM (%L) TO (%L)',
                to_char(month AT TIME ZONE 'UTC', 'YYYYMM'), month,
                (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION wireroom.make_partitions IS 'Makes the monthly partitions of captures from this month on; returns how many were made.';
SELECT wireroom.make_partitions();

-- Articles -----------------------------------------------------------------------------------------------------------

CREATE TABLE wireroom.article (
    article_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url_id bigint NOT NULL UNIQUE REFERENCES wireroom.url,
    source_id bigint REFERENCES wireroom.source,
    revision integer NOT NULL DEFAULT 1,
    capture_id bigint NOT NULL,
    captured_at timestamptz NOT NULL,
    url text NOT NULL,
    canonical_url text,
    title text,
    authors text[] NOT NULL DEFAULT '{}',
    published_at timestamptz,
    published_precision text CHECK (published_precision IN ('day', 'minute', 'second')),
    published_offset_seconds integer,
    modified_at timestamptz,
    language text,
    site_name text,
    section text,
    tags text[] NOT NULL DEFAULT '{}',
    lead_image text,
    original_source text,
    dateline text,
    body text NOT NULL,
    blocks jsonb NOT NULL,
    word_count integer NOT NULL,
    evidence jsonb NOT NULL DEFAULT '{}',
    parser_version integer NOT NULL,
    classifier_version integer,
    classified_revision integer,
    indexed_revision integer,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    parsed_at timestamptz NOT NULL DEFAULT now(),
    classified_at timestamptz,
    indexed_at timestamptz
);
CREATE INDEX article_published ON wireroom.article (published_at);
CREATE INDEX article_source ON wireroom.article (source_id, published_at);

CREATE TABLE wireroom.article_revision (
    article_id bigint NOT NULL REFERENCES wireroom.article ON DELETE CASCADE,
    revision integer NOT NULL,
    capture_id bigint NOT NULL,
    captured_at timestamptz NOT NULL,
    title text,
    authors text[] NOT NULL,
    published_at timestamptz,
    modified_at timestamptz,
    body text NOT NULL,
    parser_version integer NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (article_id, revision)
);

-- Annotations. Spans are offsets in Unicode scalars of the article's body, end exclusive.

CREATE TABLE wireroom.article_topic (
    article_id bigint NOT NULL REFERENCES wireroom.article ON DELETE CASCADE,
    code text NOT NULL,
    name text NOT NULL,
    score real NOT NULL,
    PRIMARY KEY (article_id, code)
);
CREATE INDEX article_topic_code ON wireroom.article_topic (code, article_id);

CREATE TABLE wireroom.article_place (
    article_id bigint NOT NULL REFERENCES wireroom.article ON DELETE CASCADE,
    ordinal integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    country_code text,
    geonames_id bigint,
    latitude double precision,
    longitude double precision,
    role text,
    score real,
    span_starts integer[] NOT NULL,
    span_ends integer[] NOT NULL,
    PRIMARY KEY (article_id, ordinal)
);
CREATE INDEX article_place_country ON wireroom.article_place (country_code, article_id);

CREATE TABLE wireroom.article_actor (
    article_id bigint NOT NULL REFERENCES wireroom.article ON DELETE CASCADE,
    ordinal integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    salience real,
    span_starts integer[] NOT NULL,
    span_ends integer[] NOT NULL,
    PRIMARY KEY (article_id, ordinal)
);
CREATE INDEX article_actor_name ON wireroom.article_actor (name, article_id);

CREATE TABLE wireroom.article_quote (
    article_id bigint NOT NULL REFERENCES wireroom.article ON DELETE CASCADE,
    ordinal integer NOT NULL,
    quote text NOT NULL,
    speaker text,
    cue text,
    span_start integer NOT NULL,
    span_end integer NOT NULL,
    speaker_start integer,
    speaker_end integer,
    PRIMARY KEY (article_id, ordinal)
);
CREATE INDEX article_quote_speaker ON wireroom.article_quote (speaker, article_id);

CREATE TABLE wireroom.article_event (
    article_id bigint NOT NULL REFERENCES wireroom.article ON DELETE CASCADE,
    ordinal integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    actor text,
    target text,
    trigger text,
    span_start integer NOT NULL,
    span_end integer NOT NULL,
    score real,
    PRIMARY KEY (article_id, ordinal)
);
CREATE INDEX article_event_code ON wireroom.article_event (code, article_id);

-- Index: search, reprints, stories -----------------------------------------------------------------------------------

CREATE TABLE wireroom.article_search (
    article_id bigint PRIMARY KEY REFERENCES wireroom.article ON DELETE CASCADE,
    revision integer NOT NULL,
    language text,
    configuration regconfig NOT NULL,
    published_at timestamptz,
    document tsvector NOT NULL
);
CREATE INDEX article_search_document ON wireroom.article_search USING gin (document);
CREATE INDEX article_search_published ON wireroom.article_search (published_at);

CREATE TABLE wireroom.search_configuration (
    language text PRIMARY KEY,
    configuration regconfig NOT NULL
);
COMMENT ON TABLE wireroom.search_configuration IS 'Which text search configuration serves which language; an empty language stands for all others.';
INSERT INTO wireroom.search_configuration (language, configuration)
SELECT language, ('pg_catalog.' || name)::regconfig
FROM (VALUES ('', 'simple'), ('ar', 'arabic'), ('ca', 'catalan'), ('da', 'danish'), ('de', 'german'), ('el', 'greek'),
             ('en', 'english'), ('es', 'spanish'), ('eu', 'basque'), ('fi', 'finnish'), ('fr', 'french'), ('ga', 'irish'),
             ('hi', 'hindi'), ('hu', 'hungarian'), ('hy', 'armenian'), ('id', 'indonesian'), ('it', 'italian'),
             ('lt', 'lithuanian'), ('ne', 'nepali'), ('nl', 'dutch'), ('no', 'norwegian'), ('nb', 'norwegian'),
             ('nn', 'norwegian'), ('pt', 'portuguese'), ('ro', 'romanian'), ('ru', 'russian'), ('sr', 'serbian'),
             ('sv', 'swedish'), ('ta', 'tamil'), ('tr', 'turkish'), ('yi', 'yiddish')) AS c (language, name)
WHERE EXISTS (SELECT 1 FROM pg_ts_config WHERE cfgname = c.name AND cfgnamespace = 'pg_catalog'::regnamespace);

CREATE TABLE wireroom.reprint_signature (
    article_id bigint PRIMARY KEY REFERENCES wireroom.article ON DELETE CASCADE,
    revision integer NOT NULL,
    signature bytea NOT NULL,
    seen_at timestamptz NOT NULL
);

CREATE TABLE wireroom.reprint_band (
    band bigint NOT NULL,
    article_id bigint NOT NULL REFERENCES wireroom.article ON DELETE CASCADE,
    PRIMARY KEY (band, article_id)
);
CREATE INDEX reprint_band_article ON wireroom.reprint_band (article_id);

CREATE TABLE wireroom.reprint_group (
    reprint_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    original_article_id bigint NOT NULL REFERENCES wireroom.article ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE wireroom.reprint_article (
    article_id bigint PRIMARY KEY REFERENCES wireroom.article ON DELETE CASCADE,
    reprint_id bigint NOT NULL REFERENCES wireroom.reprint_group ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('original', 'exact', 'near', 'partial')),
    similarity real NOT NULL,
    compared_with bigint,
    added_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reprint_article_group ON wireroom.reprint_article (reprint_id);

CREATE TABLE wireroom.story (
    story_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text,
    first_published_at timestamptz NOT NULL,
    last_published_at timestamptz NOT NULL,
    article_count integer NOT NULL DEFAULT 0,
    features jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX story_last ON wireroom.story (last_published_at);

CREATE TABLE wireroom.story_article (
    article_id bigint PRIMARY KEY REFERENCES wireroom.article ON DELETE CASCADE,
    story_id bigint NOT NULL REFERENCES wireroom.story ON DELETE CASCADE,
    score real NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX story_article_story ON wireroom.story_article (story_id);

CREATE TABLE wireroom.story_term (
    term text NOT NULL,
    story_id bigint NOT NULL REFERENCES wireroom.story ON DELETE CASCADE,
    weight real NOT NULL,
    PRIMARY KEY (term, story_id)
);
CREATE INDEX story_term_story ON wireroom.story_term (story_id);

CREATE TABLE wireroom.term_frequency (
    term text PRIMARY KEY,
    article_count bigint NOT NULL
);
COMMENT ON TABLE wireroom.term_frequency IS 'In how many indexed articles a term was seen: the weights of the story grouping.';

-- The ledger, the quarantine, the outbox, the change feed ------------------------------------------------------------

CREATE TABLE wireroom.stage_event (
    stage_event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    stage text NOT NULL,
    message_id text NOT NULL,
    round integer NOT NULL,
    url_id bigint,
    outcome text NOT NULL CHECK (outcome IN ('done', 'drop', 'retry', 'snooze', 'quarantine')),
    reason text,
    detail text,
    attempt integer NOT NULL,
    duration_ms integer,
    worker text NOT NULL,
    version text NOT NULL,
    UNIQUE (stage, message_id, round)
);
COMMENT ON COLUMN wireroom.stage_event.round IS 'Attempts and snoozes so far: a message that comes twice is counted once.';
CREATE INDEX stage_event_url ON wireroom.stage_event (url_id, stage_event_id);

CREATE TABLE wireroom.quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stage text NOT NULL,
    message_id text NOT NULL,
    round integer NOT NULL,
    url_id bigint,
    reason text NOT NULL,
    detail text,
    first_error text,
    attempts integer NOT NULL,
    worker text,
    message jsonb,
    raw bytea,
    headers jsonb NOT NULL DEFAULT '{}',
    quarantined_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'retried', 'dropped')),
    resolved_at timestamptz,
    resolved_by text,
    UNIQUE (stage, message_id, round)
);
CREATE INDEX quarantine_held ON wireroom.quarantine (stage, reason) WHERE state = 'held';
CREATE INDEX quarantine_url ON wireroom.quarantine (url_id);

CREATE TABLE wireroom.outbox (
    message_id text PRIMARY KEY,
    stage text NOT NULL,
    message jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE wireroom.outbox IS 'Messages that belong to committed rows and that the broker has not confirmed yet.';
CREATE INDEX outbox_created ON wireroom.outbox (created_at);

CREATE TABLE wireroom.change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL CHECK (kind IN ('article', 'story')),
    article_id bigint,
    story_id bigint,
    revision integer
);
CREATE INDEX change_position ON wireroom.change (transaction_id, change_id);

CREATE TABLE wireroom.worker (
    worker text PRIMARY KEY,
    stage text NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    stopped_at timestamptz,
    status jsonb NOT NULL DEFAULT '{}'
);
