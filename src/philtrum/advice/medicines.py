"""What each medicine can do to the lip and face, whether the timing fits, and what to ask the prescriber.

Nothing here ever says to stop a medicine.
"""

from __future__ import annotations

from dataclasses import dataclass

from philtrum.advice.entries import Effect, Medicine
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.signs import Signs
from philtrum.advice.taken import Taken, timing

RELEVANCE = ("may play a part", "possible", "less likely", "no known link", "not recognised")
LINKS = {"common": "well known", "rare": "known but rare", "reports": "known from single reports only"}
# Effects that mean something only with their own signs, not with any twitch.
NEEDS_OWN_SIGNS = {"serotonin_syndrome", "acute_dystonia", "akathisia", "hypokalaemia", "bruxism", "facial_weakness"}
NEEDS_OWN_SIGNS |= {"parkinsonism", "chorea", "hypoglycaemia_shakes", "tardive_dyskinesia", "rabbit_syndrome"}
NEEDS_OWN_SIGNS |= {"orofacial_dyskinesia", "tic"}


@dataclass(frozen=True, slots=True)
class MedicineAdvice:
    """One medicine: what was written, what it was taken for, and what it may have to do with the movement."""

    written: str
    inn: str | None
    kind: str
    movements: tuple[str, ...]
    relevance: str
    note: str
    ask: str
    stop: str
    source_ids: tuple[str, ...]
    basis: str


def assess_medicines(signs: Signs) -> tuple[MedicineAdvice, ...]:
    """Return advice on every medicine, those that may play a part first."""
    advice = [_assess(taken, signs) for taken in signs.taken]
    return tuple(sorted(advice, key=lambda one: RELEVANCE.index(one.relevance)))


def _assess(taken: Taken, signs: Signs) -> MedicineAdvice:
    medicine = taken.medicine
    if medicine is None:
        note = "This name was not recognised. Check the spelling, or ask a pharmacist whether it can cause twitching."
        return MedicineAdvice(taken.written, None, "", (), RELEVANCE[4], note, "", _stop("ask"), (), "")
    knowledge = load_knowledge()
    effects = [knowledge.effects[id] for id in medicine.movements if id != "treats"]
    times = {effect.id: timing(taken, effect, signs.duration_days) for effect in effects}
    relevance = _relevance(taken, medicine, effects, times, signs)
    note = " ".join(part for part in (_guess_text(taken), _timing_text(times, relevance), medicine.note) if part)
    movements = tuple(effect.text for effect in effects)
    return MedicineAdvice(
        taken.written, medicine.inn, medicine.kind, movements, relevance, note, _ask(medicine, relevance),
        knowledge.stops[medicine.stop], medicine.sources, medicine.basis,
    )  # fmt: skip


def _relevance(taken: Taken, medicine: Medicine, effects: list[Effect], times: dict[str, str], signs: Signs) -> str:
    if not effects:
        return RELEVANCE[3]
    seen = [effect for effect in effects if any(signs.has(sign) for sign in effect.like)]
    fitting = [effect for effect in seen if times[effect.id] == "fits"]
    if "stimulant" in medicine.tags and medicine.kind != "street drug" and not signs.has("each_dose"):
        return RELEVANCE[2]
    if fitting and not (medicine.link == "reports" and medicine.mouth == "low"):
        return RELEVANCE[0]
    if fitting or any(times[effect.id] == "unknown" for effect in seen):
        return RELEVANCE[1]
    loose = [effect for effect in effects if effect.id not in NEEDS_OWN_SIGNS and times[effect.id] == "fits"]
    return RELEVANCE[1] if loose and signs.has("lip_twitch_reported") else RELEVANCE[2]


def _guess_text(taken: Taken) -> str:
    if taken.medicine is None or not taken.is_guess:
        return ""
    return f"We read “{taken.written[:60]}” as {taken.medicine.inn}. Correct it if you meant another medicine."


def _timing_text(times: dict[str, str], relevance: str) -> str:
    states = set(times.values())
    if not states or relevance == RELEVANCE[3]:
        return ""
    if "fits" in states:
        return "The timing fits." if relevance in RELEVANCE[:2] else ""
    if "early" in states:
        return "The movement began before this medicine did, so it is not the likely cause."
    if "unknown" in states:
        return "It matters when you began or changed it: most effects come in the first weeks."
    if states == {"not_stopped"}:
        return "It matters mostly when it is stopped or cut down at once."
    return "It has been the same for long, which makes it less likely."


def _ask(medicine: Medicine, relevance: str) -> str:
    if relevance not in RELEVANCE[:2]:
        return ""
    return (
        f"Ask the prescriber: “Could {medicine.inn} have to do with these movements, and is there another way?” "
        f"The link is {LINKS[medicine.link]}."
    )


def _stop(id: str) -> str:
    return load_knowledge().stops[id]
