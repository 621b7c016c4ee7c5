"""The rows of one onrecord file brought into another: shards of a crawl, an old copy, what another program has built.

Files may come in any order and any number of times: what is there already is not written.
"""

from onrecord.merge.file import TABLES, Brought, bring

__all__ = ["TABLES", "Brought", "bring"]
