-- Decisions on quotes, figures and stances alike. What a rule has said stays in its columns; what readers are shown
-- (the columns `shown_…`) is the correction, where there is one.

-- Reviews keep what was seen, so that they can be read, counted and found a new place without the record. -------------

ALTER TABLE reviews ADD COLUMN url TEXT;  -- the article's
ALTER TABLE reviews ADD COLUMN context_start INTEGER CHECK (context_start >= 0);  -- where in `context` the words begin
ALTER TABLE reviews ADD COLUMN record TEXT CHECK (json_type(record) = 'object');  -- what the rule said
ALTER TABLE reviews ADD COLUMN rule TEXT;  -- the record's, then
ALTER TABLE reviews ADD COLUMN confidence REAL;
-- read: by a person; rule: accepted unread with all others of its rule; moved: from a record whose words moved.
ALTER TABLE reviews ADD COLUMN how TEXT NOT NULL DEFAULT 'read' CHECK (how IN ('read', 'rule', 'moved'));
ALTER TABLE reviews ADD COLUMN undoes INTEGER REFERENCES reviews (id);
ALTER TABLE reviews ADD COLUMN moved_from TEXT CHECK ((moved_from IS NULL) = (how <> 'moved'));  -- an item_key
-- Whom a correction names must not go, though no article names them: so the foreign keys.
ALTER TABLE reviews ADD COLUMN person_id INTEGER REFERENCES people (id)
    GENERATED ALWAYS AS (corrected ->> 'person_id') VIRTUAL;
ALTER TABLE reviews ADD COLUMN organisation_id INTEGER REFERENCES organisations (id)
    GENERATED ALWAYS AS (corrected ->> 'organisation_id') VIRTUAL;
CREATE INDEX reviews_person ON reviews (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX reviews_organisation ON reviews (organisation_id) WHERE organisation_id IS NOT NULL;
CREATE INDEX reviews_undoes ON reviews (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX reviews_moved ON reviews (item_kind, moved_from) WHERE moved_from IS NOT NULL;
CREATE INDEX reviews_rule ON reviews (item_kind, rule, item_key);

-- Status, correction, and what is shown. ------------------------------------------------------------------------------

-- A correction holds the fields that the rule got wrong, and no others.
ALTER TABLE quotes ADD COLUMN correction TEXT CHECK (json_type(correction) = 'object');
ALTER TABLE quotes ADD COLUMN shown_start INTEGER
    GENERATED ALWAYS AS (ifnull(correction ->> 'start', start)) VIRTUAL;
ALTER TABLE quotes ADD COLUMN shown_end INTEGER
    GENERATED ALWAYS AS (ifnull(correction ->> 'end', "end")) VIRTUAL;
ALTER TABLE quotes ADD COLUMN shown_text TEXT
    GENERATED ALWAYS AS (ifnull(correction ->> 'text', text)) VIRTUAL;
ALTER TABLE quotes ADD COLUMN shown_person_id INTEGER
    GENERATED ALWAYS AS (iif(json_type(correction, '$.person_id') IS NULL, person_id, correction ->> 'person_id'))
    VIRTUAL;
ALTER TABLE quotes ADD COLUMN shown_role TEXT
    GENERATED ALWAYS AS (iif(json_type(correction, '$.role') IS NULL, role, correction ->> 'role')) VIRTUAL;
ALTER TABLE quotes ADD COLUMN shown_organisation_id INTEGER
    GENERATED ALWAYS AS (
        iif(json_type(correction, '$.organisation_id') IS NULL, organisation_id, correction ->> 'organisation_id')
    ) VIRTUAL;

ALTER TABLE figures ADD COLUMN review_status TEXT CHECK (review_status IN ('accepted', 'rejected', 'corrected'));
ALTER TABLE figures ADD COLUMN correction TEXT CHECK (json_type(correction) = 'object');
ALTER TABLE figures ADD COLUMN shown_start INTEGER
    GENERATED ALWAYS AS (ifnull(correction ->> 'start', start)) VIRTUAL;
ALTER TABLE figures ADD COLUMN shown_end INTEGER
    GENERATED ALWAYS AS (ifnull(correction ->> 'end', "end")) VIRTUAL;
ALTER TABLE figures ADD COLUMN shown_text TEXT
    GENERATED ALWAYS AS (ifnull(correction ->> 'text', text)) VIRTUAL;
ALTER TABLE figures ADD COLUMN shown_value REAL
    GENERATED ALWAYS AS (ifnull(correction ->> 'value', value)) VIRTUAL;
ALTER TABLE figures ADD COLUMN shown_unit TEXT
    GENERATED ALWAYS AS (ifnull(correction ->> 'unit', unit)) VIRTUAL;
ALTER TABLE figures ADD COLUMN shown_of TEXT
    GENERATED ALWAYS AS (iif(json_type(correction, '$.of') IS NULL, of, correction ->> 'of')) VIRTUAL;
ALTER TABLE figures ADD COLUMN shown_qualifier TEXT
    GENERATED ALWAYS AS (iif(json_type(correction, '$.qualifier') IS NULL, qualifier, correction ->> 'qualifier'))
    VIRTUAL;
ALTER TABLE figures ADD COLUMN shown_change TEXT
    GENERATED ALWAYS AS (iif(json_type(correction, '$.change') IS NULL, change, correction ->> 'change')) VIRTUAL;

ALTER TABLE stances ADD COLUMN review_status TEXT CHECK (review_status IN ('accepted', 'rejected', 'corrected'));
ALTER TABLE stances ADD COLUMN correction TEXT CHECK (json_type(correction) = 'object');
ALTER TABLE stances ADD COLUMN shown_start INTEGER
    GENERATED ALWAYS AS (ifnull(correction ->> 'start', start)) VIRTUAL;
ALTER TABLE stances ADD COLUMN shown_end INTEGER
    GENERATED ALWAYS AS (ifnull(correction ->> 'end', "end")) VIRTUAL;
ALTER TABLE stances ADD COLUMN shown_text TEXT
    GENERATED ALWAYS AS (ifnull(correction ->> 'text', text)) VIRTUAL;
ALTER TABLE stances ADD COLUMN shown_topic TEXT
    GENERATED ALWAYS AS (ifnull(correction ->> 'topic', topic)) VIRTUAL;
ALTER TABLE stances ADD COLUMN shown_polarity TEXT
    GENERATED ALWAYS AS (ifnull(correction ->> 'polarity', polarity)) VIRTUAL;
ALTER TABLE stances ADD COLUMN shown_organisation_id INTEGER
    GENERATED ALWAYS AS (
        iif(json_type(correction, '$.organisation_id') IS NULL, organisation_id, correction ->> 'organisation_id')
    ) VIRTUAL;

UPDATE quotes
SET correction = (
    SELECT corrected FROM reviews WHERE item_kind = 'quote' AND item_key = quote_key ORDER BY id DESC LIMIT 1
)
WHERE review_status = 'corrected';

-- The last decision is the status, and a record that comes back gets it back. -----------------------------------------

DROP TRIGGER reviews_decide;
CREATE TRIGGER reviews_decide_quote AFTER INSERT ON reviews
WHEN new.item_kind = 'quote'
BEGIN
    UPDATE quotes SET review_status = nullif(new.decision, 'reopened'), correction = new.corrected
    WHERE quote_key = new.item_key;
END;
CREATE TRIGGER reviews_decide_figure AFTER INSERT ON reviews
WHEN new.item_kind = 'figure'
BEGIN
    UPDATE figures SET review_status = nullif(new.decision, 'reopened'), correction = new.corrected
    WHERE figure_key = new.item_key;
END;
CREATE TRIGGER reviews_decide_stance AFTER INSERT ON reviews
WHEN new.item_kind = 'stance'
BEGIN
    UPDATE stances SET review_status = nullif(new.decision, 'reopened'), correction = new.corrected
    WHERE stance_key = new.item_key;
END;

DROP TRIGGER quotes_remember;
CREATE TRIGGER quotes_remember AFTER INSERT ON quotes
WHEN EXISTS (SELECT 1 FROM reviews WHERE item_kind = 'quote' AND item_key = new.quote_key)
BEGIN
    UPDATE quotes
    SET (review_status, correction) = (
        SELECT nullif(decision, 'reopened'), corrected FROM reviews
        WHERE item_kind = 'quote' AND item_key = new.quote_key ORDER BY id DESC LIMIT 1
    )
    WHERE id = new.id;
END;
CREATE TRIGGER figures_remember AFTER INSERT ON figures
WHEN EXISTS (SELECT 1 FROM reviews WHERE item_kind = 'figure' AND item_key = new.figure_key)
BEGIN
    UPDATE figures
    SET (review_status, correction) = (
        SELECT nullif(decision, 'reopened'), corrected FROM reviews
        WHERE item_kind = 'figure' AND item_key = new.figure_key ORDER BY id DESC LIMIT 1
    )
    WHERE id = new.id;
END;
CREATE TRIGGER stances_remember AFTER INSERT ON stances
WHEN EXISTS (SELECT 1 FROM reviews WHERE item_kind = 'stance' AND item_key = new.stance_key)
BEGIN
    UPDATE stances
    SET (review_status, correction) = (
        SELECT nullif(decision, 'reopened'), corrected FROM reviews
        WHERE item_kind = 'stance' AND item_key = new.stance_key ORDER BY id DESC LIMIT 1
    )
    WHERE id = new.id;
END;

-- Corrected words resolve like all others: where the article has been edited since, they move to where they stand now,
-- and where they stand no more, the rule's words are shown.
CREATE TRIGGER quotes_correction_resolves AFTER UPDATE OF correction ON quotes
WHEN new.correction ->> 'text' IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id
    AND substr(text, new.shown_start + 1, new.shown_end - new.shown_start) = new.shown_text
)
BEGIN
    UPDATE quotes
    SET correction = (
        SELECT CASE instr(articles.text, new.shown_text)
            WHEN 0 THEN json_remove(new.correction, '$.start', '$.end', '$.text')
            ELSE json_set(
                new.correction,
                '$.start', instr(articles.text, new.shown_text) - 1,
                '$.end', instr(articles.text, new.shown_text) - 1 + length(new.shown_text)
            )
        END
        FROM articles WHERE articles.id = new.article_id
    )
    WHERE id = new.id;
END;
CREATE TRIGGER figures_correction_resolves AFTER UPDATE OF correction ON figures
WHEN new.correction ->> 'text' IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id
    AND substr(text, new.shown_start + 1, new.shown_end - new.shown_start) = new.shown_text
)
BEGIN
    UPDATE figures
    SET correction = (
        SELECT CASE instr(articles.text, new.shown_text)
            WHEN 0 THEN json_remove(new.correction, '$.start', '$.end', '$.text')
            ELSE json_set(
                new.correction,
                '$.start', instr(articles.text, new.shown_text) - 1,
                '$.end', instr(articles.text, new.shown_text) - 1 + length(new.shown_text)
            )
        END
        FROM articles WHERE articles.id = new.article_id
    )
    WHERE id = new.id;
END;
CREATE TRIGGER stances_correction_resolves AFTER UPDATE OF correction ON stances
WHEN new.correction ->> 'text' IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id
    AND substr(text, new.shown_start + 1, new.shown_end - new.shown_start) = new.shown_text
)
BEGIN
    UPDATE stances
    SET correction = (
        SELECT CASE instr(articles.text, new.shown_text)
            WHEN 0 THEN json_remove(new.correction, '$.start', '$.end', '$.text')
            ELSE json_set(
                new.correction,
                '$.start', instr(articles.text, new.shown_text) - 1,
                '$.end', instr(articles.text, new.shown_text) - 1 + length(new.shown_text)
            )
        END
        FROM articles WHERE articles.id = new.article_id
    )
    WHERE id = new.id;
END;
-- Writing a correction as it is makes the triggers above look.
CREATE TRIGGER articles_corrections_move AFTER UPDATE OF text ON articles
WHEN new.text IS NOT old.text
BEGIN
    UPDATE quotes SET correction = correction WHERE article_id = new.id AND correction IS NOT NULL;
    UPDATE figures SET correction = correction WHERE article_id = new.id AND correction IS NOT NULL;
    UPDATE stances SET correction = correction WHERE article_id = new.id AND correction IS NOT NULL;
END;

-- Counts, by the body that is shown. ----------------------------------------------------------------------------------

DROP VIEW statements_by_organisation;
DROP TRIGGER organisations_count;
DROP TRIGGER quotes_count_insert;
DROP TRIGGER quotes_count_delete;
DROP TRIGGER quotes_count_update;
DROP TRIGGER stances_count_insert;
DROP TRIGGER stances_count_delete;
DROP TRIGGER stances_count_update;
DROP TABLE organisation_counts;

CREATE TABLE review_counts (
    item_kind TEXT NOT NULL CHECK (item_kind IN ('quote', 'figure', 'stance')),
    organisation_id INTEGER NOT NULL,  -- 0: of no body
    items INTEGER NOT NULL DEFAULT 0,
    to_review INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    corrected INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (item_kind, organisation_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER organisations_uncount AFTER DELETE ON organisations
BEGIN
    DELETE FROM review_counts WHERE organisation_id = old.id;
END;

CREATE TRIGGER quotes_count_insert AFTER INSERT ON quotes
BEGIN
    INSERT INTO review_counts VALUES (
        'quote', ifnull(new.shown_organisation_id, 0), 1,
        new.review_status IS NULL, new.review_status IS 'accepted',
        new.review_status IS 'rejected', new.review_status IS 'corrected'
    )
    ON CONFLICT DO UPDATE
    SET items = items + 1,
        to_review = to_review + excluded.to_review,
        accepted = accepted + excluded.accepted,
        rejected = rejected + excluded.rejected,
        corrected = corrected + excluded.corrected;
END;
CREATE TRIGGER quotes_count_delete AFTER DELETE ON quotes
BEGIN
    UPDATE review_counts
    SET items = items - 1,
        to_review = to_review - (old.review_status IS NULL),
        accepted = accepted - (old.review_status IS 'accepted'),
        rejected = rejected - (old.review_status IS 'rejected'),
        corrected = corrected - (old.review_status IS 'corrected')
    WHERE item_kind = 'quote' AND organisation_id = ifnull(old.shown_organisation_id, 0);
END;
CREATE TRIGGER quotes_count_update AFTER UPDATE OF organisation_id, review_status, correction ON quotes
WHEN new.shown_organisation_id IS NOT old.shown_organisation_id OR new.review_status IS NOT old.review_status
BEGIN
    UPDATE review_counts
    SET items = items - 1,
        to_review = to_review - (old.review_status IS NULL),
        accepted = accepted - (old.review_status IS 'accepted'),
        rejected = rejected - (old.review_status IS 'rejected'),
        corrected = corrected - (old.review_status IS 'corrected')
    WHERE item_kind = 'quote' AND organisation_id = ifnull(old.shown_organisation_id, 0);
    INSERT INTO review_counts VALUES (
        'quote', ifnull(new.shown_organisation_id, 0), 1,
        new.review_status IS NULL, new.review_status IS 'accepted',
        new.review_status IS 'rejected', new.review_status IS 'corrected'
    )
    ON CONFLICT DO UPDATE
    SET items = items + 1,
        to_review = to_review + excluded.to_review,
        accepted = accepted + excluded.accepted,
        rejected = rejected + excluded.rejected,
        corrected = corrected + excluded.corrected;
END;

CREATE TRIGGER figures_count_insert AFTER INSERT ON figures
BEGIN
    INSERT INTO review_counts VALUES (
        'figure', ifnull(new.organisation_id, 0), 1,
        new.review_status IS NULL, new.review_status IS 'accepted',
        new.review_status IS 'rejected', new.review_status IS 'corrected'
    )
    ON CONFLICT DO UPDATE
    SET items = items + 1,
        to_review = to_review + excluded.to_review,
        accepted = accepted + excluded.accepted,
        rejected = rejected + excluded.rejected,
        corrected = corrected + excluded.corrected;
END;
CREATE TRIGGER figures_count_delete AFTER DELETE ON figures
BEGIN
    UPDATE review_counts
    SET items = items - 1,
        to_review = to_review - (old.review_status IS NULL),
        accepted = accepted - (old.review_status IS 'accepted'),
        rejected = rejected - (old.review_status IS 'rejected'),
        corrected = corrected - (old.review_status IS 'corrected')
    WHERE item_kind = 'figure' AND organisation_id = ifnull(old.organisation_id, 0);
END;
CREATE TRIGGER figures_count_update AFTER UPDATE OF organisation_id, review_status ON figures
WHEN new.organisation_id IS NOT old.organisation_id OR new.review_status IS NOT old.review_status
BEGIN
    UPDATE review_counts
    SET items = items - 1,
        to_review = to_review - (old.review_status IS NULL),
        accepted = accepted - (old.review_status IS 'accepted'),
        rejected = rejected - (old.review_status IS 'rejected'),
        corrected = corrected - (old.review_status IS 'corrected')
    WHERE item_kind = 'figure' AND organisation_id = ifnull(old.organisation_id, 0);
    INSERT INTO review_counts VALUES (
        'figure', ifnull(new.organisation_id, 0), 1,
        new.review_status IS NULL, new.review_status IS 'accepted',
        new.review_status IS 'rejected', new.review_status IS 'corrected'
    )
    ON CONFLICT DO UPDATE
    SET items = items + 1,
        to_review = to_review + excluded.to_review,
        accepted = accepted + excluded.accepted,
        rejected = rejected + excluded.rejected,
        corrected = corrected + excluded.corrected;
END;

CREATE TRIGGER stances_count_insert AFTER INSERT ON stances
BEGIN
    INSERT INTO review_counts VALUES (
        'stance', ifnull(new.shown_organisation_id, 0), 1,
        new.review_status IS NULL, new.review_status IS 'accepted',
        new.review_status IS 'rejected', new.review_status IS 'corrected'
    )
    ON CONFLICT DO UPDATE
    SET items = items + 1,
        to_review = to_review + excluded.to_review,
        accepted = accepted + excluded.accepted,
        rejected = rejected + excluded.rejected,
        corrected = corrected + excluded.corrected;
END;
CREATE TRIGGER stances_count_delete AFTER DELETE ON stances
BEGIN
    UPDATE review_counts
    SET items = items - 1,
        to_review = to_review - (old.review_status IS NULL),
        accepted = accepted - (old.review_status IS 'accepted'),
        rejected = rejected - (old.review_status IS 'rejected'),
        corrected = corrected - (old.review_status IS 'corrected')
    WHERE item_kind = 'stance' AND organisation_id = ifnull(old.shown_organisation_id, 0);
END;
CREATE TRIGGER stances_count_update AFTER UPDATE OF organisation_id, review_status, correction ON stances
WHEN new.shown_organisation_id IS NOT old.shown_organisation_id OR new.review_status IS NOT old.review_status
BEGIN
    UPDATE review_counts
    SET items = items - 1,
        to_review = to_review - (old.review_status IS NULL),
        accepted = accepted - (old.review_status IS 'accepted'),
        rejected = rejected - (old.review_status IS 'rejected'),
        corrected = corrected - (old.review_status IS 'corrected')
    WHERE item_kind = 'stance' AND organisation_id = ifnull(old.shown_organisation_id, 0);
    INSERT INTO review_counts VALUES (
        'stance', ifnull(new.shown_organisation_id, 0), 1,
        new.review_status IS NULL, new.review_status IS 'accepted',
        new.review_status IS 'rejected', new.review_status IS 'corrected'
    )
    ON CONFLICT DO UPDATE
    SET items = items + 1,
        to_review = to_review + excluded.to_review,
        accepted = accepted + excluded.accepted,
        rejected = rejected + excluded.rejected,
        corrected = corrected + excluded.corrected;
END;

INSERT INTO review_counts
SELECT 'quote', ifnull(shown_organisation_id, 0), count(*), count(*) - count(review_status),
    count(*) FILTER (WHERE review_status = 'accepted'), count(*) FILTER (WHERE review_status = 'rejected'),
    count(*) FILTER (WHERE review_status = 'corrected')
FROM quotes GROUP BY 2;
INSERT INTO review_counts (item_kind, organisation_id, items, to_review)
SELECT 'figure', ifnull(organisation_id, 0), count(*), count(*) FROM figures GROUP BY 2;
INSERT INTO review_counts (item_kind, organisation_id, items, to_review)
SELECT 'stance', ifnull(organisation_id, 0), count(*), count(*) FROM stances GROUP BY 2;

-- What queues and pages ask for. --------------------------------------------------------------------------------------

CREATE INDEX quotes_shown_organisation ON quotes (shown_organisation_id, published);
CREATE INDEX quotes_shown_person ON quotes (shown_person_id, published);
DROP INDEX quotes_to_review;  -- the queues' indexes are in 0010
-- Keys are hashes: in their order, the first ones of a rule are a random sample of it.
CREATE INDEX quotes_rule_open ON quotes (rule, quote_key) WHERE review_status IS NULL;
CREATE INDEX figures_rule_open ON figures (rule, figure_key) WHERE review_status IS NULL;
CREATE INDEX stances_rule_open ON stances (rule, stance_key) WHERE review_status IS NULL;

-- The public face, with what is shown. --------------------------------------------------------------------------------

CREATE VIEW organisation_counts AS
SELECT
    organisations.id AS organisation_id,
    ifnull(quotes.items, 0) AS quotes,
    ifnull(quotes.to_review, 0) AS to_review,
    ifnull(quotes.accepted, 0) AS accepted,
    ifnull(quotes.rejected, 0) AS rejected,
    ifnull(quotes.corrected, 0) AS corrected,
    ifnull(figures.items, 0) AS figures,
    ifnull(stances.items, 0) AS stances
FROM organisations
LEFT JOIN review_counts AS quotes ON quotes.item_kind = 'quote' AND quotes.organisation_id = organisations.id
LEFT JOIN review_counts AS figures ON figures.item_kind = 'figure' AND figures.organisation_id = organisations.id
LEFT JOIN review_counts AS stances ON stances.item_kind = 'stance' AND stances.organisation_id = organisations.id;

CREATE VIEW statements_by_organisation AS
SELECT
    organisations.id AS organisation_id,
    organisations.name AS organisation,
    organisations.kind,
    organisations.confirmed,
    organisation_counts.quotes,
    organisation_counts.to_review,
    organisation_counts.accepted,
    organisation_counts.rejected,
    organisation_counts.corrected,
    organisation_counts.stances,
    (SELECT max(published) FROM quotes WHERE shown_organisation_id = organisations.id) AS latest
FROM organisation_counts
JOIN organisations ON organisations.id = organisation_counts.organisation_id
WHERE organisation_counts.quotes > 0 OR organisation_counts.stances > 0;

DROP VIEW statements;
CREATE VIEW statements AS
SELECT
    quotes.id AS quote_id,
    quotes.published,
    people.name AS person,
    quotes.shown_role AS role,
    organisations.name AS organisation,
    quotes.shown_text AS quote,
    quotes.form,
    quotes.review_status,
    articles.title AS article,
    articles.url,
    sources.name AS source,
    quotes.confidence,
    quotes.rule,
    quotes.quote_key
FROM quotes
JOIN articles ON articles.id = quotes.article_id
LEFT JOIN sources ON sources.id = articles.source_id
LEFT JOIN people ON people.id = quotes.shown_person_id
LEFT JOIN organisations ON organisations.id = quotes.shown_organisation_id;

DROP VIEW stance_matrix;
CREATE VIEW stance_matrix AS
SELECT
    organisations.name AS organisation,
    stances.shown_topic AS topic,
    count(*) AS stances,
    sum(stances.shown_polarity = 'supportive') AS supportive,
    sum(stances.shown_polarity = 'critical') AS critical,
    sum(stances.shown_polarity = 'mixed') AS mixed,
    sum(stances.shown_polarity = 'neutral') AS neutral,
    max(ifnull(articles.published, '')) AS latest,
    stances.shown_polarity AS latest_polarity,
    stances.shown_text AS latest_evidence,
    articles.url AS latest_url
FROM stances
JOIN organisations ON organisations.id = stances.shown_organisation_id
JOIN articles ON articles.id = stances.article_id
WHERE stances.review_status IS NOT 'rejected'
GROUP BY stances.shown_organisation_id, stances.shown_topic;

DROP VIEW figures_checked;
CREATE VIEW figures_checked AS
SELECT
    figure_checks.figure_id,
    figure_checks.verdict,
    figures.shown_text AS figure,
    figures.shown_value AS value,
    figures.shown_unit AS unit,
    figures.shown_of AS of,
    figure_checks.expected,
    figure_checks.why,
    people.name AS person,
    organisations.name AS organisation,
    articles.published,
    articles.title AS article,
    articles.url
FROM figure_checks
JOIN figures ON figures.id = figure_checks.figure_id
JOIN articles ON articles.id = figures.article_id
LEFT JOIN people ON people.id = figures.person_id
LEFT JOIN organisations ON organisations.id = figures.organisation_id
WHERE figures.review_status IS NOT 'rejected';

-- Decisions whose record is gone and that nobody has moved to another one.
DROP VIEW orphaned_reviews;
CREATE VIEW orphaned_reviews AS
SELECT id AS review_id, item_kind, item_key, decision, text, context, reviewer, at, note, url
FROM reviews
WHERE CASE item_kind
    WHEN 'quote' THEN NOT EXISTS (SELECT 1 FROM quotes WHERE quote_key = item_key)
    WHEN 'figure' THEN NOT EXISTS (SELECT 1 FROM figures WHERE figure_key = item_key)
    ELSE NOT EXISTS (SELECT 1 FROM stances WHERE stance_key = item_key)
END
AND NOT EXISTS (
    SELECT 1 FROM reviews AS moved
    WHERE moved.item_kind = reviews.item_kind AND moved.moved_from = reviews.item_key
    AND NOT EXISTS (SELECT 1 FROM reviews AS back WHERE back.undoes = moved.id)
);
