"""Page to rows: archive, article, relevance, store, extract."""
