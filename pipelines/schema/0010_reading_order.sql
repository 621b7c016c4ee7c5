-- The order in which records are read and reviewed, whatever their kind: the newest day first.

-- The article's, as in quotes, so that the latest of a body is one step in an index.
ALTER TABLE figures ADD COLUMN published TEXT;
ALTER TABLE stances ADD COLUMN published TEXT;
UPDATE figures SET published = (SELECT published FROM articles WHERE id = article_id);
UPDATE stances SET published = (SELECT published FROM articles WHERE id = article_id);

CREATE TRIGGER figures_dated AFTER INSERT ON figures
BEGIN
    UPDATE figures SET published = (SELECT published FROM articles WHERE id = new.article_id) WHERE id = new.id;
END;
CREATE TRIGGER stances_dated AFTER INSERT ON stances
BEGIN
    UPDATE stances SET published = (SELECT published FROM articles WHERE id = new.article_id) WHERE id = new.id;
END;
DROP TRIGGER articles_redated;
CREATE TRIGGER articles_redated AFTER UPDATE OF published ON articles
WHEN new.published IS NOT old.published
BEGIN
    UPDATE quotes SET published = new.published WHERE article_id = new.id;
    UPDATE figures SET published = new.published WHERE article_id = new.id;
    UPDATE stances SET published = new.published WHERE article_id = new.id;
END;

-- The queue of a body, and that of all of them.
CREATE INDEX quotes_queue ON quotes (shown_organisation_id, review_status, published);
CREATE INDEX figures_queue ON figures (organisation_id, review_status, published);
CREATE INDEX stances_queue ON stances (shown_organisation_id, review_status, published);
CREATE INDEX quotes_by_status ON quotes (review_status, published);
CREATE INDEX figures_by_status ON figures (review_status, published);
CREATE INDEX stances_by_status ON stances (review_status, published);
-- What a body or a person has on record, decided or not.
DROP INDEX figures_organisation;
DROP INDEX figures_person;
DROP INDEX stances_person;
CREATE INDEX figures_organisation ON figures (organisation_id, published);
CREATE INDEX stances_shown_organisation ON stances (shown_organisation_id, published);
CREATE INDEX figures_person ON figures (person_id, published);
CREATE INDEX stances_person ON stances (person_id, published);
