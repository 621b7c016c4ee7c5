"""How good extraction is, measured on annotated texts: docs/quality.md and the scores that tests/quality.json pins."""
