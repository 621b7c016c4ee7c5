"""Shards: the sources of the registry, shared out among nights on several machines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from onrecord.crawl import groups_by_host, hosts_of
from onrecord.errors import CannotRun
from pipelines.keys import digest
from spiders.registry import Source

_SHARD = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


class Shard(NamedTuple):
    """The i-th of n."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def parse(cls, given: str) -> Shard:
        """Reads "2/3". Raises CannotRun."""
        found = _SHARD.fullmatch(given.strip())
        shard = cls(*map(int, found.groups())) if found else cls(0, 0)
        if not 1 <= shard.number <= shard.of:
            raise CannotRun(f"{given!r} is no shard: write the second of three as 2/3.")
        return shard

    def share(self, registry: Iterable[Source]) -> set[str]:
        """Ids of the sources that are this shard's, disabled ones among them.

        Sources that share a host are in one shard, which a hash of the first of their hosts tells: so a source that is
        added, or disabled, moves no other, unless it shares hosts with two that shared none.
        """
        return {
            source.id
            for group in groups_by_host(registry)
            if int(digest(min(host for source in group for host in hosts_of(source)))[:8], 16) % self.of
            == self.number - 1
            for source in group
        }
