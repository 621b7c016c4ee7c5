-- The tables. Times are UTC, ISO 8601; `published` is the calendar day as printed; "start" and "end" count
-- characters of the article's text. What must hold inside one row is said here, what holds between rows in 0002.

PRAGMA application_id = 1869509221;  -- "onre": tells our file from another program's (see pipelines/schema.py)

-- Who --------------------------------------------------------------------------------------------------------------

CREATE TABLE organisations (
    id INTEGER PRIMARY KEY,
    slug TEXT UNIQUE,  -- the id in data/organisations.csv; null for a body that only a text names
    name TEXT NOT NULL UNIQUE,
    kind TEXT,
    gss_code TEXT,
    valid_from TEXT,
    valid_to TEXT,
    successor TEXT CHECK (json_type(successor) = 'array'),  -- slugs
    confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1))
) STRICT;

CREATE TABLE organisation_aliases (
    organisation_id INTEGER NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    alias TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('name', 'acronym', 'place')),
    PRIMARY KEY (alias, kind, organisation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX organisation_aliases_organisation ON organisation_aliases (organisation_id);

-- Kept by triggers, so that no page counts a million rows.
CREATE TABLE organisation_counts (
    organisation_id INTEGER PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    quotes INTEGER NOT NULL DEFAULT 0,
    to_review INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    corrected INTEGER NOT NULL DEFAULT 0,
    stances INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,  -- the name in lower-case letters and digits
    gender TEXT CHECK (gender IN ('f', 'm')),
    organisation_id INTEGER REFERENCES organisations (id)
) STRICT;
-- The same name at the same body is one person, at another body another person.
CREATE UNIQUE INDEX people_identity ON people (name_key, ifnull(organisation_id, 0));
CREATE INDEX people_organisation ON people (organisation_id);

-- Where from -------------------------------------------------------------------------------------------------------

CREATE TABLE sources (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    publisher_id INTEGER REFERENCES organisations (id),  -- the body whose own site it is
    home TEXT,
    verified TEXT,
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    reason TEXT,  -- why it is not enabled
    terms TEXT,
    hosts TEXT NOT NULL DEFAULT '[]' CHECK (json_type(hosts) = 'array'),
    floor INTEGER NOT NULL DEFAULT 0 CHECK (floor >= 0)  -- fewer items listed than this is an error
) STRICT;
CREATE INDEX sources_publisher ON sources (publisher_id);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    ended TEXT,  -- null: still running, or killed
    version TEXT NOT NULL,
    verdict TEXT CHECK (verdict IN ('ok', 'partial', 'failed', 'interrupted')),
    exit_code INTEGER
) STRICT;

CREATE TABLE run_sources (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    listed INTEGER NOT NULL DEFAULT 0,
    fetched INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    off_topic INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    quotes INTEGER NOT NULL DEFAULT 0,  -- new ones
    verdict TEXT CHECK (
        verdict IN ('ok', 'empty', 'suspicious', 'blocked', 'robots', 'budget', 'failed', 'partial', 'skipped')
    ),
    note TEXT,
    PRIMARY KEY (run_id, source_id)
) STRICT;
CREATE INDEX run_sources_source ON run_sources (source_id, run_id);

-- What was said ----------------------------------------------------------------------------------------------------

CREATE TABLE stories (
    id INTEGER PRIMARY KEY,
    title TEXT,
    first_published TEXT,
    last_published TEXT,
    articles INTEGER NOT NULL,
    outlets INTEGER NOT NULL
) STRICT;
CREATE INDEX stories_outlets ON stories (outlets);

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,  -- canonical
    source_id TEXT REFERENCES sources (id),  -- null: added by hand
    publisher_id INTEGER REFERENCES organisations (id),
    kind TEXT NOT NULL CHECK (kind IN ('article', 'press-release', 'report-summary', 'blog', 'other')),
    title TEXT,
    standfirst TEXT,
    byline TEXT,
    published TEXT CHECK (published IS date(published, '+0 days')),
    date_method TEXT,
    body_method TEXT NOT NULL,
    text TEXT NOT NULL CHECK (instr(text, char(0)) = 0),  -- SQLite's length() and substr() stop at a NUL
    text_hash TEXT NOT NULL,
    words INTEGER NOT NULL,
    block_quotes TEXT NOT NULL DEFAULT '[]' CHECK (json_type(block_quotes) = 'array'),  -- [[start, end], ...]
    relevance REAL,
    story_id INTEGER REFERENCES stories (id) ON DELETE SET NULL,
    first_seen TEXT NOT NULL,
    seen_from TEXT NOT NULL,  -- since when the text is as it is now
    extractor TEXT,
    extracted_at TEXT,  -- when extraction last ran over this text; null: it has not yet
    extraction_error TEXT  -- why it gave nothing
) STRICT;
CREATE INDEX articles_source ON articles (source_id, published);
CREATE INDEX articles_published ON articles (published);
CREATE INDEX articles_publisher ON articles (publisher_id);
CREATE INDEX articles_story ON articles (story_id);
CREATE INDEX articles_text_hash ON articles (text_hash);
CREATE INDEX articles_awaiting_extraction ON articles (id) WHERE extracted_at IS NULL;

CREATE TABLE article_versions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    title TEXT,
    text TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    seen_from TEXT NOT NULL,
    replaced_at TEXT NOT NULL
) STRICT;
CREATE INDEX article_versions_article ON article_versions (article_id);

-- Every address ever listed or fetched: the crawl's memory of what is done.
CREATE TABLE pages (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,  -- canonical
    source_id TEXT REFERENCES sources (id),
    role TEXT NOT NULL CHECK (role IN ('listing', 'article')),
    article_id INTEGER REFERENCES articles (id) ON DELETE SET NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    checked_at TEXT,
    etag TEXT,
    last_modified TEXT,
    status INTEGER,  -- HTTP; null: listed and not fetched yet; 0: no answer
    attempts INTEGER NOT NULL DEFAULT 0,
    body_hash TEXT,
    fingerprint TEXT,  -- hash of what the listing said of it: another one means fetch again
    listed TEXT NOT NULL DEFAULT '{}' CHECK (json_type(listed) = 'object'),
    archive_file TEXT,
    archive_offset INTEGER,
    note TEXT,
    pending INTEGER NOT NULL GENERATED ALWAYS AS (status IS NULL OR status = 0 OR status >= 400) VIRTUAL,
    CHECK ((archive_file IS NULL) = (archive_offset IS NULL))
) STRICT;
CREATE INDEX pages_pending ON pages (source_id, attempts) WHERE pending;
CREATE INDEX pages_source ON pages (source_id, role, last_seen);
CREATE INDEX pages_article ON pages (article_id);

-- One row for each person an article names: who they are there.
CREATE TABLE appointments (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people (id),
    organisation_id INTEGER REFERENCES organisations (id),
    role TEXT,
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    rule TEXT NOT NULL
) STRICT;
CREATE INDEX appointments_article ON appointments (article_id);
CREATE INDEX appointments_person ON appointments (person_id);
CREATE INDEX appointments_organisation ON appointments (organisation_id);

CREATE TABLE mentions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL CHECK (start >= 0),
    "end" INTEGER NOT NULL,
    organisation_id INTEGER REFERENCES organisations (id),
    person_id INTEGER REFERENCES people (id),
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    rule TEXT NOT NULL,
    CHECK (start < "end"),
    CHECK ((organisation_id IS NULL) <> (person_id IS NULL))
) STRICT;
CREATE INDEX mentions_article ON mentions (article_id);
CREATE INDEX mentions_organisation ON mentions (organisation_id);
CREATE INDEX mentions_person ON mentions (person_id);

CREATE TABLE quotes (
    id INTEGER PRIMARY KEY,
    quote_key TEXT NOT NULL UNIQUE,  -- the quote, whatever extraction makes of it: reviews hold on to it
    text_key TEXT NOT NULL,  -- the words, wherever they stand
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL CHECK (start >= 0),
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    form TEXT NOT NULL CHECK (form IN ('direct', 'partial', 'document')),
    cue TEXT,
    speaker_text TEXT,
    person_id INTEGER REFERENCES people (id),
    role TEXT,
    organisation_id INTEGER REFERENCES organisations (id),
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    rule TEXT NOT NULL,
    published TEXT,  -- the article's, so that the latest of a body is one step in an index
    review_status TEXT CHECK (review_status IN ('accepted', 'rejected', 'corrected')),  -- null: to review
    CHECK (start < "end" AND length(text) = "end" - start)
) STRICT;
CREATE INDEX quotes_article ON quotes (article_id);
CREATE INDEX quotes_text ON quotes (text_key, article_id);
CREATE INDEX quotes_person ON quotes (person_id, published);
CREATE INDEX quotes_organisation ON quotes (organisation_id, published);
CREATE INDEX quotes_to_review ON quotes (organisation_id, id) WHERE review_status IS NULL;

CREATE TABLE figures (
    id INTEGER PRIMARY KEY,
    figure_key TEXT NOT NULL UNIQUE,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL CHECK (start >= 0),
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    value REAL NOT NULL,
    high REAL,
    unit TEXT NOT NULL CHECK (
        unit IN ('count', 'percent', 'fraction', 'gbp', 'years', 'months', 'weeks', 'days', 'ratio', 'rank')
    ),
    unit_text TEXT,
    of TEXT,
    qualifier TEXT CHECK (qualifier IN ('approx', 'at_least', 'at_most', 'over', 'under')),
    change TEXT CHECK (change IN ('increase', 'decrease')),
    base_value REAL,
    population REAL,
    period TEXT,
    quote_id INTEGER REFERENCES quotes (id) ON DELETE SET NULL,
    person_id INTEGER REFERENCES people (id),
    organisation_id INTEGER REFERENCES organisations (id),
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    rule TEXT NOT NULL,
    CHECK (start < "end" AND length(text) = "end" - start)
) STRICT;
CREATE INDEX figures_article ON figures (article_id);
CREATE INDEX figures_quote ON figures (quote_id);
CREATE INDEX figures_person ON figures (person_id);
CREATE INDEX figures_organisation ON figures (organisation_id);

-- `text` is the evidence. Topics are those of data/lexicon, so that a new one needs no migration.
CREATE TABLE stances (
    id INTEGER PRIMARY KEY,
    stance_key TEXT NOT NULL UNIQUE,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL CHECK (start >= 0),
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    topic TEXT NOT NULL,
    polarity TEXT NOT NULL CHECK (polarity IN ('supportive', 'critical', 'mixed', 'neutral')),
    person_id INTEGER REFERENCES people (id),
    organisation_id INTEGER REFERENCES organisations (id),
    quote_id INTEGER REFERENCES quotes (id) ON DELETE SET NULL,
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    rule TEXT NOT NULL,
    CHECK (start < "end" AND length(text) = "end" - start)
) STRICT;
CREATE INDEX stances_article ON stances (article_id);
CREATE INDEX stances_quote ON stances (quote_id);
CREATE INDEX stances_person ON stances (person_id);
CREATE INDEX stances_holder ON stances (organisation_id, person_id, topic, polarity);

-- What is true, and what people decided -------------------------------------------------------------------------------

CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisations (id),
    framework TEXT NOT NULL,
    judgment TEXT NOT NULL,
    grade TEXT,  -- null: the framework gives none (councils have no overall grade since April 2026)
    published TEXT NOT NULL CHECK (published IS date(published, '+0 days')),
    source TEXT NOT NULL,
    UNIQUE (organisation_id, framework, judgment, published)
) STRICT;

CREATE TABLE figure_checks (
    figure_id INTEGER PRIMARY KEY REFERENCES figures (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'contradicted', 'uncheckable')),
    expected REAL,
    why TEXT NOT NULL
) STRICT;
CREATE INDEX figure_checks_verdict ON figure_checks (verdict);

-- Decisions, append-only. No foreign key: a decision outlives the record it was made on, with the words it was made on.
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_kind TEXT NOT NULL CHECK (item_kind IN ('quote', 'figure', 'stance')),
    item_key TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'rejected', 'corrected', 'reopened')),
    corrected TEXT CHECK (json_type(corrected) = 'object'),  -- fields as they should be
    reviewer TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT,
    text TEXT NOT NULL,
    context TEXT,
    CHECK ((decision = 'corrected') = (corrected IS NOT NULL))
) STRICT;
CREATE INDEX reviews_item ON reviews (item_kind, item_key);
