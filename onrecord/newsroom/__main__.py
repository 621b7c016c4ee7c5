"""`python -m onrecord.newsroom [NIGHT]`: serves the sites until Ctrl-C, for looking at them in a browser."""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from onrecord.newsroom.server import Newsroom


def main(arguments: list[str]) -> int:
    """Prints where the sites and their registry are, and waits. Exit 2 for an argument that is not 1 or 2."""
    if arguments not in ([], ["1"], ["2"]):
        print("usage: python -m onrecord.newsroom [1|2]", file=sys.stderr)
        return 2
    with Newsroom() as newsroom, tempfile.TemporaryDirectory() as folder:
        newsroom.night = int(arguments[0]) if arguments else 1
        registry = Path(folder, "sources.toml")
        registry.write_text(newsroom.registry, encoding="utf-8")
        for site, address in newsroom.addresses.items():
            print(f"{site:20} {address}/")
        print(f"{'registry':20} {registry}\nCtrl-C ends it.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
