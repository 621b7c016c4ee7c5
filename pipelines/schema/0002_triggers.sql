-- What holds between rows. Beware of sqlite-utils' transform(): it drops triggers silently (`onrecord check` tells).

-- Offsets resolve: the words of a record are the article's words from start to end. -----------------------------------

CREATE TRIGGER quotes_resolve_insert BEFORE INSERT ON quotes
WHEN NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id AND substr(text, new.start + 1, new."end" - new.start) = new.text
)
BEGIN
    SELECT RAISE(ABORT, 'quotes: the words do not stand at start:end of the article');
END;

CREATE TRIGGER quotes_resolve_update BEFORE UPDATE OF article_id, start, "end", text ON quotes
WHEN NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id AND substr(text, new.start + 1, new."end" - new.start) = new.text
)
BEGIN
    SELECT RAISE(ABORT, 'quotes: the words do not stand at start:end of the article');
END;

CREATE TRIGGER figures_resolve_insert BEFORE INSERT ON figures
WHEN NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id AND substr(text, new.start + 1, new."end" - new.start) = new.text
)
BEGIN
    SELECT RAISE(ABORT, 'figures: the words do not stand at start:end of the article');
END;

CREATE TRIGGER figures_resolve_update BEFORE UPDATE OF article_id, start, "end", text ON figures
WHEN NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id AND substr(text, new.start + 1, new."end" - new.start) = new.text
)
BEGIN
    SELECT RAISE(ABORT, 'figures: the words do not stand at start:end of the article');
END;

CREATE TRIGGER stances_resolve_insert BEFORE INSERT ON stances
WHEN NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id AND substr(text, new.start + 1, new."end" - new.start) = new.text
)
BEGIN
    SELECT RAISE(ABORT, 'stances: the words do not stand at start:end of the article');
END;

CREATE TRIGGER stances_resolve_update BEFORE UPDATE OF article_id, start, "end", text ON stances
WHEN NOT EXISTS (
    SELECT 1 FROM articles
    WHERE id = new.article_id AND substr(text, new.start + 1, new."end" - new.start) = new.text
)
BEGIN
    SELECT RAISE(ABORT, 'stances: the words do not stand at start:end of the article');
END;

CREATE TRIGGER mentions_resolve_insert BEFORE INSERT ON mentions
WHEN new."end" > (SELECT length(text) FROM articles WHERE id = new.article_id)
BEGIN
    SELECT RAISE(ABORT, 'mentions: the end lies behind the article''s');
END;

CREATE TRIGGER mentions_resolve_update BEFORE UPDATE OF article_id, start, "end" ON mentions
WHEN new."end" > (SELECT length(text) FROM articles WHERE id = new.article_id)
BEGIN
    SELECT RAISE(ABORT, 'mentions: the end lies behind the article''s');
END;

-- An edited text takes its records along: quotes that are still in it move to where they stand now (and keep their
-- ids), all else goes, until extraction has read the new text.
CREATE TRIGGER articles_text_edited AFTER UPDATE OF text ON articles
WHEN new.text IS NOT old.text
BEGIN
    DELETE FROM mentions WHERE article_id = new.id;
    DELETE FROM figures WHERE article_id = new.id;
    DELETE FROM stances WHERE article_id = new.id;
    DELETE FROM quotes WHERE article_id = new.id AND instr(new.text, text) = 0;
    UPDATE quotes
    SET start = instr(new.text, text) - 1, "end" = instr(new.text, text) - 1 + length(text)
    WHERE article_id = new.id;
END;

CREATE TRIGGER articles_redated AFTER UPDATE OF published ON articles
WHEN new.published IS NOT old.published
BEGIN
    UPDATE quotes SET published = new.published WHERE article_id = new.id;
END;

-- Reviews are append-only, and the last one is the status. ------------------------------------------------------------

CREATE TRIGGER reviews_keep_update BEFORE UPDATE ON reviews
BEGIN
    SELECT RAISE(ABORT, 'reviews: a decision is never changed; write another one');
END;

CREATE TRIGGER reviews_keep_delete BEFORE DELETE ON reviews
BEGIN
    SELECT RAISE(ABORT, 'reviews: a decision is never deleted; write another one');
END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER reviews_keep_replace BEFORE INSERT ON reviews
WHEN EXISTS (SELECT 1 FROM reviews WHERE id = new.id)
BEGIN
    SELECT RAISE(ABORT, 'reviews: a decision is never replaced; write another one');
END;

CREATE TRIGGER reviews_decide AFTER INSERT ON reviews
WHEN new.item_kind = 'quote'
BEGIN
    UPDATE quotes SET review_status = nullif(new.decision, 'reopened') WHERE quote_key = new.item_key;
END;

-- A quote that comes back after re-extraction gets its status back.
CREATE TRIGGER quotes_remember AFTER INSERT ON quotes
WHEN EXISTS (SELECT 1 FROM reviews WHERE item_kind = 'quote' AND item_key = new.quote_key)
BEGIN
    UPDATE quotes
    SET review_status = (
        SELECT nullif(decision, 'reopened') FROM reviews
        WHERE item_kind = 'quote' AND item_key = new.quote_key ORDER BY id DESC LIMIT 1
    )
    WHERE id = new.id;
END;

-- Counts of each organisation. ----------------------------------------------------------------------------------------

CREATE TRIGGER organisations_count AFTER INSERT ON organisations
BEGIN
    INSERT INTO organisation_counts (organisation_id) VALUES (new.id);
END;

CREATE TRIGGER quotes_count_insert AFTER INSERT ON quotes
WHEN new.organisation_id IS NOT NULL
BEGIN
    UPDATE organisation_counts
    SET quotes = quotes + 1,
        to_review = to_review + (new.review_status IS NULL),
        accepted = accepted + (new.review_status IS 'accepted'),
        rejected = rejected + (new.review_status IS 'rejected'),
        corrected = corrected + (new.review_status IS 'corrected')
    WHERE organisation_id = new.organisation_id;
END;

CREATE TRIGGER quotes_count_delete AFTER DELETE ON quotes
WHEN old.organisation_id IS NOT NULL
BEGIN
    UPDATE organisation_counts
    SET quotes = quotes - 1,
        to_review = to_review - (old.review_status IS NULL),
        accepted = accepted - (old.review_status IS 'accepted'),
        rejected = rejected - (old.review_status IS 'rejected'),
        corrected = corrected - (old.review_status IS 'corrected')
    WHERE organisation_id = old.organisation_id;
END;

CREATE TRIGGER quotes_count_update AFTER UPDATE OF organisation_id, review_status ON quotes
WHEN new.organisation_id IS NOT old.organisation_id OR new.review_status IS NOT old.review_status
BEGIN
    UPDATE organisation_counts
    SET quotes = quotes - 1,
        to_review = to_review - (old.review_status IS NULL),
        accepted = accepted - (old.review_status IS 'accepted'),
        rejected = rejected - (old.review_status IS 'rejected'),
        corrected = corrected - (old.review_status IS 'corrected')
    WHERE organisation_id = old.organisation_id;
    UPDATE organisation_counts
    SET quotes = quotes + 1,
        to_review = to_review + (new.review_status IS NULL),
        accepted = accepted + (new.review_status IS 'accepted'),
        rejected = rejected + (new.review_status IS 'rejected'),
        corrected = corrected + (new.review_status IS 'corrected')
    WHERE organisation_id = new.organisation_id;
END;

CREATE TRIGGER stances_count_insert AFTER INSERT ON stances
WHEN new.organisation_id IS NOT NULL
BEGIN
    UPDATE organisation_counts SET stances = stances + 1 WHERE organisation_id = new.organisation_id;
END;

CREATE TRIGGER stances_count_delete AFTER DELETE ON stances
WHEN old.organisation_id IS NOT NULL
BEGIN
    UPDATE organisation_counts SET stances = stances - 1 WHERE organisation_id = old.organisation_id;
END;

CREATE TRIGGER stances_count_update AFTER UPDATE OF organisation_id ON stances
WHEN new.organisation_id IS NOT old.organisation_id
BEGIN
    UPDATE organisation_counts SET stances = stances - 1 WHERE organisation_id = old.organisation_id;
    UPDATE organisation_counts SET stances = stances + 1 WHERE organisation_id = new.organisation_id;
END;
