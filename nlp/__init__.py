"""Text to records: one spaCy component per file, assembled by `nlp.build`."""
