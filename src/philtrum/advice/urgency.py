"""How urgently a person should seek help, by rules that stand in `knowledge/flags.toml`.

The most urgent flag that fires holds. Only a named exception lowers a flag,
and only the flags that it names. When nothing fires, too little is known, and
the level is "routine", not "self-care": unknown is not "no".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from philtrum.advice.knowledge import LEVELS, Exemption, Flag, load_knowledge

NOTHING_KNOWN = "routine"
SENTENCE = re.compile(r"[^\s.][^.]*\.")
# What the text of a level says already.
GENERAL = re.compile(
    r"(Book a (normal )?visit( with a doctor)?|There is no rush|See a doctor (within two weeks|today)"
    r"|Get (checked|seen|medical (advice|help)) today|Look after yourself( and watch it)?)\."
)
MOST_SENTENCES = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the level is what it is: a rule that fired. `basis` other than "guideline" has to be shown as such."""

    rule: str
    level: str
    text: str
    act: str
    source_ids: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Urgency:
    """A level with its reasons (most urgent first), what to do now, and when to look again."""

    level: str
    reasons: tuple[Reason, ...]
    do_now: str
    recheck_when: str
    recheck_change: str


def assess_urgency(present: Mapping[str, str]) -> Urgency:
    """Return the urgency for the present signs (a mapping whose keys are sign ids)."""
    knowledge = load_knowledge()
    exemptions = [one for one in knowledge.exemptions if one.when.holds(present)]
    reasons = [_reason(flag, exemptions) for flag in knowledge.flags if flag.when.holds(present)]
    reasons.sort(key=lambda reason: LEVELS.index(reason.level))
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


def _reason(flag: Flag, exemptions: list[Exemption]) -> Reason:
    level = _level(flag, exemptions)
    if level == flag.level:
        return Reason(flag.id, level, flag.text, flag.act, flag.sources, flag.basis)
    exemption = next(one for one in exemptions if flag.id in one.flags and one.level == level)
    act = load_knowledge().levels[level].text
    return Reason(exemption.id, level, exemption.text, act, exemption.sources, exemption.basis)


def _do_now(text: str, level: str, reasons: list[Reason]) -> str:
    """Return what the level says, then what its rules add to it, no sentence twice."""
    sentences = [one for reason in reasons if reason.level == level for one in SENTENCE.findall(reason.act)]
    if level == LEVELS[0]:
        return " ".join(list(dict.fromkeys(sentences))[:MOST_SENTENCES])
    own = [one for one in dict.fromkeys(sentences) if not GENERAL.match(one) and one not in text]
    return " ".join([text, *own[:MOST_SENTENCES]])
