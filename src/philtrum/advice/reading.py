"""What people write in their own words, read for signs: "thyroid out in 2019", "lip filler last week".

A text is cut into clauses. A phrase counts unless it is denied ("no
weakness"), feared ("is it MS?") or said of a relative; a time that is written
with it ("three weeks ago", "in 2019") is read as well. This is deliberately
simple and can be followed by hand; what was read is shown to the person, who
can correct it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from philtrum.advice.entries import Phrase
from philtrum.advice.knowledge import load_knowledge

NUMBERS = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8},
    **{"nine": 9, "ten": 10, "twelve": 12, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3, "several": 4},
    **{"some": 4, "half a": 0.5, "many": 10},
}
UNIT_DAYS = {"minute": 1 / 1440, "min": 1 / 1440, "hour": 1 / 24, "hr": 1 / 24, "day": 1, "night": 1}
UNIT_DAYS |= {"week": 7, "wk": 7, "month": 30.4, "year": 365.25, "yr": 365.25}
_NUMBER = r"(?P<n>\d+(?:\.\d+)?|a couple of|couple of|a few|half a|" + "|".join(
    sorted((word for word in NUMBERS if " " not in word), key=len, reverse=True)
)
SPAN = re.compile(_NUMBER + r")[ -](?P<unit>minute|min|hour|hr|day|night|week|wk|month|year|yr)s?\b")
LATELY = {
    **{"today": 0, "this morning": 0, "tonight": 0, "right now": 0, "just now": 0, "yesterday": 1, "last night": 1},
    **{"this week": 4, "last week": 7, "this month": 15, "last month": 30, "recently": 14, "lately": 14},
    **{"last weekend": 4, "this year": 180, "last year": 365, "last summer": 200, "last winter": 200},
    **{"years ago": 1800, "months ago": 120, "weeks ago": 21, "days ago": 4, "long ago": 3650, "decades ago": 7300},
    **{
        "as a baby": 9000,
        "in infancy": 9000,
        "as an infant": 9000,
        "as a child": 7300,
        "in childhood": 7300,
        "as a teenager": 5000,
        "as a kid": 7300,
        "for years": 1800,
    },
}
LATELY_PATTERN = re.compile(r"\b(" + "|".join(sorted(LATELY, key=len, reverse=True)) + r")\b")
YEAR = re.compile(r"\b(?:in|since|from|of|\() ?((?:19|20)\d\d)\b|\b((?:19|20)\d\d)\b")
DAY_N = re.compile(r"\b(?:post-?op(?:erative)? )?day (\d{1,3})\b")
MONTHS = "january february march april may june july august september october november december".split()
MONTH = re.compile(r"\b(?:in|since|last|early|late|mid|end of|of) (" + "|".join(MONTHS) + r")\b(?! \d{4})")
# What is only planned has not happened yet.
PLANNED = re.compile(
    r"\b(next (week|month|year|monday|tuesday|wednesday|thursday|friday)|tomorrow|booked|planned|scheduled"
    r"|will (have|get)|going to (have|get)|waiting for|appointment)\b"
)
EVERY = re.compile(r"\b(every|each|per)\s+$")
AGE = re.compile(r"\b(old|aged?|age of)\b")

CLAUSE = re.compile(r"(?P<end>[.;!?](?=\s|$)|\n|\bbut\b|\bhowever\b|\balthough\b|\bexcept\b)")
NEGATOR = re.compile(
    r"\b(no|not|never|without|denie[sd]|denying|none of|nor|neither|free of|absence of|negative for)\b|n't\b"
)
NOT_A_NEGATOR = re.compile(r"\b(no longer|not sure|no idea|not only|not yet|no one|no doubt|no matter|nothing)\b")
# A word that begins something new: "no pain since the thyroid operation" does not deny the operation.
BREAK = re.compile(
    r"\b(since|after|following|because|has|have|had|was|were|is|are|which|when|while|then|now|takes?|on)\b"
)
# The verb of the denial itself: "never had", "is not on".
VERB = re.compile(r"^ (ever |really )?(had|have|has|been|took|taken|takes?|is|was|on)\b")
DENIED_AFTER = re.compile(
    r"^\s*(history)?\s*([:=-]\s*|was |is |were |are )?"
    r"(no|none|never|negative|denied|absent|ruled out|excluded)\b(?! longer)"
)
# The rest of "no epilepsy, MS, cancer or stroke": items up to the last.
LIST_GOES_ON = re.compile(r"^(, ?[\w'-]+( [\w'-]+){0,2})*,? (or|nor) \w")
FEARED = re.compile(
    r"\b(worr\w+|afraid|scared|fear\w*|terrified|convinced|could (it|this|that) be|is (it|this|that)"
    r"|might (it|this)? ?be|maybe|google\w*|googling|rule[d]? out|anxious about|read about|concern\w*|think i have"
    r"|suspect\w*|thought it|looking up|searched|research\w*|am i getting|do i have|possibly|wonder\w*|asking"
    r"|fine for|tested for|test for)\b"
)
IS_ASKED = re.compile(r"\b(what if|when should i worry about|should i worry about)\b")
A_SIGN = re.compile(r"^ (an? )?(early )?(sign|symptom)\b")
WILL = re.compile(r"\b(will|would|might|could|may|going to)( \w+){0,2}$")
RELATIVE = re.compile(
    r"\b(mother|father|mum|mom|dad|brother|sister|grand\w+|aunt|uncle|cousin|family|relatives?|friends?|husband|wife"
    r"|partner|neighbou?r|colleague|parents?|boyfriend|girlfriend)\b"
)
IN_FAMILY = re.compile(r"^[^,]{0,30}\b(in|runs in|of) (the|my|his|her|our) family\b|^ family history")


@dataclass(frozen=True, slots=True)
class Found:
    """A sign that was read from a text; `days_ago` is None when no time stands with it."""

    sign: str
    words: str
    days_ago: float | None
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a text, and whether it ends with a question mark."""

    text: str
    is_question: bool


def clean(text: str) -> str:
    """Return text in lower case without markup, typographic signs and double spaces."""
    plain = html.unescape(re.sub(r"<[^<>]{0,200}>", " ", text))
    plain = unicodedata.normalize("NFKC", plain).replace("\u2019", "'").replace("\u2018", "'").lower()
    return re.sub(r"[ \t\r\f\v]+", " ", plain.replace("can not", "cannot")).strip()


def find_signs(text: str, *, today: date) -> Iterator[Found]:
    """Yield the signs that a text reports or denies."""
    plain = clean(text)
    clauses: list[Clause] | None = None
    for phrase in load_knowledge().phrases:
        pattern = _compiled(phrase.patterns)
        if not plain or not pattern.search(plain):
            continue
        clauses = clauses or list(split(plain))
        yield from _in_clauses(phrase, pattern, clauses, today)


def split(plain: str) -> Iterator[Clause]:
    """Yield the clauses of a cleaned text."""
    start = 0
    for end in CLAUSE.finditer(plain):
        if part := plain[start : end.start()].strip():
            yield Clause(part, end["end"] == "?")
        start = end.end()
    if part := plain[start:].strip():
        yield Clause(part, False)


def read_days_ago(text: str, at: int, *, today: date) -> float | None:
    """Return how long ago something was, in days, from the time written nearest to position `at`, rather after it."""
    times = [
        *((match.start(), _span_days(match)) for match in SPAN.finditer(text) if not _is_no_time(text, match)),
        *((match.start(), float(LATELY[match[1]])) for match in LATELY_PATTERN.finditer(text)),
        *((match.start(), _year_days(int(match[1] or match[2]), today)) for match in YEAR.finditer(text)),
        *((match.start(), _month_days(match[1], today)) for match in MONTH.finditer(text)),
        *((match.start(), float(match[1])) for match in DAY_N.finditer(text)),
    ]
    return min(times, key=lambda time: time[0] - at if time[0] >= at else 2 * (at - time[0]))[1] if times else None


def is_denied(clause: str, match: re.Match[str], *, across_commas: bool) -> bool:
    """Tell whether the matched words are denied in their clause."""
    if DENIED_AFTER.search(clause[match.end() :]):
        return True
    before = NOT_A_NEGATOR.sub(lambda found: "_" * len(found[0]), clause[: match.start()])
    negators = list(NEGATOR.finditer(before))
    if not negators:
        return False
    between = VERB.sub("", before[negators[-1].end() :])
    if BREAK.search(between) or len(between.split()) > (12 if across_commas else 6):
        return False
    if across_commas or "," not in between or re.search(r"\b(or|nor)\b", between):
        return True
    return bool(LIST_GOES_ON.match(clause[match.end() :]))


def is_of_relative(clause: str, match: re.Match[str]) -> bool:
    """Tell whether the matched words are said of a relative or friend."""
    before = clause[: match.start()].rpartition(",")[2][-60:]
    return bool(RELATIVE.search(before) or IN_FAMILY.search(clause[match.end() :]))


def is_feared(clause: Clause, match: re.Match[str]) -> bool:
    """Tell whether the matched words are only feared or asked about."""
    return clause.is_question or bool(FEARED.search(clause.text[: match.start()]))


def is_only_feared(clause: str, match: re.Match[str]) -> bool:
    """Tell whether a sign of today is feared for the future, right before its words: "afraid my face will droop"."""
    before = clause[: match.start()].rpartition(",")[2][-30:]
    if IS_ASKED.search(before) or A_SIGN.match(clause[match.end() :]):
        return True
    return bool(FEARED.search(before) or WILL.search(clause[: match.end()].rpartition(",")[2][-40:]))


def _in_clauses(phrase: Phrase, pattern: re.Pattern[str], clauses: list[Clause], today: date) -> Iterator[Found]:
    for clause in clauses:
        for match in pattern.finditer(clause.text):
            if not match[0]:
                continue
            is_past = phrase.kind == "past"
            if is_denied(clause.text, match, across_commas=not is_past):
                yield Found(phrase.sign, match[0], None, denied=True)
                continue
            if is_past and not phrase.relative and is_of_relative(clause.text, match):
                continue
            if is_feared(clause, match) if is_past else is_only_feared(clause.text, match):
                continue
            if is_past and phrase.days and PLANNED.search(clause.text):
                continue
            days_ago = read_days_ago(*_near(clause.text, match), today=today)
            if _is_in_time(phrase, days_ago):
                yield Found(phrase.sign, match[0], days_ago)


def _near(clause: str, match: re.Match[str]) -> tuple[str, int]:
    """Return the part between commas that holds the match, with a short part after it that can only be its time."""
    start = clause.rfind(",", 0, match.start()) + 1
    end = clause.find(",", match.end())
    if end < 0:
        return clause[start:], match.start() - start
    after = clause[end + 1 :].partition(",")[0]
    return clause[start:end] + (after if len(after.split()) <= 4 else ""), match.start() - start


def _is_in_time(phrase: Phrase, days_ago: float | None) -> bool:
    if phrase.days is None:
        return True
    if days_ago is None:
        return phrase.untimed
    return phrase.days[0] <= days_ago <= phrase.days[1]


def _is_no_time(text: str, match: re.Match[str]) -> bool:
    """Tell spans that are no point in time: "every 3 months", "40 years old"."""
    return bool(EVERY.search(text[: match.start()]) or AGE.match(text[match.end() :].lstrip(" -")))


def _span_days(match: re.Match[str]) -> float:
    number = match["n"]
    return (NUMBERS[number] if number in NUMBERS else float(number)) * UNIT_DAYS[match["unit"]]


def _year_days(year: int, today: date) -> float:
    """Return days since the middle of a year; a year to come counts as now."""
    return max(0.0, float((today - date(min(year, today.year), 7, 1)).days)) if year < today.year else 90.0


def _month_days(name: str, today: date) -> float:
    """Return days since the middle of the latest month of that name."""
    month = MONTHS.index(name) + 1
    year = today.year if (month, 15) <= (today.month, today.day) else today.year - 1
    return float(max(0, (today - date(year, month, 15)).days)) if month != today.month else 7.0


@lru_cache(maxsize=512)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in (_bounded(pattern) for pattern in patterns)))


def _bounded(pattern: str) -> str:
    """Let a pattern begin at the start of a word."""
    return pattern if pattern.startswith("\\b") else rf"\b(?:{pattern})"
