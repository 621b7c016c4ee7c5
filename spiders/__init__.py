"""How pages are got: one module per way a site lists its items, built from data/sources.toml."""
