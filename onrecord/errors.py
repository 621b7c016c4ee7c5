"""What goes wrong in a way that the user can mend."""

from __future__ import annotations


class CannotRun(Exception):
    """Nothing was done, and this one sentence says why (exit 2)."""
