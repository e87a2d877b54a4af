"""Which medicine a person means: by the name of the substance, a brand of any country, or a misspelling of either.

An exact name wins. A misspelt name is matched only when it is long, close and
clearly closer to one medicine than to any other, and the result says that it
was guessed; common medicines without a link to movement are in the list too,
so that Lamisil is not taken for Lamictal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from philtrum.advice.entries import Medicine
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.reading import clean

# A guess needs this many letters, this likeness (0-1), and this lead over the next best medicine.
MIN_LETTERS, MIN_LIKENESS, MIN_LEAD = 6, 0.82, 0.06
LONGEST_NAME_WORDS = 4
# Words of a prescription that are no names.
WORDS = frozenset(
    """mg mcg ml tablet tablets capsule capsules daily twice once morning evening night nights dose doses started
    starting stopped stopping since weeks months years days ago about last after before every week month year day with
    without increased raised reduced changed doubled lowered switched taking taken takes prescribed for the and old new
    low high sometimes needed when depot injection injections injected inhaler patch spray cream drops oral slow release
    extended retard modified recently yesterday today still several other unknown medicine medicines medication
    tablette tabletten pills vitamin acid sodium hydrochloride generic brand something chronic longterm long-term
    anxiety depression sleep nausea migraine stomach pressure blood heart thyroid asthma epilepsy""".split()
)


@dataclass(frozen=True, slots=True)
class Match:
    """A medicine that a written name stands for; `is_guess` when the spelling was not exact."""

    medicine: Medicine
    name: str
    is_guess: bool = False


def match_medicines(written: str) -> tuple[Match, ...]:
    """Return the medicines that a written entry names, exact names first; empty when none is recognised."""
    words = re.findall(r"[^\W\d_][\w.'-]*[^\W_]|[^\W\d_]|\d+-[a-z]+", clean(written))
    exact, used = _exact(words)
    if exact:
        return exact
    names = [word for word in (*words, *_pairs(words)) if len(word) >= MIN_LETTERS and word not in WORDS]
    guesses = (guess for word in names if word not in used and (guess := _guess(word)))
    best: dict[str, Match] = {}
    for guess in guesses:
        best.setdefault(guess.medicine.inn, guess)
    return tuple(best.values())


def find_exact(words: list[str]) -> tuple[Match, ...]:
    """Return the medicines whose exact names stand among the words of a text."""
    return _exact(words)[0]


def _exact(words: list[str]) -> tuple[tuple[Match, ...], set[str]]:
    index = _index()
    found: dict[str, Match] = {}
    used: set[str] = set()
    at = 0
    while at < len(words):
        for n in range(min(LONGEST_NAME_WORDS, len(words) - at), 0, -1):
            name = " ".join(words[at : at + n])
            if name in index:
                found.setdefault(index[name].inn, Match(index[name], name))
                used.update(words[at : at + n])
                at += n
                break
        else:
            at += 1
    return tuple(found.values()), used


def _pairs(words: list[str]) -> list[str]:
    return [f"{first} {second}" for first, second in pairwise(words)]


@lru_cache(maxsize=2048)
def _guess(word: str) -> Match | None:
    best: dict[str, tuple[float, str, Medicine]] = {}
    for name, medicine in _index().items():
        if len(name) < MIN_LETTERS or name[0] != word[0] or abs(len(name) - len(word)) > 3:
            continue
        matcher = SequenceMatcher(None, name, word, autojunk=False)
        if matcher.real_quick_ratio() < MIN_LIKENESS - MIN_LEAD or matcher.quick_ratio() < MIN_LIKENESS - MIN_LEAD:
            continue
        likeness = matcher.ratio()
        if likeness > best.get(medicine.inn, (0.0,))[0]:
            best[medicine.inn] = likeness, name, medicine
    ranked = sorted(best.values(), key=lambda one: -one[0])
    if not ranked or ranked[0][0] < MIN_LIKENESS:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < MIN_LEAD:
        return None
    return Match(ranked[0][2], ranked[0][1], is_guess=True)


@lru_cache(maxsize=1)
def _index() -> dict[str, Medicine]:
    """Return every name in lower case; where two medicines share one, the first of the file."""
    index: dict[str, Medicine] = {}
    for medicine in load_knowledge().medicines:
        for name in (medicine.inn, *medicine.names):
            index.setdefault(clean(name), medicine)
            index.setdefault(clean(name).replace("-", " "), medicine)
    return index
