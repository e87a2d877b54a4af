"""How urgently a person should seek help, by rules that stand in `knowledge/flags.toml`.

The most urgent flag that fires holds. Only a named exception lowers a flag,
and only the flags that it names. When nothing fires, too little is known, and
the level is "routine", not "self-care": unknown is not "no".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from philtrum.advice.entries import LEVELS, Exemption, Flag
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.signs import Signs

NOTHING_KNOWN = "routine"
SENTENCE = re.compile(r"[^\s.][^.]*\.")
# A sentence that says whom to see and when.
HEAD = re.compile(
    r"(Book a|See (a|your) |Get (checked|seen|medical)|Talk to|Call (your|the|a) (?!clinic)|Look after|Tell (your|the))"
)
MOST_SENTENCES = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the level is what it is: a rule that fired, and the signs of this person that made it fire.

    A `basis` other than "guideline" means that no guideline states this level, which has to be shown.
    """

    rule: str
    level: str
    text: str
    act: str
    because: tuple[str, ...]
    source_ids: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Urgency:
    """A level with its reasons, what to do now, and when to look again.

    The most urgent reasons come first, of those the rules that demand most signs.
    """

    level: str
    reasons: tuple[Reason, ...]
    do_now: str
    recheck_when: str
    recheck_change: str


def assess_urgency(signs: Signs) -> Urgency:
    """Return the urgency for the signs of one person."""
    knowledge, present = load_knowledge(), signs.present
    exemptions = [one for one in knowledge.exemptions if one.when.holds(present)]
    fired = sorted(
        (flag for flag in knowledge.flags if flag.when.holds(present)), key=lambda flag: -flag.when.n_demands
    )
    reasons = sorted(
        (_reason(flag, exemptions, signs) for flag in fired), key=lambda reason: LEVELS.index(reason.level)
    )
    level = knowledge.levels[reasons[0].level if reasons else NOTHING_KNOWN]
    return Urgency(level.id, tuple(reasons), _do_now(level.text, level.id, reasons), level.when, level.change)


def find_level(present: Mapping[str, str]) -> str:
    """Return only the level, for asking what an answer would change."""
    knowledge = load_knowledge()
    exemptions = [one for one in knowledge.exemptions if one.when.holds(present)]
    levels = [_level(flag, exemptions) for flag in knowledge.flags if flag.when.holds(present)]
    return min(levels, key=LEVELS.index) if levels else NOTHING_KNOWN


def _level(flag: Flag, exemptions: list[Exemption]) -> str:
    lowering = [one.level for one in exemptions if flag.id in one.flags]
    return max((flag.level, *lowering), key=LEVELS.index)


def _reason(flag: Flag, exemptions: list[Exemption], signs: Signs) -> Reason:
    level = _level(flag, exemptions)
    rule: Flag | Exemption = flag
    act = flag.act
    if level != flag.level:
        rule = next(one for one in exemptions if flag.id in one.flags and one.level == level)
        act = load_knowledge().levels[level].text
    asked = dict.fromkeys((*rule.when.any, *rule.when.and_any, *rule.when.all))
    because = tuple(signs.text(sign) for sign in asked if sign in signs.present)
    return Reason(rule.id, level, rule.text, act, because, rule.sources, rule.basis)


def _do_now(text: str, level: str, reasons: list[Reason]) -> str:
    """Return the one sentence that says whom to see and when, then what else the rules of this level add.

    Of several such sentences the soonest, then that of the first reason is kept.
    """
    acts = [one for reason in reasons if reason.level == level for one in SENTENCE.findall(reason.act)]
    sentences = list(dict.fromkeys(acts))
    if level == LEVELS[0]:
        return " ".join(sentences[:MOST_SENTENCES])
    heads = [one for one in sentences if HEAD.match(one)]
    head = max(heads, key=lambda one: "within days" in one, default=text)
    return " ".join([head, *(one for one in sentences if one not in heads)][:MOST_SENTENCES])
