-- What is asked for again though nothing says that it has changed, and bodies that outlive a killed night.

-- The page of a listing of which this one is a part (a sitemap of an index, a meeting of a committee); null: of none.
ALTER TABLE pages ADD COLUMN part_of INTEGER REFERENCES pages (id) ON DELETE SET NULL;
CREATE INDEX pages_part_of ON pages (part_of) WHERE part_of IS NOT NULL;
-- Listings are read anew once, so that their parts are known.
UPDATE pages SET etag = NULL, last_modified = NULL, body_hash = NULL WHERE role = 'listing';

-- The body that the listing carried, until it is read, then nothing; null: the page is asked for.
ALTER TABLE pages ADD COLUMN carried BLOB;
UPDATE pages SET carried = x'' WHERE article_id IN (SELECT id FROM articles WHERE body_method = 'feed');

CREATE TRIGGER pages_carried_read AFTER UPDATE OF status ON pages
WHEN new.status = 200 AND length(new.carried) > 0
BEGIN
    UPDATE pages SET carried = x'' WHERE id = new.id;
END;

-- Which articles' pages have not been asked for in a long time (pipelines/revisits.py).
CREATE INDEX pages_unasked ON pages (source_id, checked_at) WHERE article_id IS NOT NULL AND carried IS NULL;
