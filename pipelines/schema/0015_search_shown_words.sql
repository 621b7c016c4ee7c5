-- Search finds a quote by the words that are shown: where somebody has put them right, by these.

DROP TRIGGER quotes_search_insert;
DROP TRIGGER quotes_search_delete;
DROP TRIGGER quotes_search_update;
DROP TABLE quotes_fts;

CREATE VIRTUAL TABLE quotes_fts USING fts5 (
    shown_text, content="quotes", content_rowid="id", tokenize="porter unicode61 remove_diacritics 2"
);
INSERT INTO quotes_fts (quotes_fts) VALUES ('rebuild');

CREATE TRIGGER quotes_search_insert AFTER INSERT ON quotes
BEGIN
    INSERT INTO quotes_fts (rowid, shown_text) VALUES (new.id, new.shown_text);
END;

CREATE TRIGGER quotes_search_delete AFTER DELETE ON quotes
BEGIN
    INSERT INTO quotes_fts (quotes_fts, rowid, shown_text) VALUES ('delete', old.id, old.shown_text);
END;

CREATE TRIGGER quotes_search_update AFTER UPDATE OF text, correction ON quotes WHEN old.shown_text <> new.shown_text
BEGIN
    INSERT INTO quotes_fts (quotes_fts, rowid, shown_text) VALUES ('delete', old.id, old.shown_text);
    INSERT INTO quotes_fts (rowid, shown_text) VALUES (new.id, new.shown_text);
END;
