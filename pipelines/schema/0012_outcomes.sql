-- The published record, inspection by inspection, and what was held against it. Nothing has filled `outcomes` before.

DROP TABLE outcomes;

-- One row for each judgment of an inspection. Framework, inspection, judgment and grade belong together: a grade means
-- something on its own scale only.
CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisations (id),
    framework TEXT NOT NULL,
    inspection TEXT NOT NULL DEFAULT 'standard',  -- first, re-inspection, standard, short …
    judgment TEXT NOT NULL,
    grade TEXT,  -- as printed; null: the framework gives none (councils have no overall grade since April 2026)
    inspected TEXT CHECK (inspected IS date(inspected, '+0 days')),
    published TEXT CHECK (published IS date(published, '+0 days')),
    day TEXT GENERATED ALWAYS AS (ifnull(published, inspected)) STORED,  -- from when on it counts
    source TEXT NOT NULL,  -- the file and its table
    CHECK (day IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX outcomes_identity ON outcomes (organisation_id, framework, inspection, day, judgment);
CREATE INDEX outcomes_day ON outcomes (day);

-- The judgments that were counted for a verdict.
CREATE TABLE figure_evidence (
    figure_id INTEGER NOT NULL REFERENCES figure_checks (figure_id) ON DELETE CASCADE,
    outcome_id INTEGER NOT NULL REFERENCES outcomes (id) ON DELETE CASCADE,
    PRIMARY KEY (figure_id, outcome_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX figure_evidence_outcome ON figure_evidence (outcome_id);

-- Where a text says that a named council was rated so-and-so, held against the record.
CREATE TABLE ratings (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL CHECK (start >= 0),
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    organisation_id INTEGER NOT NULL REFERENCES organisations (id),
    judgment TEXT NOT NULL,
    grade TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'contradicted', 'uncheckable')),
    expected TEXT,
    why TEXT NOT NULL,
    outcome_id INTEGER REFERENCES outcomes (id) ON DELETE SET NULL,  -- the judgment that decided
    CHECK (start < "end" AND length(text) = "end" - start)
) STRICT;
CREATE UNIQUE INDEX ratings_identity ON ratings (article_id, start, organisation_id, judgment);
CREATE INDEX ratings_organisation ON ratings (organisation_id);
CREATE INDEX ratings_verdict ON ratings (verdict);
CREATE INDEX ratings_outcome ON ratings (outcome_id);

-- Articles whose figures have to be held against the record (again). No foreign key, as with stories_due.
CREATE TABLE checks_due (article_id INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER articles_recheck_extracted AFTER UPDATE OF extracted_at, published, publisher_id ON articles
WHEN new.extracted_at IS NOT NULL
BEGIN
    INSERT INTO checks_due (article_id) VALUES (new.id) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER figures_recheck_corrected AFTER UPDATE OF correction, review_status ON figures
WHEN (new.correction, new.review_status) IS NOT (old.correction, old.review_status)
BEGIN
    INSERT INTO checks_due (article_id) VALUES (new.article_id) ON CONFLICT DO NOTHING;
END;

INSERT INTO checks_due (article_id) SELECT id FROM articles WHERE extracted_at IS NOT NULL;

-- Grades by year, for the plot: a judgment counts in the year from whose day it counts.
CREATE VIEW grades_by_year AS
SELECT substr(day, 1, 4) AS year, framework, judgment, ifnull(grade, 'no grade') AS grade, count(*) AS councils
FROM outcomes
GROUP BY 1, 2, 3, 4;

CREATE VIEW ratings_checked AS
SELECT
    ratings.id AS rating_id,
    ratings.verdict,
    organisations.name AS organisation,
    ratings.text AS statement,
    ratings.judgment,
    ratings.grade,
    ratings.expected,
    ratings.why,
    articles.title AS article,
    articles.url,
    articles.published
FROM ratings
JOIN articles ON articles.id = ratings.article_id
JOIN organisations ON organisations.id = ratings.organisation_id;

-- What bodies said in numbers, on what topic (of stances in the same words), over time.
CREATE VIEW figures_by_topic AS
SELECT
    figures.id AS figure_id,
    figures.published,
    organisations.name AS organisation,
    people.name AS person,
    stances.topic,
    figures.shown_text AS figure,
    figures.shown_value AS value,
    figures.shown_unit AS unit,
    figures.shown_of AS of,
    figures.change,
    figures.period,
    figure_checks.verdict,
    articles.title AS article,
    articles.url
FROM figures
JOIN articles ON articles.id = figures.article_id
LEFT JOIN organisations ON organisations.id = figures.organisation_id
LEFT JOIN people ON people.id = figures.person_id
LEFT JOIN figure_checks ON figure_checks.figure_id = figures.id
LEFT JOIN stances ON stances.quote_id = figures.quote_id
WHERE figures.review_status IS NOT 'rejected';
