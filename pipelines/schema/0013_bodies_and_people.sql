-- Bodies of the file's own, bodies that turned out to be one, people across documents, joint statements.

-- Bodies ---------------------------------------------------------------------------------------------------------------

-- The name however it is set: small letters, no marks, "&" as "and", no "The". pipelines/who.py fills it in.
ALTER TABLE organisations ADD COLUMN name_key TEXT;
-- What a person has merged into another body refers to that one, and says nothing itself any more: its row stays, for
-- decisions name it, and so may tomorrow's texts.
ALTER TABLE organisations ADD COLUMN merged_into INTEGER REFERENCES organisations (id);
CREATE INDEX organisations_key ON organisations (name_key);
CREATE INDEX organisations_merged ON organisations (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX organisations_own ON organisations (id) WHERE confirmed AND slug IS NULL;

ALTER TABLE organisation_aliases ADD COLUMN own INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1));  -- no list has it
CREATE INDEX organisation_aliases_own ON organisation_aliases (organisation_id) WHERE own;

-- A correction that names a merged body means the one it was merged into. `reviews` keeps what was written.
CREATE TRIGGER quotes_correction_merged AFTER UPDATE OF correction ON quotes
WHEN EXISTS (
    SELECT 1 FROM organisations WHERE id = new.correction ->> 'organisation_id' AND merged_into IS NOT NULL
)
BEGIN
    UPDATE quotes
    SET correction = (
        SELECT json_set(quotes.correction, '$.organisation_id', body.id, '$.organisation', body.name)
        FROM organisations AS merged JOIN organisations AS body ON body.id = merged.merged_into
        WHERE merged.id = new.correction ->> 'organisation_id'
    )
    WHERE id = new.id;
END;
CREATE TRIGGER stances_correction_merged AFTER UPDATE OF correction ON stances
WHEN EXISTS (
    SELECT 1 FROM organisations WHERE id = new.correction ->> 'organisation_id' AND merged_into IS NOT NULL
)
BEGIN
    UPDATE stances
    SET correction = (
        SELECT json_set(stances.correction, '$.organisation_id', body.id, '$.organisation', body.name)
        FROM organisations AS merged JOIN organisations AS body ON body.id = merged.merged_into
        WHERE merged.id = new.correction ->> 'organisation_id'
    )
    WHERE id = new.id;
END;

-- People ---------------------------------------------------------------------------------------------------------------

-- The same name at another body is the same person where an article gives somebody posts at both: the rows of one person
-- point at the first of them, which points at nobody. See pipelines/joined.py.
ALTER TABLE people ADD COLUMN same_as INTEGER REFERENCES people (id) ON DELETE SET NULL;
CREATE INDEX people_same ON people (same_as);

-- The article's day, as in quotes, so that first and last are steps in an index.
ALTER TABLE appointments ADD COLUMN published TEXT;
UPDATE appointments SET published = (SELECT published FROM articles WHERE id = article_id);
CREATE TRIGGER appointments_dated AFTER INSERT ON appointments
BEGIN
    UPDATE appointments SET published = (SELECT published FROM articles WHERE id = new.article_id) WHERE id = new.id;
END;
CREATE TRIGGER articles_redate_appointments AFTER UPDATE OF published ON articles
WHEN new.published IS NOT old.published
BEGIN
    UPDATE appointments SET published = new.published WHERE article_id = new.id;
END;
DROP INDEX appointments_person;
CREATE INDEX appointments_person ON appointments (person_id, organisation_id, role, published);

-- Counted row by row of people along the index first: few are left to be put together.
CREATE VIEW appointments_held AS
SELECT
    ifnull(people.same_as, people.id) AS person_id,
    min(people.name) AS person,
    organisations.id AS organisation_id,
    organisations.name AS organisation,
    min(held.role) AS role,
    min(held.first_seen) AS first_seen,
    max(held.last_seen) AS last_seen,
    sum(held.articles) AS articles
FROM (
    SELECT
        person_id, organisation_id, role, min(published) AS first_seen, max(published) AS last_seen,
        count(*) AS articles
    FROM appointments INDEXED BY appointments_person
    GROUP BY person_id, organisation_id, role
) AS held
JOIN people ON people.id = held.person_id
LEFT JOIN organisations ON organisations.id = held.organisation_id
WHERE held.organisation_id IS NOT NULL OR held.role IS NOT NULL
GROUP BY 1, held.organisation_id, lower(held.role);

-- Statements ------------------------------------------------------------------------------------------------------------

-- The other bodies of a joint statement: quotes.organisation_id is the one that is named first.
CREATE TABLE quote_organisations (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    quote_id INTEGER NOT NULL REFERENCES quotes (id) ON DELETE CASCADE,
    organisation_id INTEGER NOT NULL REFERENCES organisations (id)
) STRICT;
CREATE UNIQUE INDEX quote_organisations_identity ON quote_organisations (quote_id, organisation_id);
CREATE INDEX quote_organisations_article ON quote_organisations (article_id);
CREATE INDEX quote_organisations_organisation ON quote_organisations (organisation_id);

-- Those that are shown: a reviewer who puts another body in the place of the first says whose words they are.
CREATE VIEW joint_statements AS
SELECT
    quotes.id AS quote_id,
    quotes.published,
    quote_organisations.organisation_id,
    organisations.name AS organisation,
    quotes.organisation_id AS first_organisation_id
FROM quote_organisations
JOIN quotes ON quotes.id = quote_organisations.quote_id
JOIN organisations ON organisations.id = quote_organisations.organisation_id
WHERE quotes.shown_organisation_id IS quotes.organisation_id;

DROP VIEW statements;
CREATE VIEW statements AS
SELECT
    quotes.id AS quote_id,
    quotes.published,
    people.name AS person,
    quotes.shown_role AS role,
    organisations.name AS organisation,
    (SELECT group_concat(organisation, '; ') FROM joint_statements WHERE quote_id = quotes.id) AS jointly_with,
    quotes.shown_text AS quote,
    quotes.form,
    quotes.review_status,
    articles.title AS article,
    articles.url,
    sources.name AS source,
    quotes.confidence,
    quotes.rule,
    quotes.quote_key,
    ifnull(people.same_as, people.id) AS person_id
FROM quotes
JOIN articles ON articles.id = quotes.article_id
LEFT JOIN sources ON sources.id = articles.source_id
LEFT JOIN people ON people.id = quotes.shown_person_id
LEFT JOIN organisations ON organisations.id = quotes.shown_organisation_id;

DROP VIEW statements_by_organisation;
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
    ifnull(joint.statements, 0) AS joint,
    organisation_counts.stances,
    nullif(max(
        ifnull((SELECT max(published) FROM quotes WHERE shown_organisation_id = organisations.id), ''),
        ifnull(joint.latest, '')
    ), '') AS latest
FROM organisation_counts
JOIN organisations ON organisations.id = organisation_counts.organisation_id
LEFT JOIN (
    SELECT organisation_id, count(*) AS statements, max(published) AS latest FROM joint_statements GROUP BY 1
) AS joint ON joint.organisation_id = organisations.id
WHERE organisation_counts.quotes > 0 OR organisation_counts.stances > 0 OR joint.statements > 0;
