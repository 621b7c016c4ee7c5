-- Views that people open as pages of Datasette: at a million quotes they took half a second, or were cut off at one.

-- All that the matrix counts, in its order.
CREATE INDEX stances_matrix ON stances (shown_organisation_id, shown_topic, published, shown_polarity, review_status);
DROP VIEW stance_matrix;
-- Beside max(), SQLite gives the other columns of the row that has it: the latest evidence.
CREATE VIEW stance_matrix AS
SELECT
    organisations.name AS organisation,
    counted.topic,
    counted.stances,
    counted.supportive,
    counted.critical,
    counted.mixed,
    counted.neutral,
    counted.latest,
    latest.shown_polarity AS latest_polarity,
    latest.shown_text AS latest_evidence,
    articles.url AS latest_url
FROM (
    SELECT
        id AS latest_id,
        shown_organisation_id AS organisation_id,
        shown_topic AS topic,
        count(*) AS stances,
        sum(shown_polarity = 'supportive') AS supportive,
        sum(shown_polarity = 'critical') AS critical,
        sum(shown_polarity = 'mixed') AS mixed,
        sum(shown_polarity = 'neutral') AS neutral,
        max(ifnull(published, '')) AS latest
    FROM stances INDEXED BY stances_matrix
    WHERE shown_organisation_id IS NOT NULL AND review_status IS NOT 'rejected'
    GROUP BY shown_organisation_id, shown_topic
) AS counted
JOIN organisations ON organisations.id = counted.organisation_id
JOIN stances AS latest ON latest.id = counted.latest_id
JOIN articles ON articles.id = latest.article_id;

-- The planner takes another index for as good as the two that hold just these articles.
DROP VIEW source_health;
CREATE VIEW source_health AS
SELECT
    sources.id AS source_id,
    sources.name AS source,
    sources.enabled,
    runs.started AS last_run,
    latest.verdict,
    latest.listed,
    sources.floor,
    latest.new,
    latest.changed,
    latest.failed,
    latest.note,
    (
        SELECT max(good.started) FROM run_sources AS kept JOIN runs AS good ON good.id = kept.run_id
        WHERE kept.source_id = sources.id AND kept.verdict = 'ok'
    ) AS last_ok,
    (SELECT count(*) FROM articles WHERE source_id = sources.id) AS articles,
    (SELECT max(published) FROM articles WHERE source_id = sources.id) AS latest_article,
    (
        SELECT count(*) FROM articles INDEXED BY articles_disagreeing
        WHERE source_id = sources.id AND disagreement > 0.5
    ) AS disagreeing,
    (
        SELECT count(*) FROM articles INDEXED BY articles_gone WHERE source_id = sources.id AND gone_at IS NOT NULL
    ) AS gone
FROM sources
LEFT JOIN run_sources AS latest
    ON latest.source_id = sources.id
    AND latest.run_id = (SELECT max(run_id) FROM run_sources WHERE source_id = sources.id)
LEFT JOIN runs ON runs.id = latest.run_id;
