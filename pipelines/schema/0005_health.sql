-- What tells a source that ails from one that is well, and what an edit leaves alone.

-- How far a second reading of the page is from the text: 0 the same words, 1 none of them; null: not compared.
ALTER TABLE articles ADD COLUMN disagreement REAL CHECK (disagreement BETWEEN 0 AND 1);
-- Since when every address of the article answers that it is gone; null: it stands, as far as we know.
ALTER TABLE articles ADD COLUMN gone_at TEXT;
-- Behind a long text, columns are slow to read: these indexes hold all that is asked of them every night.
CREATE INDEX articles_disagreeing ON articles (source_id) WHERE disagreement > 0.5;
CREATE INDEX articles_gone ON articles (source_id) WHERE gone_at IS NOT NULL;
CREATE INDEX articles_seen ON articles (source_id, seen_from, words);

-- How often a listing had other bytes than the night before.
ALTER TABLE pages ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

-- What each listing (by its address in the registry) says of a page: when it says something else, the page is fetched
-- again. One column in `pages` can't tell that from two listings that word the same page differently.
ALTER TABLE pages DROP COLUMN fingerprint;
CREATE TABLE sightings (
    page_id INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    listing TEXT NOT NULL,
    fingerprint TEXT NOT NULL,  -- hash of what it says
    PRIMARY KEY (page_id, listing)
) STRICT, WITHOUT ROWID;

-- An edited text takes its records along: those whose words are still in it move to where they stand now, and keep their
-- ids; all else goes, until extraction has read the new text. So what extraction finds again is not new.
DROP TRIGGER articles_text_edited;
CREATE TRIGGER articles_text_edited AFTER UPDATE OF text ON articles
WHEN new.text IS NOT old.text
BEGIN
    DELETE FROM quotes WHERE article_id = new.id AND instr(new.text, text) = 0;
    UPDATE quotes
    SET start = instr(new.text, text) - 1, "end" = instr(new.text, text) - 1 + length(text)
    WHERE article_id = new.id;
    DELETE FROM figures WHERE article_id = new.id AND instr(new.text, text) = 0;
    UPDATE figures
    SET start = instr(new.text, text) - 1, "end" = instr(new.text, text) - 1 + length(text)
    WHERE article_id = new.id;
    DELETE FROM stances WHERE article_id = new.id AND instr(new.text, text) = 0;
    UPDATE stances
    SET start = instr(new.text, text) - 1, "end" = instr(new.text, text) - 1 + length(text)
    WHERE article_id = new.id;
    DELETE FROM mentions
    WHERE article_id = new.id AND instr(new.text, substr(old.text, start + 1, "end" - start)) = 0;
    -- All mentions in the same words would move to one place; one is enough to know whom the article names.
    DELETE FROM mentions
    WHERE article_id = new.id
    AND id NOT IN (SELECT min(id) FROM mentions WHERE article_id = new.id GROUP BY person_id, organisation_id);
    UPDATE mentions
    SET start = instr(new.text, substr(old.text, start + 1, "end" - start)) - 1,
        "end" = instr(new.text, substr(old.text, start + 1, "end" - start)) - 1 + "end" - start
    WHERE article_id = new.id;
END;

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
    (SELECT count(*) FROM articles WHERE source_id = sources.id AND disagreement > 0.5) AS disagreeing,
    (SELECT count(*) FROM articles WHERE source_id = sources.id AND gone_at IS NOT NULL) AS gone
FROM sources
LEFT JOIN run_sources AS latest
    ON latest.source_id = sources.id
    AND latest.run_id = (SELECT max(run_id) FROM run_sources WHERE source_id = sources.id)
LEFT JOIN runs ON runs.id = latest.run_id;
