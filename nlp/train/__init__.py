"""How the weights of data/model are made: `make model CORPORA=folder` (see README.md here)."""
