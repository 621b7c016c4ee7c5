"""Fuzzes one target, guided by coverage: `python -m tests.fuzz TARGET [FOLDER] [-max_total_time=SECONDS …]`.

Needs atheris, which is no dependency: `pip install atheris` where it has wheels. Inputs that reach something new are
kept in FOLDER, if one is given. What breaks a promise is left in the working folder as `crash-…`, `timeout-…` or
`oom-…`: put it into `found.toml`, and mend what it broke.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

from tests.fuzz.fragments import FRAGMENTS
from tests.fuzz.seeds import seeds

with atheris.instrument_imports(include=["data", "nlp", "pipelines", "spiders", "feedparser", "pypdf", "tomllib"]):
    from tests.fuzz.targets import TARGETS

LIMITS = ("-timeout=10", "-max_len=8192", "-rss_limit_mb=3000")  # seconds an input, bytes of it, memory in all


def dictionary(words: tuple[str, ...]) -> str:
    """The words in the form of libFuzzer."""
    return "".join('"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"\n' for word in words)


name, *options = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "dictionary").write_text(dictionary(FRAGMENTS[name]), encoding="ascii")
    good = Path(folder, "seeds")
    good.mkdir()
    for number, seed in enumerate(seeds(name)):
        (good / str(number)).write_bytes(seed)
    # libFuzzer adds what it finds to the first folder that it is given.
    atheris.Setup([name, f"-dict={folder}/dictionary", *LIMITS, *options, str(good)], TARGETS[name])
    atheris.Fuzz()
