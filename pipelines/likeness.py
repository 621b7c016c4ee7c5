"""Whether one text is a copy of another: told by runs of five words (shingles) that both have.

Signatures (MinHash) find the few texts that are worth comparing, the words themselves decide. How much must be shared
was measured on tests/cases/stories.toml: an edited copy shares 0.74 or more of the shorter text's runs with what it was
made of, another council's statement from the same wording 0.62 or less. (Of the runs of both texts together, a copy
that was cut has no more than such a statement has: 0.42.)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy
from rensa import RMinHash

from pipelines.keys import fold_words

# In a shorter text a name or two are all that tells a story from another one; it must be the same to the letter.
FEWEST_WORDS = 50
_RUN = 5  # words
_SHARED = 0.7  # of the shorter text's runs
# Of the runs of both texts, as signatures estimate it (give or take 0.04): less has a copy of which little is left, and
# a short piece inside a long round-up.
_WORTH_COMPARING = 0.25
_HASHES = 128


def signature(text: str) -> bytes:
    """512 bytes, the same for the same words wherever and whenever they are made."""
    minhash = RMinHash(num_perm=_HASHES, seed=1)
    minhash.update(list(_runs(text)))
    return numpy.array(minhash.digest(), "<u4").tobytes()


def resembling(ids: Collection[int], signatures: Mapping[int, bytes]) -> set[tuple[int, int]]:
    """Which of these texts are worth comparing with which of all that have a signature: pairs, the lower id first."""
    if not any(id in signatures for id in ids):
        return set()
    others = numpy.array(list(signatures))
    rows = numpy.frombuffer(b"".join(signatures.values()), "<u4").reshape(-1, _HASHES)
    pairs = set()
    for id in ids:
        if id in signatures:
            equal = (rows == numpy.frombuffer(signatures[id], "<u4")).mean(axis=1)
            pairs |= {(min(id, other), max(id, other)) for other in others[equal >= _WORTH_COMPARING].tolist()}
    return {(one, other) for one, other in pairs if one != other}


def is_copy(one: str, other: str) -> bool:
    """Whether most of one text, whichever, is in the other."""
    ours, theirs = _runs(one), _runs(other)
    return len(ours & theirs) >= _SHARED * min(len(ours), len(theirs))


def _runs(text: str) -> set[str]:
    words = fold_words(text).split()
    return {" ".join(words[start : start + _RUN]) for start in range(max(1, len(words) - _RUN + 1))}
