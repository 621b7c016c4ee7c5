# Everything here needs `python3` (3.11 or newer) and `make`, nothing else.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check lint types format lock sources-doc quality bench model clean

# Locked and hashed dependencies, then this checkout itself.
.venv/.done: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "onrecord needs Python 3.11 or newer")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# A whole night over invented sites on this machine.
demo: .venv/.done
	$(BIN)/python -m onrecord.newsroom.demo demo/onrecord.db

test: .venv/.done
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: lint types test

lint: .venv/.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.done
	$(BIN)/mypy

format: .venv/.done
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Rewrites requirements.txt from pyproject.toml.
lock: .venv/.done
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --extra dev --output-file requirements.txt pyproject.toml

# Rewrites docs/sources.md from data/sources.toml.
sources-doc: .venv/.done
	$(BIN)/python -m onrecord.sources_doc

# Measures extraction on annotated texts, writes docs/quality.md, and fails if a pinned score (tests/quality.json) has fallen;
# make quality PIN=1 takes today's scores as the pinned ones, GOLD=folder other texts.
GOLD ?= ../shared/gold
quality: .venv/.done
	$(BIN)/python -m onrecord.quality $(GOLD) $(if $(PIN),--pin)

# Measures what onrecord costs, each number beside a yardstick, and writes docs/performance.md: some 15 minutes, on a
# machine that does nothing else; make bench ONLY=night measures one thing and prints it.
bench: .venv/.done
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m onrecord.bench $(if $(ONLY),--only $(ONLY))

# Trains data/model anew from the corpora that nlp/train/corpora.toml names: make model CORPORA=folder
model: .venv/.done
	$(BIN)/python -m nlp.train.train $(CORPORA) build/model
	$(BIN)/python -m nlp.train.score $(CORPORA)

clean:
	rm -rf .venv demo build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
