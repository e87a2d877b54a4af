"""What may stand behind the movement, ordered by fit, with what speaks for and against it in this person.

Every cause carries weights for signs (`knowledge/causes.toml`) and a head
start by how common it is, so that the common harmless causes lead when
nothing points elsewhere; a cause that needs signs of its own is not put
forward without one. The sums order the causes and give one of three words.
They are no chances, so no number is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from philtrum.advice.entries import Cause
from philtrum.advice.evidence import tremor_bands
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.signs import Signs

FITS = ("fits well", "fits partly", "fits poorly")
HEAD_START = {"common": 2.0, "uncommon": 1.0, "rare": 0.0}
WELL, PARTLY = 5.0, 2.5
# A sign that was denied speaks against a cause by this share of the weight that it would have for it.
DENIED_SHARE = 0.5
MOST_SHOWN, LEAST_SHOWN = 6, 3
# Where a rule speaks of danger, the harmless causes that need no sign of their own step back by this much.
STEP_BACK = {"emergency": 4.0, "same_day": 3.0, "urgent": 2.0}
CLIP_BEATS = {"clip_tremor_1_to_3_hz", "clip_tremor_4_to_6_hz", "clip_tremor_over_6_hz"}


@dataclass(frozen=True, slots=True)
class CauseFit:
    """How well a cause fits, and why."""

    id: str
    name: str
    clinical: str
    fit: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    what: str
    course: str
    next_step: str
    source_ids: tuple[str, ...]
    basis: str


def find_causes(signs: Signs, level: str) -> tuple[CauseFit, ...]:
    """Return the causes that come into question at a level of urgency, best first; at least three in any case."""
    ranked = sorted(
        (
            (_support(cause, signs, level), cause)
            for cause in load_knowledge().causes.values()
            if _comes_into_question(cause, signs)
        ),
        key=lambda pair: -(pair[0] + HEAD_START[pair[1].common]),
    )
    shown = [pair for n, pair in enumerate(ranked) if n < LEAST_SHOWN or pair[0] >= PARTLY][:MOST_SHOWN]
    return tuple(_fit(cause, support, signs) for support, cause in shown)


def _comes_into_question(cause: Cause, signs: Signs) -> bool:
    return not cause.needs or any(signs.has(need) for need in cause.needs)


def _support(cause: Cause, signs: Signs, level: str) -> float:
    total = sum(weight for sign, weight in cause.evidence.items() if signs.has(sign))
    denied = sum(cause.evidence[sign] for sign in _denied(cause, signs))
    return total - DENIED_SHARE * denied - (0.0 if cause.needs else STEP_BACK.get(level, 0.0))


def _denied(cause: Cause, signs: Signs) -> list[str]:
    """Return the typical signs of a cause that the person has said no to."""
    return [sign for sign, weight in cause.evidence.items() if weight >= 2 and sign in signs.denied]


def _fit(cause: Cause, support: float, signs: Signs) -> CauseFit:
    present = sorted(
        ((weight, sign) for sign, weight in cause.evidence.items() if signs.has(sign)), key=lambda row: -row[0]
    )
    speaks_for = [signs.text(sign) for weight, sign in present if weight > 0]
    against = [signs.text(sign) for weight, sign in reversed(present) if weight < 0]
    against += [f"no {_bare(signs.text(sign))}" for sign in _denied(cause, signs)]
    beat = next((signs.present[sign] for _, sign in present if sign in CLIP_BEATS), "")
    if beat:
        against.append(tremor_bands(float(beat.split()[0])))
    fit = FITS[0] if support >= WELL else FITS[1] if support >= PARTLY else FITS[2]
    return CauseFit(
        cause.id, cause.name, cause.clinical, fit, tuple(dict.fromkeys(speaks_for)), tuple(dict.fromkeys(against)),
        cause.what, cause.course, cause.next_step, cause.sources, cause.basis,
    )  # fmt: skip


def _bare(text: str) -> str:
    for article in ("a ", "an ", "the "):
        if text.startswith(article):
            return text[len(article) :]
    return text
