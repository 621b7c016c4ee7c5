"""Posts beside names: "Jane Roe, chair of the LGA's children board, said", "Ofsted's national director, Jane Roe".

A post is told as its role without the body's name, and the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from spacy.tokens import Doc

from nlp.committees import is_committee, names_with_commas
from nlp.gazetteer import by_id, by_place, the_one
from nlp.lexicon import lexicon
from nlp.name_lists import PLACE, PLACE_PART, listed_as
from nlp.records import Mention, Organisation, Post
from nlp.references import body_meant, body_nouns, in_focus, is_kind, own_body
from nlp.spans import first_from, first_in, last_in, text_of, within
from nlp.syntax import Parse
from nlp.text import fold
from nlp.words import Word, reporting_verbs, words_of

_LONGEST_ABBREVIATION = 4  # characters of a party's label that stands in brackets alone: "Cons"
_FURTHEST = 160  # characters between a name and the end of its post
_MODIFIERS = 6  # words before a role: "national director for social care" has one
_TAIL = 5  # words between a role and the name: "head of policy Jane Roe"
_LONGEST_ROLE = 16  # words

_STOP = re.compile(r"[.:;!?“”\"(){}\[\]\n]|\s[-–—]\s")
_JOINED = re.compile(
    r"(?:and|or|but|as|at least|it|he|she|they|we|you|there|this|that|which|when|where|while|because|if|so)\b"
)  # goes on with something else than a post
_SIGNED = re.compile(r",?\n+(?P<post>[A-Z][^\n.:;!?“”\"]{3,120})(?:\n|$)")
_ABOUT = re.compile(r"(?:on|in|about|after|before|during|under|by|speaking|writing)\s")  # "Jane Roe, on what they see"
_OPENING = re.compile(r",\s+|\s*\(|\s+[-–—]\s+")
_OF_BODY = re.compile(
    r"\s+(?:of|from|at|for)\s+(?:the\s+)?"
    r"|,\s+(?:of|from)\s+(?:the\s+)?"
    r"(?:(?<=the\s)(?:[a-z’'-]+\s+){0,2}(?:union|charity|association|think[ -]tank|network|group)\s+)?"
)  # "Jane Roe, from the trade union Unison"
_OF_THE = re.compile(r"(.+)\s(?:of|for|at)\s")
_OWNER = re.compile(r"^(?!Majesty)(?P<owner>[A-Z][\w-]+)['’]s\s+(?=[A-Za-z])")
_PEER = re.compile(r"(?:Lord|Lady|Baroness|Baron|Viscount|Viscountess|Earl|Countess)\b")
_OF_PLACE = re.compile(r"\s+of\s+[A-Z][\w’'-]*(?:\s+(?:[a-z]+\s+)*[A-Z][\w’'-]*)*")
_LABEL = re.compile(
    r",?\s+(?P<bracket>\()?"
    r"(?:(?P<seat>[DRI]-[A-Z][\w.]*(?:\s[A-Z]\w*\.?)?)|(?P<party>[A-Z][\w/ -]{0,18}))(?(bracket)\)|(?![\w'’]))"
)
_BRACKETS = re.compile(r"\s{1,2}\((?P<words>[A-Z][^()\n]{0,60})\)")
_PARTED = re.compile(r"\s*[,;:–—]\s*|\s+-\s+")
# How a sentence tells that somebody holds a post, or came to: "became", "has been appointed", "arrived as", "is now".
BECAME = (
    r"(?:(?:recently|only|first)\s+)?"
    r"(?:(?:has\s+)?(?:arrived|joined|came|started|began|took\s+over|stepped\s+up|returned|became)"
    r"|(?:was|is|has\s+been)\s+(?:recently\s+)?(?:appointed|named)|works|serves|has\s+been|(?P<now>is))"
    r"(?:\s+(?:now|currently|also))?\s+(?:(?:in\s+post\s+)?as\s+)?"
)
_WHO_BECAME = re.compile(rf"who\s+{BECAME}(?P<post>[^.,:;!?“”\"()\n]{{3,120}})")
_WHEN = re.compile(
    r"\s(?:by|since|last|this|earlier|after|when|until|just|only|ago|and\s+(?:is|was|has|had|who|will|now|then)"
    r"|(?:on|for|from|in|at|an?)\s+(?:\d|(?:the|more|less|almost|nearly|just|only|early|late|year|month|week)\b)"
    r"|(?:in|from|for|on)\s+(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|\w+day|spring|summer|autumn|winter|two|three|four|five|six|seven|eight|nine|ten)\b|(?:two|three|four|five|six)\s)"
)  # "… became director in April"
_ELSEWHERE = re.compile(r"\s(?:at|in|for|of|with)\s+(?:the\s+)?[A-Z]")
_ON_THE_COUNCIL = re.compile(r"\s(?:on|at|in)\s+(?:the\s+)?(?:[\w-]+\s+){0,3}(?:[Cc]ouncil|authority|[Hh]all)\b.*$")
_OUTSIDERS = ("political_party", "trade_union")  # have their people at councils, who speak for them
_OF_A_WHOLE = re.compile(r"\s(?:on|at|of|within)\s+(?:the\s+)?[A-Z][\w’'&]*(?:\s+(?:of\s+)?[A-Z][\w’'&]*)*$")
_WHOSE_GROUP = re.compile(r"^(?:[A-Z][\w&]*\s+)*[A-Z][\w&]*['’]s?\s+$")
_NOT_ITS_VOICE = re.compile(
    r"\b(?:shadow|opposition|former|ex|past|previous)\b"
)  # speaks for the council no more, or not yet
_COUNCILLOR = re.compile(r"(?:Cllr|Councillor|Coun)\b")
_OFFICE = re.compile(r"\b(?:chair\w*|leader|mayor|portfolio|cabinet|lead|executive)\b(?!.*\bgroup\b)")
_FORMER = re.compile(r"\s*(?:former|ex-|then|past|previous|one-time)\s*", re.IGNORECASE)
_PAST = re.compile(r"(?:former(?:ly)?|ex|past|previous(?:ly)?|one-time)\b", re.IGNORECASE)
_AND = re.compile(r"(?P<rest>(?:\s+[a-z]+){0,2}?)\s+and\s+")
_ALSO = re.compile(r"(?:and\s+)?(?:(?:is\s+)?(?:now|currently|also)\s+)*")
_WHO_HEADS = re.compile(
    r"who\s+(?:also\s+)?(?P<verb>chairs|leads|heads|manages|directs)\s+(?:the\s+)?"
    r"(?:(?:charity|union|think[ -]tank|network)\s+(?=[A-Z]))?"
)
# "Jane Roe, who chairs the pay committee of the ADCS".
_PART_OF = re.compile(
    r"(?P<part>(?:(?:[a-z][\w’'-]*|[A-Z][\w-]*)\s+(?:and\s+)?){0,5}?(?:[Bb]oard|[Cc]ommittee|[Gg]roup|[Pp]anel|[Nn]etwork|[Tt]eam|[Ff]orum))"
    r"\s+(?:of|at|for)\s+(?:the\s+)?"
)
LOCAL_PARTY = r"(?P<local>[A-Z][\w’'-]+\sIndependents)"
_OF_LOCAL_PARTY = re.compile(rf",?\s+(?:of|for|from)\s+(?:the\s+)?{LOCAL_PARTY}\b")
_BY = re.compile(r"\b(?:by|to|from|with|[Ff]or)\s+(?:the\s+)?$")  # "echoed by Ofsted's director, Jane Roe"
_WHOSE_PART = re.compile(r"\bits\s")  # "Jane Roe, chair of its board"
_WHO = re.compile(r",\s+who\s")
_ITS = re.compile(r"(?:[Ii]ts|[Tt]heir)\s+")
_NAMED = re.compile(r"[A-Z][\w’'&-]*(?:\s+(?:(?:of|for|and|in)\s+)?[A-Z][\w’'&-]*){2,8}")
_PART = re.compile(
    r"[A-Z][\w’'-]+(?:\s(?:(?:and|of|for)\s)?[A-Z][\w’'-]+)*"
    r"|[a-z’' -]{3,60}\b(?:board|committee|group|panel|network|team|service)\b"
)
_COUNCILS = {"council", "authority", "borough"}
_HEADS = {"chairs": "chair", "leads": "leader", "heads": "head", "manages": "manager", "directs": "director"}
_OWNED = re.compile(r"['’]s?\s+")
_ARTICLE = re.compile(
    r"^(?!H(?:is|er)\s+Majesty)(?:the|a|an|its|his|her|their|our|my|currently|now|also|new|newly\s+appointed)\s+",
    re.IGNORECASE,
)
_WHOSE = re.compile(
    r"^(?:study|report|survey|review|paper|panel|committee|board|inquiry|company|firm|group|organisation|agency|body|party"
    r"|partnership|university|team|force)['’]s\s+",
    re.IGNORECASE,
)
_TERM = re.compile(r",?\s+(?:for\s+)?(?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?$")  # "president 2024/25"
_FROM_PLACE = re.compile(r"\sfrom\s(?:(?:the\s)?[a-z]+\s)?[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*)?$")  # "… from south Wales"
_LAST_PREPOSITION = re.compile(
    r"(?:\s+(?:appointed|employed|commissioned|sent\s+in|brought\s+in)\s+by|\s+(?:of|at|for|from|in|on|and|with|to))"
    r"(?:\s+the)?$|\s+the$"
)
_SMALL = {"the", "a", "an", "its", "his", "her", "their", "our", "this", "that"}
_PREPOSITIONS = {"of", "at", "for", "from", "in", "with", "to", "on", "by", "as", "like", "than", "under", "over"}
_PREPOSITIONS |= {"since", "after", "before", "about", "against", "between", "including", "among", "until", "into"}
_VERBS = {"is", "was", "are", "were", "has", "had", "have", "who", "which", "whose", "will", "would", "can", "could"}
_BREAKS = _SMALL | _PREPOSITIONS | _VERBS | {"and", "but", "or", "when", "while", "said", "both"}
# Who heads a body: "president of X" names one, where "director of X" may say what the post is about.
_HEADS_OF_BODIES = {
    *("chief executive", "chief executive officer", "ceo", "president", "vice-president", "chair", "chairman"),
    *("chairwoman", "chairperson", "vice-chair", "founder", "co-founder", "general secretary", "secretary general"),
    *("director general", "director-general", "leader"),
}
_CAPITALS = r"[A-Z][\w’'&-]*(?:\s+(?:(?:of|for|and|the|in|&)\s+){0,2}[A-Z][\w’'&-]*)+"
_IN_BODY = re.compile(rf"(?P<role>.+?)\s+(?P<link>at|of)\s+(?:[Tt]he\s+)?(?P<body>{_CAPITALS})\s*")
# "Director at Harbour", "head of policy at the charity Harbour"
_AT_NAME = re.compile(
    r"(?P<role>.+?)\s+at\s+(?:the\s+)?"
    r"(?P<kind>(?:[a-z’'-]+\s+)?(?:charity|think[ -]tank|union|consultancy|firm|network)\s+)?"
    r"(?P<body>[A-Z][\w’'&-]+)\s*"
)
# "Children's minister": whom the post is about, not whose it is.
_CONCERNED = {"children", "women", "men", "people", "families", "victims", "veterans", "parents", "carers"}


@cache
def role_words() -> frozenset[str]:
    """Head nouns of posts, lower case."""
    return frozenset(row["role"].lower() for row in lexicon("roles"))


@cache
def _telling_posts() -> list[tuple[re.Pattern[str], Mapping[str, str]]]:
    """Posts that say by themselves whom their holder speaks for, as patterns of a folded role in lower case."""
    found = []
    for row in lexicon("posts"):
        post = re.escape(fold(row["post"]).lower())
        found.append((re.compile(rf"\b{post}\b" if row["within"] else rf"^{post}$"), row))
    return found


@cache
def _parties() -> Mapping[str, str]:
    """Party label as printed ("Lab") to the party's id."""
    return {row["label"]: row["organisation"] for row in lexicon("party_labels")}


@cache
def _party_labels() -> str:
    """Names of parties as a text prints them, for a pattern: "Labour", "Lib Dem"."""
    told = (it for it in _parties() if len(it) > _LONGEST_ABBREVIATION or (it.isupper() and len(it) > 2))  # "SNP"
    labels = sorted(told, key=len, reverse=True)
    return "|".join(map(re.escape, labels))


@cache
def _party_group() -> re.Pattern[str]:
    """The councillors of a party: "Labour group", "opposition Conservative group", "Conservative opposition"."""
    return re.compile(
        r"(?:(?P<place>(?:(?:main|largest)\s+)?[Oo]pposition|[Mm]inority|[Rr]uling)\s+)?"
        rf"(?P<label>{_party_labels()})\s+(?P<what>(?P<opposed>[Oo]pposition(?:\s+[Gg]roup)?)|[Gg]roup)\b(?!['’])"
    )


@cache
def _leads_group() -> re.Pattern[str]:
    """Where a clause says who leads such a group, or the opposition."""
    return re.compile(
        rf"\b(?P<verb>leads|heads)\s+the\s+(?:{_party_group().pattern}|(?P<alone>opposition(?:\s+group)?|group)\b)"
    )


def group_led(clause: str) -> Post | None:
    """The post of one who "was elected in May and leads the Labour group", or "leads the opposition"."""
    led = _leads_group().search(clause)
    if led is None:
        return None
    return Post(f"leader of the {led['alone'] or _worded(led)}", None if led["alone"] else _party(led["label"]))


@cache
def _comma_and_party() -> re.Pattern[str]:
    """What may stand between a post and its holder: ", Labour's ", ", Liberal Democrat Cllr "."""
    return re.compile(rf",\s+(?P<label>{_party_labels()})\s+$")


@cache
def _of_the_party() -> re.Pattern[str]:
    """What says behind a name for which party its bearer speaks: ", for the Liberal Democrats,"."""
    return re.compile(rf",\s+(?:for|of|from)\s+(?:the\s+)?(?P<label>{_party_labels()})(?=,|\s+(?:group|party)\b)")


@cache
def _the_partys() -> re.Pattern[str]:
    """What says so before a name: "the Greens' Jane Roe"."""
    return re.compile(rf"\b(?P<label>{_party_labels()})['’]s?\s+$")


@cache
def _honours() -> re.Pattern[str]:
    """The honours between a name and its post: "Jane Roe CBE, chair of …"."""
    words = "|".join(re.escape(row["word"]) for row in lexicon("name_words") if row["use"] == "honour")
    return re.compile(rf"(?:,?\s(?:{words})\b)*")


def _is_role(word: str) -> bool:
    word = word.lower().rpartition("-")[2]
    return word in role_words() or (word.endswith("s") and word[:-1] in role_words())


def _whose_part(text: str, start: int, end: int) -> re.Match[str] | None:
    """Where a post says that it is of a body named before: "its chair", "their chair", "chair of its board"."""
    return _ITS.match(text, start, end) or _WHOSE_PART.search(text, start, end)


def _is_post(word: str) -> bool:
    """One person's: "met the inspectors, Jane Roe" tells no post of hers."""
    return word.lower().rpartition("-")[2] in role_words()


class PostReader:
    """Reads the posts beside the names of one Doc, whose organisations have been found."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._text = text_of(doc)
        self._bodies: list[Mention] = doc._.organisation_mentions
        self._parse = Parse.of(doc)
        self._names = names_with_commas(self._text)

    def beside(self, before: int, end: int) -> Post | None:
        """The post of a name that ends at `end` and, with its titles, begins at `before`."""
        end, party = self._past_labels(before, end)
        post = self._told(before, end)
        if post is not None and post.role is not None and post.organisation is None:
            post = implied(self._doc, post.role) or _of_party(post.role)
        if post is not None and post.role is not None and post.organisation is None:
            post = self._of_councillor(post.role, before) or post
        if party is not None and (post is None or post.organisation is None):
            return Post(post.role if post is not None else None, party)
        return post

    def all_behind(self, before: int, end: int) -> Iterator[Post]:
        """Every post with its body in the apposition behind a name: "director at A, now President of B"."""
        end, _ = self._past_labels(before, end)
        opening = _OPENING.match(self._text, end)
        if opening is None:
            return
        limit = _end_of_apposition(self._text, opening.end())
        bodies = within(self._bodies, opening.end(), limit)
        for part in _parts(self._text, opening.end(), limit, self._unparted(bodies, opening.end(), limit)):
            for start, stop in self._joined(*part, bodies):
                post = self._of_body(start, stop)
                if post is None:
                    return  # somebody else, or what the sentence goes on with
                yield post

    def _joined(self, start: int, end: int, bodies: list[Mention]) -> Iterator[tuple[int, int]]:
        """What "and" parts behind a body: "chair of the LGA and leader of Westmere Council"."""
        for body in within(bodies, start, end):
            if joint := _AND.match(self._text, body.end, end):
                yield start, joint.end("rest")
                start = joint.end()
        yield start, end

    def _of_body(self, start: int, end: int) -> Post | None:
        """A post that ends with its body's name, or behind it in plain words ("former ADCS president"); no verb."""
        also = _ALSO.match(self._text, start, end)
        start = also.end() if also else start
        body = last_in(self._bodies, start, end)
        rest = self._text[body.end : end].split() if body is not None else []
        if body is None or (rest and not (rest[-1].islower() and _is_role(rest[-1]))):
            return None
        if any(self._parse.is_verb(word.start) for word in words_of(self._text, start, body.start)):
            return None
        role, organisation = self._role_and_body(start, end)
        return Post(role, organisation or body.organisation) if role else None

    def _of_councillor(self, role: str, before: int) -> Post | None:
        """ "Committee chair Cllr Roe (Lab)" speaks for the council, as who has no office in it does not."""
        plain = fold(role).lower()
        if not _COUNCILLOR.match(self._text, before) or _NOT_ITS_VOICE.search(plain) or not _OFFICE.search(plain):
            return None
        council = own_body(self._doc, "local_authority")
        return Post(role, council) if council else None

    def _past_labels(self, before: int, end: int) -> tuple[int, Organisation | None]:
        """Past what stands between a name and its post, and the party it tells: "Baroness Roe of Ely CBE (Lab)"."""
        text = self._text
        if _PEER.match(text, before) and (place := _OF_PLACE.match(text, end)):
            end = place.end()
        if honours := _honours().match(text, end):
            end = honours.end()
        label = _LABEL.match(text, end)
        if label is not None and label["party"] in _parties():
            return label.end(), _party(label["party"])
        if (bracketed := self._bracketed(end)) is not None:
            return bracketed
        return (label.end() if label is not None and label["seat"] else end), None

    def _bracketed(self, end: int) -> tuple[int, Organisation] | None:
        """Party and ward: "(Con, Exmoor)", "(Exmoor, Con)", "(Exmoor) (Con)"."""
        bracket = _BRACKETS.match(self._text, end)
        if bracket is None:
            return None
        parts = _PARTED.split(bracket["words"])
        for label in (parts[0], parts[-1]):
            if label in _parties():
                return bracket.end(), _party(label)
        party = _BRACKETS.match(self._text, bracket.end())
        return (party.end(), _party(party["words"])) if party and party["words"] in _parties() else None

    def _told(self, before: int, end: int) -> Post | None:
        after = self._signed(before, end) or self._after(end)
        if after is not None and after.role is not None and not _WHO.match(self._text, end):
            return after
        earlier = self._before(before, end)
        if after is not None and after.role is not None:  # "ADCS president Jane Roe, who chairs its pay committee"
            whole = earlier is not None and earlier.role and earlier.organisation and not is_past(earlier)
            return earlier if whole else after
        if after is None or earlier is None:
            return after or earlier
        return Post(earlier.role, after.organisation)  # "leader Jane Roe (Labour)"

    def _signed(self, before: int, end: int) -> Post | None:
        """The post in the line below a name that has its own: at the end of a letter."""
        line = _SIGNED.match(self._text, end)
        if line is None or (before and self._text[before - 1] != "\n"):
            return None
        role, body = self._role_and_body(*line.span("post"))
        return Post(role, body) if role else None

    def _after(self, end: int) -> Post | None:
        """The post in apposition after a name, or the body in "Jane Roe of the LGA"."""
        text = self._text
        if of_party := _of_the_party().match(text, end):
            return Post(None, _party(of_party["label"]))
        if local := _OF_LOCAL_PARTY.match(text, end):
            return Post(None, Organisation(local["local"]))
        if of_body := _OF_BODY.match(text, end):
            body = first_in(self._bodies, of_body.end(), of_body.end() + 1)
            return Post(None, body.organisation) if body else None
        opening = _OPENING.match(text, end)
        if opening is None or _JOINED.match(text, opening.end()) or _ABOUT.match(text, opening.end()):
            return None
        start = opening.end()
        if self._is_told(start):
            return None
        if who := _WHO_HEADS.match(text, start):
            return self._who_heads(who)
        if became := _WHO_BECAME.match(text, start):
            return self._who_became(*became.span("post"))
        limit = _end_of_apposition(text, start)
        inside = within(self._bodies, start, limit)
        first, *rest = _parts(text, start, limit, self._unparted(inside, start, limit))
        role, body_told = self._role_and_body(*first)
        if role is not None and body_told is None and (its := _whose_part(text, *first)):
            body_told = in_focus(self._doc, its.start())
        if role is None and body_told is None:
            return self._in_department(first, rest)
        if body_told is None and rest:  # "chief executive, Barnardo's"
            next_body = within(inside, *rest[0])
            if next_body and not text[rest[0][0] : next_body[0].start].removeprefix("the ").strip():
                body_told = next_body[0].organisation
        return Post(role, body_told)

    def _in_department(self, first: tuple[int, int], rest: list[tuple[int, int]]) -> Post | None:
        """ "Jane Roe, School of Law, University of Westmere": the body behind a part of it."""
        part = self._text[slice(*first)]
        if not rest or not all(word[0].isupper() or word in _PREPOSITIONS | {"and", "the"} for word in part.split()):
            return None
        body = next(iter(within(self._bodies, *rest[0])), None)
        whole = body is not None and not self._text[rest[0][0] : body.start].removeprefix("the ").strip()
        return Post(None, body.organisation) if body is not None and whole else None

    def _is_told(self, start: int) -> bool:
        """The sentence goes on with its verb: "The chair, Jane Roe, told members …"."""
        first = next(iter(words_of(self._text, start, start + 40)), None)
        if first is None or first.start != start:
            return False
        verb = reporting_verbs().get(first.text)
        token = self._parse.token(start)
        return (verb is not None and not verb.weak) or (token is not None and token.tag_ == "VBD")

    def _unparted(self, bodies: list[Mention], start: int, end: int) -> list[tuple[int, int]]:
        """Names inside which a comma parts nothing: of bodies, and of committees."""
        return [(m.start, m.end) for m in bodies] + [span for span in self._names if start <= span[0] < end]

    def _who_heads(self, who: re.Match[str]) -> Post | None:
        """`Jane Roe, who chairs the committee`, `who chairs its policy board`, `who manages the Harbour Programme`."""
        start, head = who.end(), _HEADS[who["verb"]]
        if group := _party_group().match(self._text, start):
            return Post(f"{head} of the {_worded(group)}", _party(group["label"]))
        if (part := _PART_OF.match(self._text, start)) and (of := first_in(self._bodies, part.end(), part.end() + 1)):
            return Post(f"{head} of the {part['part']}", of.organisation)
        body = first_in(self._bodies, start, start + 1)
        if body is not None:
            owned = _OWNED.match(self._text, body.end)
            return self._of_part(head, owned.end(), body.organisation) if owned else Post(head, body.organisation)
        if its := _ITS.match(self._text, start):
            return self._of_part(head, its.end(), in_focus(self._doc, start))
        if named := _NAMED.match(self._text, start):
            name = named.group()
            return Post(f"{head} of the {name}", None) if is_committee(name) else Post(head, Organisation(name))
        noun = next(iter(words_of(self._text, start, start + 40)), None)
        meant = body_meant(self._doc, noun.text, start) if noun is not None and noun.start == start else None
        if noun is None or meant is None:
            return None
        owned = _OWNED.match(self._text, noun.end)
        return self._of_part(head, owned.end(), meant) if owned else Post(head, meant)

    def _who_became(self, start: int, end: int) -> Post | None:
        """`Jane Roe, who became director of children's services in April`: a post that says whose it is."""
        when = _WHEN.search(self._text, start, end)
        role, body = self._role_and_body(start, when.start() if when else end)
        if role is None or body is not None:
            return Post(role, body) if role and body else None
        return telling_post(self._doc, role)

    def _of_part(self, head: str, start: int, body: Organisation | None) -> Post | None:
        """The head of the part of a body that is named at `start`: "chair of the standards board"."""
        whole = next((self._text[start:b] for a, b in self._names if a <= start < b), None)
        part = _PART.match(self._text, start)
        name = whole or (part.group() if part else None)
        return Post(f"{head} of the {name}", body) if name else None

    def _owned_by(self, owner: str) -> Organisation | None:
        """The body whose place or short name owns a post: "Westmere's chief executive", of Westmere Council."""
        bodies = (m.organisation for m in self._bodies if m.organisation)
        named = [body for body in bodies if body.name.startswith(f"{owner} ") and is_kind(body, ("local_authority",))]
        return named[0] if named and len(set(named)) == 1 else None

    def _council_of(self, place: str, role: str | None) -> Organisation | None:
        """The council of a place whose post tells a council: "Westmere's director of children's services"."""
        plain = fold(role or "").lower()
        if not any(post.search(plain) and row["kind"] == "local_authority" for post, row in _telling_posts()):
            return None
        entries = by_place().get(place)
        return the_one(entries, self._doc._.context.published).organisation if entries else None

    def _before(self, before: int, end: int) -> Post | None:
        text = self._text
        owner = last_in(self._bodies, max(0, before - _FURTHEST), before)
        if owner is not None and _OWNED.fullmatch(text, owner.end - _of_own(owner), before):
            return Post(None, owner.organisation)  # "Barnardo's Jane Roe"
        if party := _the_partys().search(text, max(0, before - _FURTHEST), before):
            return Post(None, _party(party["label"]))
        begin = max(0, before - _FURTHEST)
        begin = max(text.rfind("\n", begin, before) + 1, begin)
        if (labelled := _comma_and_party().search(text, begin, before)) is not None:
            # "the cabinet member for children, Liberal Democrat Jane Roe" speaks for the council, others for the party.
            post = self._before_comma(begin, labelled.start(), end)
            opposed = post is not None and post.role is not None and "opposition" in post.role
            return Post(post.role, _party(labelled["label"])) if post is not None and opposed else post
        left = text[begin:before].rstrip()
        if left.endswith(","):
            return self._before_comma(begin, begin + len(left) - 1, end)
        return self._directly_before(begin, before)

    def _directly_before(self, begin: int, before: int) -> Post | None:
        """`LGA board chair Jane Roe`, `head of policy Jane Roe`, `the council's leader Jane Roe`."""
        text = self._text
        words = words_of(text, begin, before)
        head = _head(text, words, before)
        if head is None:
            return None
        bodies = within(self._bodies, begin, before)
        first = head
        while first and head - first < _MODIFIERS:
            word = words[first - 1]
            if _gap(text, word, words[first].start):
                break
            owner = next((m for m in bodies if m.start <= word.start < m.end), None)
            if owner is not None:
                return Post(*self._role_and_body(owner.start, before))
            lower = word.text.lower()
            verb = reporting_verbs().get(lower)
            if lower in _BREAKS or (verb is not None and not verb.weak) or self._parse.is_verb(word.start):
                break
            if word.possessive and lower not in _CONCERNED:
                first -= 1
                break
            first -= 1
        if first and words[first].text == "Majesty":
            first -= 1  # "His Majesty's inspector"
        return Post(*self._role_and_body(words[first].start, before))

    def _before_comma(self, begin: int, comma: int, end: int) -> Post | None:
        """`The president of the ADCS, Jane Roe, said` and `Ofsted's national director, Jane Roe`."""
        text = self._text
        bodies = within(self._bodies, begin, comma)
        names = self._unparted(bodies, begin, comma)
        start = begin
        for match in re.finditer(r"[.:;!?“”\"()]\s*|,\s+", text[begin:comma]):
            if not any(first < begin + match.start() < end for first, end in names):
                start = begin + match.end()
        words = words_of(text, start, comma)
        # "…, said the council's leader, Jane Roe": behind the last verb.
        verbs = [i for i, word in enumerate(words) if _is_verb(word.text)]
        words = words[verbs[-1] + 1 :] if verbs else words
        if not words or len(words) > _LONGEST_ROLE or not any(_is_post(word.text) for word in words):
            return None
        if words[0].text in {"And", "But", "Yet", "Meanwhile"} and len(words) > 1:
            words = words[1:]
        first = words[0]
        articles = [i for i, word in enumerate(words) if word.text in {"a", "an", "the"} and i + 1 < len(words)]
        if articles and not any(_is_role(word.text) for word in words[: articles[-1]]):
            first = words[articles[-1]]  # "… appointed an interim director, Jane Roe"
        opens = first.text.lower() in _SMALL or _is_role(first.text) or first.possessive
        if not opens and not any(m.start == first.start for m in bodies):
            owner = next((m for m in bodies if _BY.search(text, first.start, m.start)), None)
            if owner is None or (first.text[0].isupper() and text[end : end + 1] not in {",", "."}):
                return None  # "According to Ofsted's director, Jane Roe left": she is another
            first = next(word for word in words if word.start >= owner.start)
        role, body = self._role_and_body(first.start, comma)
        if (its := _whose_part(text, first.start, comma)) and not within(self._bodies, first.start, comma):
            body = in_focus(self._doc, its.start()) or body  # whatever council the text is about
        return Post(role, body) if role else None

    def _role_and_body(self, start: int, end: int) -> tuple[str | None, Organisation | None]:
        """Splits "chair of the LGA's children board" into ("chair of the children board", LGA)."""
        text = self._text
        if (of_group := _of_group(text[start:end])) is not None:
            return of_group
        bodies = within(self._bodies, start, end)
        if not bodies:
            return self._with_body_noun(start, end)
        mention = bodies[0]
        before = _ARTICLE.sub("", text[start : mention.start], count=1)
        owned = _OWNED.match(text, mention.end, end)
        rest = text[owned.end() if owned else mention.end : end]
        if not before.strip() and not rest.strip() and _names_a_post(mention):
            return mention.text, mention.organisation
        if _FORMER.fullmatch(before):
            role = _trimmed(before + rest)  # "former ADCS president": she speaks for it no more
            return (role, None) if role and any(_is_role(word.text) for word in words_of(role)) else (None, None)
        if not before.strip():
            phrase = _without_other_body(rest, bodies[1:])  # "Ofsted's director"
            if is_kind(mention.organisation or Organisation(""), _OUTSIDERS):
                phrase = _ON_THE_COUNCIL.sub("", phrase)  # "Labour's spokesperson on the council"
        elif owned or is_committee(rest):
            phrase = _join(before, rest)  # "chair of the LGA's board", "chair of the LGA Children's Board"
        else:
            phrase = _without_body_noun(before.rstrip(" ,"))  # "director at Barnardo's", "leader of the union NAHT"
        role = _trimmed(phrase)
        if role is not None and any(_is_role(word.text) for word in words_of(role)):
            return role, mention.organisation
        # Told with other words than a post that we can read, or with none at all.
        return None, None if before.strip() else mention.organisation

    def _is_named_before(self, body: Organisation | None, position: int) -> bool:
        return any(mention.organisation == body for mention in self._bodies[: first_from(self._bodies, position)])

    def _with_body_noun(self, start: int, end: int) -> tuple[str | None, Organisation | None]:
        """ "Leader of the council" and "the council's leader" are a leader; a "council leader" is one by that name."""
        text = self._text
        words = words_of(text, start, end)
        if not any(_is_role(word.text) for word in words[: _MODIFIERS + 2]):
            return None, None
        for i, word in enumerate(words):
            noun = word.text.lower()
            if not body_nouns().get(noun):
                continue
            body = body_meant(self._doc, noun, start)
            if i == 0 and noun in _COUNCILS:  # "council leader Jane Roe"
                body = own_body(self._doc, "local_authority") or (body if self._is_named_before(body, start) else None)
            after = text[words[i + 1].start : end] if i + 1 < len(words) else ""
            if i == 0 or (i == 1 and words[0].text.lower() in _SMALL):
                return _trimmed(after if word.possessive else text[start:end]), body
            if i >= 2 and words[i - 1].text in _SMALL and words[i - 2].text in _PREPOSITIONS:
                before = text[start : words[i - 1].start]
                return _trimmed(_join(before, after) if word.possessive else before), body
        if (owner := _OWNER.match(text[start:end])) and owner["owner"].lower() not in _CONCERNED:
            if owner["owner"] in _parties():
                return _trimmed(text[start:end]), by_id()[_parties()[owner["owner"]]].organisation
            role = _trimmed(text[start:end])
            return role, self._owned_by(owner["owner"]) or self._council_of(owner["owner"], role)
        if (match := _IN_BODY.fullmatch(text, start, end)) is not None and _is_body(match["role"], match):
            return _trimmed(match["role"]), Organisation(match["body"])
        if (match := _AT_NAME.fullmatch(text, start, end)) is not None and (
            match["kind"] or not listed_as(match["body"]) & (PLACE | PLACE_PART)
        ):
            return _trimmed(match["role"]), Organisation(match["body"])
        return _trimmed(text[start:end]), None


def _of_own(body: Mention) -> int:
    """How many characters of its name are a possessive ending: two of "Barnardo's"."""
    return 2 if body.text.endswith(("'s", "’s")) else 0


def _of_party(role: str) -> Post:
    """ "Labour peer" is a peer, and of a party; other roles are left as they are."""
    for words in (1, 2):
        label, rest = " ".join(role.split()[:words]), " ".join(role.split()[words:])
        if rest and label in _parties():
            return Post(rest, by_id()[_parties()[label]].organisation)
    return Post(role, None)


def wards(text: str) -> Iterator[tuple[int, int]]:
    """Where brackets tell a party and a ward, (start, end), in order: "(Con, Hill Top)". A ward is nobody's name."""
    for bracket in _BRACKETS.finditer(text):
        party, *ward = _PARTED.split(bracket["words"])
        if ward and party in _parties():
            yield bracket.span()


def _party(label: str) -> Organisation:
    """The party of a label as printed in any case: "Lab", "Conservative"."""
    return by_id()[_parties()[label]].organisation


def _worded(group: re.Match[str]) -> str:
    """A party's group as its leader's role tells it: without the party where "opposition" tells which."""
    if group["opposed"]:
        return group["opposed"]
    return f"{group['place'] or group['label']} {group['what']}"


def _of_group(phrase: str) -> tuple[str, Organisation | None] | None:
    """The post of one who speaks for a party's councillors: "leader of the Conservative opposition"."""
    phrase = _ON_THE_COUNCIL.sub("", _ARTICLE.sub("", " ".join(phrase.split()), count=1).strip(" ,"))
    group = _party_group().search(phrase)
    if group is None:
        return None
    # "The LGA's Labour group leader", "leader of the Labour group on the LGA": the group's, whosever it is.
    before, after = _WHOSE_GROUP.sub("", phrase[: group.start()]), _OF_A_WHOLE.sub("", phrase[group.end() :])
    told = before if before else after
    if (before and after) or not any(_is_role(word.text) for word in words_of(told)):
        return None
    named = group["opposed"] or (group["what"] if not group["place"] else f"{group['place']} {group['what']}")
    role = f"{before}{_worded(group)}" if before else f"{named}{after}"
    return role, None if _PAST.match(role) else _party(group["label"])


def implied(doc: Doc, role: str) -> Post | None:
    """The post with the body for which its holder speaks, though the text doesn't say so here."""
    plain = fold(role).lower()
    meant = next((row for post, row in _telling_posts() if post.search(plain)), None)
    of_party = meant is not None and meant["organisation"] in _parties().values() and not _PAST.match(plain)
    if meant is None or (_NOT_ITS_VOICE.search(plain) and not of_party):
        return None
    listed = by_id().get(meant["organisation"])
    if of_party:
        role = _of_party(role).role or role  # "Conservative group leader" is a group leader
    return Post(role, listed.organisation if listed else own_body(doc, meant["kind"]))


def telling_post(doc: Doc, phrase: str) -> Post | None:
    """The same of a post that stands alone in its clause: not of a "director of children's services in Thornley"."""
    when = _WHEN.search(phrase)
    role = phrase[: when.start()] if when else phrase
    post = implied(doc, role)
    if post is None or post.organisation is None:
        return None
    return None if _ELSEWHERE.search(role) and is_kind(post.organisation, ("local_authority",)) else post


def is_past(post: Post) -> bool:
    """Whether somebody holds the post no more."""
    return post.role is not None and _PAST.match(post.role) is not None


def _is_body(role: str, match: re.Match[str]) -> bool:
    """ "Head of policy at Harbour Trust" and "president of Harbour Trust", but "director of Children's Services"."""
    about = {word.text.lower() for word in words_of(match["body"])} - _SMALL - _PREPOSITIONS - {"and"}
    if about <= {row["word"] for row in lexicon("portfolio_words")}:
        return False
    return match["link"] == "at" or fold(role).lower().strip() in _HEADS_OF_BODIES


def _end_of_apposition(text: str, start: int) -> int:
    """Where a post after a name ends: at a stop, or at the verb of the sentence."""
    stop = _STOP.search(text, start, start + _FURTHEST)
    limit = stop.start() if stop else min(len(text), start + _FURTHEST)
    for i, word in enumerate(words_of(text, start, limit)):
        verb = reporting_verbs().get(word.text)
        # "claims manager" and "the report of the board" hold no verb: a weak form counts after a comma alone.
        after_comma = text[word.start - 2 : word.start] == ", "
        if word.text in _VERBS or (verb is not None and i and (after_comma or not verb.weak)):
            return word.start
    return limit


def _parts(text: str, start: int, limit: int, names: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """(start, end) of what commas part; a comma inside the name of a body or a committee parts nothing."""
    commas = [match.start() for match in re.compile(r",\s").finditer(text, start, limit)]
    commas = [at for at in commas if not any(first < at < end for first, end in names)]
    return list(zip([start, *(at + 2 for at in commas)], [*commas, limit], strict=True))


def _head(text: str, words: list[Word], before: int) -> int | None:
    """Which word is the role: the last one, or one that "of" or "for" joins to the last ones."""
    if not words or text[words[-1].end : before].strip() or words[-1].text in _PREPOSITIONS | {"and", "the"}:
        return None
    if _is_role(words[-1].text):
        return len(words) - 1
    for i in range(len(words) - 1, max(0, len(words) - 1 - _TAIL), -1):
        if (i + 1 < len(words) and _gap(text, words[i], words[i + 1].start)) or words[i].text in _VERBS:
            return None
        if words[i].text in {"of", "for"} and _is_role(words[i - 1].text) and i < len(words) - 1:
            return i - 1
    return None


def _is_verb(word: str) -> bool:
    verb = reporting_verbs().get(word)
    return word in _VERBS or (verb is not None and not verb.weak and not _is_role(word))


def _gap(text: str, word: Word, next_start: int) -> str:
    """What parts two words, but for a space and a possessive ending."""
    return text[word.end : next_start].replace("'s", "").replace("’s", "").strip(" '’")


def _join(before: str, after: str) -> str:
    """ "chair of" and "children board" to "chair of the children board"."""
    before = before.rstrip().removesuffix(" the")
    return f"{before} the {after}" if before.endswith(" of") else f"{before} {after}"


def _names_a_post(mention: Mention) -> bool:
    """The body is called by the post of its head: "Children's Commissioner for England"."""
    return any(_is_role(word.text) for word in words_of(mention.text))


def _without_body_noun(phrase: str) -> str:
    """Leaves off " of the teachers' union" from the end of a role, where the union's name follows."""
    noun = phrase.rpartition(" ")[2]
    cut = _OF_THE.match(phrase) if noun in body_nouns() else None
    return cut[1] if cut else phrase


def _without_other_body(phrase: str, bodies: list[Mention]) -> str:
    """Leaves off " at OTHER BODY" from the end of a role."""
    for mention in bodies:
        found = re.search(rf"\s(?:of|at|for|with|in)\s(?:the\s)?{re.escape(mention.text)}", phrase)
        if found:
            phrase = phrase[: found.start()]
            first, _, second = phrase.rpartition(" and ")  # "spokesperson for children and chief executive of ..."
            return first if all(any(map(_is_role, part.split())) for part in (first, second)) else phrase
    return phrase


def _trimmed(role: str) -> str | None:
    role = " ".join(role.split()).strip(" ,")
    owner = _OWNER.match(role)
    if owner and owner["owner"].lower() not in _CONCERNED:
        role = role[owner.end() :]  # of a body that we don't know
    role = _WHOSE.sub("", _ARTICLE.sub("", _ARTICLE.sub("", role, count=1), count=1))
    role = _FROM_PLACE.sub("", _LAST_PREPOSITION.sub("", _TERM.sub("", role)))
    return role if role and len(role.split()) <= _LONGEST_ROLE else None
