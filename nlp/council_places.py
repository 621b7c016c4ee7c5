"""Places that stand for their councils: "what has happened in Rotherham", "the London boroughs of Barnet and Brent"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import takewhile

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span, Token

from nlp.lexicon import lexicon

Run = list[Span]  # places joined by commas and "and": what is said of one is said of all

_JOINTS = {",", "and", "or", "&", "both", "as", "well"}
_LIST_OPENERS = {":", "(", "-", "including", "like", "namely", "as", "them", "with"}
_OPENED_BY = {"them": {"among", "amongst", "of"}, "with": {"starting", "beginning"}}  # behind these words alone
_OF_ITS = {"its", "our", "their", "his", "her", "whose"}
_FINITE = {"VBD", "VBP", "VBZ"}
_HELPERS = {"partner", "partners", "neighbour", "neighbours"}
_HELPER_WITHIN = 6  # tokens: "its sector-led improvement partner"
_CLAUSE_OPENERS = {"and", "but", "while", "that", "as", "when", "although", "though", "both", "because", "since"}
_TYPES = {"city", "county", "borough", "metropolitan", "district", "unitary", "london", "royal"}
_SHORT_COUNCILS = {"mbc", "cc", "lbc", "mdc", "bc"}  # "Barnsley MBC"
_COUNCILS = _SHORT_COUNCILS | {"council"}
_SPOKEN_OF = {"council", "councils", "council's", "authority", "authorities"}
_THE_COUNCIL = {"council", "authority", "borough"}
_NO_COUNCIL_BEFORE = {"of", "tax"}  # "the authority of the court", "the council tax"
_IN = {"in", "across", "of", "at", "from", "for", "throughout", "around"}  # what leads to a place that a text is about
_LEAD = 600  # characters: the first paragraphs, which say what a text is about
_NEAR = 8  # tokens between the noun and its list ("the three authorities rated lowest this year: ...")


class CouncilPlaces:
    """Tells which places of a text mean councils, by the cues of data/lexicon/place_context.csv."""

    def __init__(self, nlp: Language) -> None:
        self._cues = PhraseMatcher(nlp.vocab, attr="NORM")
        for row in lexicon("place_context"):
            phrases = {row["words"], row["words"].replace("'s", "s")}
            self._cues.add(row["use"], [nlp.make_doc(phrase) for phrase in phrases])

    def __call__(self, doc: Doc, places: Sequence[Span]) -> Iterator[tuple[Span, Span, str]]:
        """For each of these places that means its council: the place, the words that name the council, the rule."""
        if not places:
            return
        context = _Context(doc, self._cues(doc))
        for run in _runs(places):
            if _part_of_a_name(run):
                continue
            end = context.council_behind(run)
            if end is not None:
                for place in run:
                    whole = len(run) == 1 and doc[end - 1].lower_ in _COUNCILS
                    yield place, doc[place.start : end] if whole else place, "place-council"
            elif rule := context.rule(run):
                for place in run:
                    yield place, place, rule


def place_of_the_text(doc: Doc, places: Sequence[Span]) -> Span | None:
    """Where a text that speaks of "the council" and names none says in which place: "neglect … in Westmere".

    Of several places, the only one that its first paragraphs name.
    """
    if not any(_is_the_council(noun) for noun in doc):
        return None
    told = [it for it in places if it.start and doc[it.start - 1].lower_ in _IN and not _part_of_a_name([it])]
    if len({it.text for it in told}) > 1:
        told = [it for it in told if it.start_char < _LEAD]
    return told[0] if len({it.text for it in told}) == 1 else None


def _is_the_council(noun: Token) -> bool:
    doc, i = noun.doc, noun.i
    if noun.lower_ not in _THE_COUNCIL or not i or doc[i - 1].lower_ != "the":
        return False
    return i + 1 == len(doc) or doc[i + 1].lower_ not in _NO_COUNCIL_BEFORE


class _Context:
    """The cues of one text, by where they stand and by sentence."""

    def __init__(self, doc: Doc, cues: Sequence[tuple[int, int, int]]) -> None:
        self._doc = doc
        self._after: dict[int, int] = {}  # start of words such as "children's services" -> their end
        self._starts: dict[int, set[str]] = {}  # start of a cue -> its uses
        self._ends: dict[int, set[str]] = {}
        self._sentence = [0] * len(doc)
        self._uses: list[set[str]] = []
        for number, sentence in enumerate(doc.sents):
            self._sentence[sentence.start : sentence.end] = [number] * len(sentence)
            self._uses.append(set())
        for key, start, end in cues:
            uses = set(doc.vocab.strings[key].split("|"))
            if "after" in uses:
                self._after[start] = max(end, self._after.get(start, 0))
            self._starts.setdefault(start, set()).update(uses)
            self._ends.setdefault(end, set()).update(uses)
            self._uses[self._sentence[start]] |= uses

    def council_behind(self, run: Run) -> int | None:
        """Where "council", "'s children's services" and the like end, if they stand right behind the run."""
        i = run[-1].end
        if i < len(self._doc) and self._doc[i].norm_ in {"'s", "'"}:
            i += 1
        types = i
        while i < min(len(self._doc), types + 4) and self._doc[i].lower_ in _TYPES:
            i += 1
        if i < len(self._doc) and self._doc[i].lower_ in _SHORT_COUNCILS and self._doc[i].is_upper:
            return i + 1
        return self._after.get(i)

    def rule(self, run: Run) -> str | None:
        """The rule by which a run without such words means councils."""
        start, end = run[0].start, run[-1].end
        before = self._ends.get(start, set())
        if "before" in before:
            return "place-before"
        alone = self._stands_alone(end)
        if self._of_councils and (
            ("helper" in before and (alone or self._doc[end].tag_ in _FINITE)) or (alone and self._is_helper(end))
        ):
            return "place-helper"
        if not alone:
            return None
        uses = self._uses[self._sentence[start]]
        if "topic" in uses and "other" not in uses:
            if "before_topic" in before:
                return "place-topic"
            if self._is_list(start):
                return "place-list"
            if "verdict" in before or self._is_judged(run):
                return "place-judged"
        return None

    @cached_property
    def _of_councils(self) -> bool:
        """The text speaks of councils, so that who helps may be one."""
        return any(token.lower_ in _SPOKEN_OF for token in self._doc)

    def _is_helper(self, end: int) -> bool:
        """Whether "its improvement partner" or the like stands behind the run."""
        doc = self._doc
        if end + 1 >= len(doc) or doc[end].text != "," or doc[end + 1].lower_ not in _OF_ITS:
            return False
        behind = takewhile(lambda it: it.is_alpha or it.text == "-", doc[end + 2 : end + 2 + _HELPER_WITHIN])
        return any(token.lower_ in _HELPERS for token in behind)

    def _stands_alone(self, end: int) -> bool:
        """No noun behind that the place would belong to ("Rotherham schools", "Leeds's parks")."""
        if end == len(self._doc):
            return True
        token = self._doc[end]
        if token.norm_ in {"'s", "'"} and not self._doc[end - 1].whitespace_:
            return False
        return token.is_punct or token.is_space or token.is_stop or not {"verdict", "topic"}.isdisjoint(self._at(end))

    def _at(self, i: int) -> set[str]:
        return self._starts.get(i, set())

    def _is_list(self, start: int) -> bool:
        """Whether the run is a list of the councils spoken of: "three authorities (", "councils such as"."""
        opener = self._doc[start - 1].norm_ if start else ""
        if opener == "," and start > 1:
            return "list" in self._ends.get(start - 1, set())
        if opener in _OPENED_BY and (start < 2 or self._doc[start - 2].lower_ not in _OPENED_BY[opener]):
            return False
        first = max(0, start - 1 - _NEAR)
        return opener in _LIST_OPENERS and any("list" in self._ends.get(i, set()) for i in range(first, start))

    def _is_judged(self, run: Run) -> bool:
        """Whether the run is the subject of a verdict: "Leeds and York were both rated good"."""
        start, i = run[0].start, run[-1].end
        before = self._doc[start - 1] if start else None
        opens = before is None or before.is_punct or before.is_space or before.lower_ in _CLAUSE_OPENERS
        if not opens and not self._doc[start].is_sent_start:
            return False
        if i < len(self._doc) and self._doc[i].text == ",":
            i += 1
        while i < len(self._doc) and "verdict" not in self._at(i):
            token = self._doc[i]
            if not (token.is_stop or token.lower_.endswith("ly")) or token.is_space:
                return False
            i += 1
        return i < len(self._doc)


def _runs(places: Sequence[Span]) -> Iterator[Run]:
    """Places in runs; what parts neighbours of a run is commas and joining words alone."""
    run: Run = []
    for place in places:
        between = place.doc[run[-1].end : place.start] if run else None
        if between is not None and 0 < len(between) <= 3 and all(token.lower_ in _JOINTS for token in between):
            run.append(place)
        else:
            if run:
                yield run
            run = [place]
    if run:
        yield run


def _part_of_a_name(run: Run) -> bool:
    """Whether a longer name holds the place: "Kent Police", "John Barnet", "the Leeds-born", "Newcastle-under-Lyme"."""
    doc, start, end = run[0].doc, run[0].start, run[-1].end
    if start and doc[start - 1].is_title and not doc[start - 1].is_stop and not doc[start - 1].is_sent_start:
        return True
    if start and doc[start - 1].text == "-" and not doc[start - 1].whitespace_:
        return True
    return bool(end < len(doc) and doc[end].text == "-" and not doc[end - 1].whitespace_)
