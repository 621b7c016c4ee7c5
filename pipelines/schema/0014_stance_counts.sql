-- Where bodies stand, counted as it changes: a page that compares them reads some thousand rows instead of all stances.

-- Stances by the body that holds them, topic and year, as shown; rejected ones are not counted.
CREATE TABLE stance_counts (
    organisation_id INTEGER NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    topic TEXT NOT NULL,
    year TEXT NOT NULL,  -- of the article's day; empty: undated
    stances INTEGER NOT NULL,
    supportive INTEGER NOT NULL,
    critical INTEGER NOT NULL,
    mixed INTEGER NOT NULL,
    neutral INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, topic, year)
) STRICT, WITHOUT ROWID;

-- A stance is added or taken away as +1 or -1, so that it doesn't matter which trigger of an insertion comes first
-- (another one dates the row).
CREATE TRIGGER stances_matrix_insert AFTER INSERT ON stances
WHEN new.shown_organisation_id IS NOT NULL AND new.review_status IS NOT 'rejected'
BEGIN
    INSERT INTO stance_counts VALUES (
        new.shown_organisation_id, new.shown_topic, ifnull(substr(new.published, 1, 4), ''), 1,
        new.shown_polarity = 'supportive', new.shown_polarity = 'critical',
        new.shown_polarity = 'mixed', new.shown_polarity = 'neutral'
    )
    ON CONFLICT DO UPDATE
    SET stances = stances + excluded.stances,
        supportive = supportive + excluded.supportive,
        critical = critical + excluded.critical,
        mixed = mixed + excluded.mixed,
        neutral = neutral + excluded.neutral;
END;
CREATE TRIGGER stances_matrix_delete AFTER DELETE ON stances
WHEN old.shown_organisation_id IS NOT NULL AND old.review_status IS NOT 'rejected'
BEGIN
    INSERT INTO stance_counts VALUES (
        old.shown_organisation_id, old.shown_topic, ifnull(substr(old.published, 1, 4), ''), -1,
        -(old.shown_polarity = 'supportive'), -(old.shown_polarity = 'critical'),
        -(old.shown_polarity = 'mixed'), -(old.shown_polarity = 'neutral')
    )
    ON CONFLICT DO UPDATE
    SET stances = stances + excluded.stances,
        supportive = supportive + excluded.supportive,
        critical = critical + excluded.critical,
        mixed = mixed + excluded.mixed,
        neutral = neutral + excluded.neutral;
END;
CREATE TRIGGER stances_matrix_update
AFTER UPDATE OF organisation_id, topic, polarity, published, review_status, correction ON stances
BEGIN
    INSERT INTO stance_counts
    SELECT
        old.shown_organisation_id, old.shown_topic, ifnull(substr(old.published, 1, 4), ''), -1,
        -(old.shown_polarity = 'supportive'), -(old.shown_polarity = 'critical'),
        -(old.shown_polarity = 'mixed'), -(old.shown_polarity = 'neutral')
    WHERE old.shown_organisation_id IS NOT NULL AND old.review_status IS NOT 'rejected'
    ON CONFLICT DO UPDATE
    SET stances = stances + excluded.stances,
        supportive = supportive + excluded.supportive,
        critical = critical + excluded.critical,
        mixed = mixed + excluded.mixed,
        neutral = neutral + excluded.neutral;
    INSERT INTO stance_counts
    SELECT
        new.shown_organisation_id, new.shown_topic, ifnull(substr(new.published, 1, 4), ''), 1,
        new.shown_polarity = 'supportive', new.shown_polarity = 'critical',
        new.shown_polarity = 'mixed', new.shown_polarity = 'neutral'
    WHERE new.shown_organisation_id IS NOT NULL AND new.review_status IS NOT 'rejected'
    ON CONFLICT DO UPDATE
    SET stances = stances + excluded.stances,
        supportive = supportive + excluded.supportive,
        critical = critical + excluded.critical,
        mixed = mixed + excluded.mixed,
        neutral = neutral + excluded.neutral;
END;
-- What adds up to nothing is no row.
CREATE TRIGGER stance_counts_none AFTER UPDATE ON stance_counts
WHEN new.stances = 0
BEGIN
    DELETE FROM stance_counts
    WHERE organisation_id = new.organisation_id AND topic = new.topic AND year = new.year;
END;

INSERT INTO stance_counts
SELECT
    shown_organisation_id,
    shown_topic,
    ifnull(substr(published, 1, 4), ''),
    count(*),
    sum(shown_polarity = 'supportive'),
    sum(shown_polarity = 'critical'),
    sum(shown_polarity = 'mixed'),
    sum(shown_polarity = 'neutral')
FROM stances
WHERE shown_organisation_id IS NOT NULL AND review_status IS NOT 'rejected'
GROUP BY 1, 2, 3;

-- The index stances_matrix (0011) leads to the latest evidence of each pair in one step.
DROP VIEW stance_matrix;
CREATE VIEW stance_matrix AS
SELECT
    counted.organisation_id,
    organisations.name AS organisation,
    organisations.kind,
    counted.topic,
    counted.stances,
    counted.supportive,
    counted.critical,
    counted.mixed,
    counted.neutral,
    latest.published AS latest,
    latest.shown_polarity AS latest_polarity,
    latest.shown_text AS latest_evidence,
    articles.title AS latest_article,
    articles.url AS latest_url
FROM (
    SELECT
        organisation_id,
        topic,
        sum(stances) AS stances,
        sum(supportive) AS supportive,
        sum(critical) AS critical,
        sum(mixed) AS mixed,
        sum(neutral) AS neutral
    FROM stance_counts
    GROUP BY organisation_id, topic
) AS counted
JOIN organisations ON organisations.id = counted.organisation_id
LEFT JOIN stances AS latest ON latest.id = (
    SELECT id FROM stances INDEXED BY stances_matrix
    WHERE shown_organisation_id = counted.organisation_id AND shown_topic = counted.topic
    AND review_status IS NOT 'rejected'
    ORDER BY published DESC LIMIT 1
)
LEFT JOIN articles ON articles.id = latest.article_id;

CREATE VIEW stances_by_year AS
SELECT
    stance_counts.organisation_id,
    organisations.name AS organisation,
    organisations.kind,
    stance_counts.topic,
    stance_counts.year,
    stance_counts.stances,
    stance_counts.supportive,
    stance_counts.critical,
    stance_counts.mixed,
    stance_counts.neutral
FROM stance_counts
JOIN organisations ON organisations.id = stance_counts.organisation_id;
