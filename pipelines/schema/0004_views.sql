-- The public face of the file.

CREATE VIEW statements AS
SELECT
    quotes.id AS quote_id,
    quotes.published,
    people.name AS person,
    quotes.role,
    organisations.name AS organisation,
    quotes.text AS quote,
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
LEFT JOIN people ON people.id = quotes.person_id
LEFT JOIN organisations ON organisations.id = quotes.organisation_id;

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
    (SELECT max(published) FROM quotes WHERE organisation_id = organisations.id) AS latest
FROM organisation_counts
JOIN organisations ON organisations.id = organisation_counts.organisation_id
WHERE organisation_counts.quotes > 0 OR organisation_counts.stances > 0;

-- Beside max(), SQLite gives the other columns of the row that has it: the latest evidence.
CREATE VIEW stance_matrix AS
SELECT
    organisations.name AS organisation,
    stances.topic,
    count(*) AS stances,
    sum(stances.polarity = 'supportive') AS supportive,
    sum(stances.polarity = 'critical') AS critical,
    sum(stances.polarity = 'mixed') AS mixed,
    sum(stances.polarity = 'neutral') AS neutral,
    max(ifnull(articles.published, '')) AS latest,
    stances.polarity AS latest_polarity,
    stances.text AS latest_evidence,
    articles.url AS latest_url
FROM stances
JOIN organisations ON organisations.id = stances.organisation_id
JOIN articles ON articles.id = stances.article_id
GROUP BY stances.organisation_id, stances.topic;

CREATE VIEW figures_checked AS
SELECT
    figure_checks.figure_id,
    figure_checks.verdict,
    figures.text AS figure,
    figures.value,
    figures.unit,
    figures.of,
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
LEFT JOIN organisations ON organisations.id = figures.organisation_id;

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
    (SELECT max(published) FROM articles WHERE source_id = sources.id) AS latest_article
FROM sources
LEFT JOIN run_sources AS latest
    ON latest.source_id = sources.id
    AND latest.run_id = (SELECT max(run_id) FROM run_sources WHERE source_id = sources.id)
LEFT JOIN runs ON runs.id = latest.run_id;

CREATE VIEW orphaned_reviews AS
SELECT id AS review_id, item_kind, item_key, decision, text, context, reviewer, at, note
FROM reviews
WHERE CASE item_kind
    WHEN 'quote' THEN NOT EXISTS (SELECT 1 FROM quotes WHERE quote_key = item_key)
    WHEN 'figure' THEN NOT EXISTS (SELECT 1 FROM figures WHERE figure_key = item_key)
    ELSE NOT EXISTS (SELECT 1 FROM stances WHERE stance_key = item_key)
END;
