-- Stories of nearly the same words, and which of its articles a story comes from.

ALTER TABLE stories ADD COLUMN origin_article_id INTEGER REFERENCES articles (id) ON DELETE SET NULL;
CREATE INDEX stories_origin ON stories (origin_article_id);

-- Made once for each text, and only for texts that are long enough (pipelines/likeness.py).
CREATE TABLE story_signatures (
    text_hash TEXT PRIMARY KEY NOT NULL,
    signature BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The day an article came out, or of first being seen where none is printed.
CREATE INDEX articles_day ON articles (ifnull(published, substr(first_seen, 1, 10)));

-- Articles that grouping has to look at (again): what is in no row here stands where it did. No foreign key: what is
-- due may be gone by the time that somebody looks.
CREATE TABLE stories_due (article_id INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER articles_regroup_insert AFTER INSERT ON articles
BEGIN
    INSERT INTO stories_due (article_id) VALUES (new.id) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER articles_regroup_update
AFTER UPDATE OF text_hash, title, published, source_id, publisher_id ON articles
WHEN (new.text_hash, new.title, new.published, new.source_id, new.publisher_id)
    IS NOT (old.text_hash, old.title, old.published, old.source_id, old.publisher_id)
BEGIN
    INSERT INTO stories_due (article_id) VALUES (new.id) ON CONFLICT DO NOTHING;
    DELETE FROM story_signatures
    WHERE text_hash = old.text_hash AND NOT EXISTS (SELECT 1 FROM articles WHERE text_hash = old.text_hash);
END;

CREATE TRIGGER quotes_regroup_insert AFTER INSERT ON quotes
BEGIN
    INSERT INTO stories_due (article_id) VALUES (new.article_id) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER quotes_regroup_delete AFTER DELETE ON quotes
BEGIN
    INSERT INTO stories_due (article_id) VALUES (old.article_id) ON CONFLICT DO NOTHING;
END;

INSERT INTO stories_due (article_id) SELECT id FROM articles;
