"""What tests of bulk extraction do to its processes, with this folder on PYTHONPATH; Python reads it by its name.

Pages that say so hang their parser, fill the memory or break a rule; modules named by MISSING are not installed.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any

sys.modules |= dict.fromkeys(os.environ.get("MISSING", "").split())  # type: ignore[arg-type]

if "pipelines.template" in sys.orig_argv:
    import pipelines.article
    import pipelines.tasks

    _read, _find = pipelines.article.read_article, pipelines.tasks.find_records

    def read_article(page: Any) -> Any:
        if b"HANGS" in page.body:
            re.fullmatch(r"(\w+\s?)+", "a" * 60 + "!")  # with Python's lock: nothing in the process can interrupt it
        if b"FILLS" in page.body:
            page.body = bytes(3_000_000_000)
        return _read(page)

    def find_records(text: str, *others: Any) -> Any:
        if "BREAKS" in text:
            raise ZeroDivisionError("a rule failed")
        return _find(text, *others)

    pipelines.article.read_article, pipelines.tasks.find_records = read_article, find_records
