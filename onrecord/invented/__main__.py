"""`python -m onrecord.invented DB --quotes N`: a large file to measure with."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from onrecord.invented.file import invent
from pipelines.schema import DatabaseError


def main() -> int:
    """Makes the file, with a line on standard error that says how far it is."""
    parser = argparse.ArgumentParser(prog="python -m onrecord.invented", description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--quotes", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()

    def progress(written: int) -> None:
        if sys.stderr.isatty():
            end = "" if written < given.quotes else "\n"
            print(f"\r{written:,} of {given.quotes:,} quotes", end=end, file=sys.stderr, flush=True)

    try:
        written = invent(given.database, given.quotes, seed=given.seed, progress=progress)
    except (DatabaseError, ValueError) as error:
        parser.error(str(error))
    print(f"{given.database} holds {written:,} quotes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
