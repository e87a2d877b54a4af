"""Facts turned into signs: one set of ids that all rules look at, each with where it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from philtrum.advice.evidence import diary_signs, measurement_signs
from philtrum.advice.facts import Facts
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.lifestyle import lifestyle_signs
from philtrum.advice.reading import Found, clean, find_signs, read_days_ago
from philtrum.advice.taken import Taken, medicine_signs, read_taken

TWO_WEEKS, STABLE_DAYS, YEAR_DAYS = 14.0, 90.0, 365.0
CHILD_YEARS, TODDLER_YEARS = 16.0, 3.0
# Signs that go with a harmless twitch, so that they do not count as "another symptom".
EVERYDAY_SIGNS = {"poor_sleep", "fatigue", "anxiety_high", "headache_mild", "teeth_grinding", "eyelid_twitch"}
ELSEWHERE = {
    "eye_and_lip_places",
    "more_than_one_place",
    "other_muscle_twitches",
    "spread_to_eye_or_cheek",
    "half_face_involved",
}
# Read from the values of everyday life, not from the names of its entries: "stress: none".
HABITS = {"stress_high", "anxiety_high", "sleep_short", "caffeine_high", "caffeine_daily", "screens_long"}
HABITS |= {"nicotine_use", "nicotine_raised", "alcohol_heavy", "drinks_daily", "exercise_hard"}
NO_TWITCH = {"weakness", "sensation_only"}
HALF_FACE = re.compile(
    r"\bhalf\b(?![^,]*\b(lips?|mouth|chin|nose|eyelid)\b)|whole (left|right|side)|hemifac"
    r"|side of (the |my )?face|entire side"
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What holds for this person.

    `present` maps each sign to where it came from: "" when it was told as such, else the words or the medicine it
    was derived from. `denied` holds what the person has said no to.
    """

    present: Mapping[str, str]
    denied: frozenset[str]
    taken: tuple[Taken, ...]
    duration_days: float | None

    def has(self, expression: str) -> bool:
        """Tell whether a sign, or all signs of "a+b", are present."""
        return all(sign in self.present for sign in expression.split("+"))

    def text(self, expression: str) -> str:
        """Return the sign in words, with its origin where it was derived."""
        texts = load_knowledge().signs
        return " and ".join(texts[sign] + self._origin(sign) for sign in expression.split("+"))

    def _origin(self, sign: str) -> str:
        origin = self.present.get(sign, "")
        return f" ({origin})" if origin else ""


def derive_signs(facts: Facts, *, today: date | None = None) -> Signs:
    """Return all signs that the facts give, told or derived, never one that is only unknown.

    `today` is the day that years in free text are counted from, by default the day of the call.
    """
    today = today or datetime.now().astimezone().date()
    duration_days = facts.duration_days if facts.duration_days is not None else _duration_from_text(facts, today)
    taken = read_taken(facts, today=today)
    present: dict[str, str] = dict.fromkeys(_told(facts), "")
    denied = {sign for sign in facts.denied if sign not in present}
    read = list(_read(facts, today))
    for found in read:
        if not found.denied:
            present.setdefault(found.sign, f"“{found.words[:60]}”")
    derived = (
        *_from_person(facts),
        *_from_duration(duration_days),
        *_from_place(facts),
        *medicine_signs(taken, duration_days),
        *((sign, f"{key}: {value[:40]}") for key, value, sign in _from_lifestyle(facts)),
        *measurement_signs(facts.measurement),
        *diary_signs(facts.diary),
    )
    for sign, origin in derived:
        present.setdefault(sign, origin)
    _settle(present, facts, duration_days)
    denied |= {found.sign for found in read if found.denied}
    denied |= {sign for sign, value in (("in_sleep", facts.present_in_sleep), ("held_back", facts.suppressible))
               if value is False}  # fmt: skip
    return Signs(present, frozenset(denied - set(present)), taken, duration_days)


def _told(facts: Facts) -> Iterator[str]:
    yield from facts.movement
    yield from facts.associated_symptoms or ()
    yield from facts.context_tags
    if facts.suppressible is not None:
        yield "held_back" if facts.suppressible else "not_held_back"
    if facts.present_in_sleep is not None:
        yield "in_sleep" if facts.present_in_sleep else "not_in_sleep"


def _read(facts: Facts, today: date) -> Iterator[Found]:
    values = [value for _, value in facts.lifestyle]
    for text in dict.fromkeys((*facts.history, facts.frequency, facts.location, *values)):
        yield from find_signs(text, today=today)
    for key, value in facts.lifestyle:  # "alcohol: stopped 3 days ago" makes sense only together
        yield from (found for found in find_signs(f"{key} {value}", today=today) if found.sign not in HABITS)


def _from_lifestyle(facts: Facts) -> Iterator[tuple[str, str, str]]:
    is_pregnant = "pregnancy" in facts.context_tags
    for key, value in facts.lifestyle:
        for sign in lifestyle_signs(key, value, is_pregnant=is_pregnant):
            yield key, value, sign


def _from_person(facts: Facts) -> Iterator[tuple[str, str]]:
    age = facts.age
    if age is not None:
        bands = {"child": age < CHILD_YEARS, "under_3_years": age < TODDLER_YEARS, "under_18": age < 18}
        bands |= {"under_40": age < 40, "young_adult": 18 <= age < 40, "over_40": age >= 40, "over_60": age >= 60}
        yield from ((sign, f"age {age:g}") for sign, holds in bands.items() if holds)
    if facts.sex != "unknown":
        yield facts.sex, ""
    if facts.medications is None:
        yield "medicines_unknown", ""
    if facts.onset != "unknown":
        yield f"{facts.onset}_onset", ""


def _from_duration(days: float | None) -> Iterator[tuple[str, str]]:
    if days is None:
        return
    origin = _days_text(days)
    yield ("duration_over_14_days" if days > TWO_WEEKS else "duration_under_14_days"), origin
    if days < 1:
        yield "duration_hours", ""
    if days <= 1:
        yield "duration_first_day", ""
    if TWO_WEEKS < days <= STABLE_DAYS:
        yield "duration_weeks", origin
    if days > STABLE_DAYS:
        yield "duration_months", origin
    if days > YEAR_DAYS:
        yield "duration_years", origin


def _days_text(days: float) -> str:
    if days < 1:
        return "less than a day"
    for unit, length, most in (("day", 1, 20), ("week", 7, 90), ("month", 30.4, 700), ("year", 365.25, float("inf"))):
        if days <= most:
            n = round(days / length)
            return f"{n} {unit}{'' if n == 1 else 's'}"
    return ""


def _from_place(facts: Facts) -> Iterator[tuple[str, str]]:
    side, place = clean(facts.side), clean(facts.location)
    if re.search(r"\b(left|right|one|same|unilateral)\b", side) and not re.search(r"both|and|alternat|chang", side):
        yield "one_side", facts.side
    if re.search(r"\bboth|bilateral", side):
        yield "both_sides", ""
    if re.search(r"alternat|chang|shift|switch|either", side):
        yield "shifting_side", ""
    lip = bool(re.search(r"lip|mouth|oral|philtrum|perioral", place))
    if lip and not re.search(r"^lower lip$", place):
        yield "upper_lip", facts.location
    if re.search(r"lid|\beye\b|eyes", place) and not re.search(r"lip|mouth|cheek|face|chin|jaw|oral|nose", place):
        yield "eyelid_place", facts.location
    if re.search(r"chin|mentalis", place) and not re.search(r"upper lip", place):
        yield "chin_only", facts.location
    if re.search(r"jaw|tongue", place):
        yield "jaw_or_tongue_place", facts.location
    if HALF_FACE.search(place):
        yield "half_face_involved", facts.location
    elif re.search(r"(lid|eye|cheek).*(mouth|lip)|(mouth|lip).*(lid|eye|cheek)", place) and "both" not in side:
        yield "eye_and_lip_places", facts.location


def _settle(present: dict[str, str], facts: Facts, duration_days: float | None) -> None:
    """Add what follows from several signs together, and take back what another sign rules out."""
    moves = set(load_knowledge().vocabularies["movements"]) - NO_TWITCH
    if moves & set(present) or (not facts.movement and "upper_lip" in present):
        present.setdefault("lip_twitch_reported", "")
    has_changed = "progressive_worsening" in present or "diary_spreading" in present
    if duration_days is not None and duration_days > STABLE_DAYS and not has_changed:
        present.setdefault("duration_over_90_days_stable", _days_text(duration_days))
    if "lip_twitch_reported" in present and not ELSEWHERE & set(present):
        present.setdefault("single_place", "")
    if facts.associated_symptoms is not None and not set(facts.associated_symptoms) - EVERYDAY_SIGNS:
        present.setdefault("no_other_symptom", "")
    if "continuous_rippling" in present and "eyelid_twitch" in present and not facts.location:
        present.setdefault("eyelid_place", "")
    if "facial_palsy_before" in present and "facial_weakness_new" not in present and (duration_days or 0) > 0:
        present.setdefault("old_facial_palsy_same_side", present["facial_palsy_before"])
    _take_back(present, facts)


def _take_back(present: dict[str, str], facts: Facts) -> None:
    rules: Iterable[tuple[str, bool]] = (
        ("pregnancy", facts.sex == "male"),
        ("postpartum", facts.sex == "male"),
        ("caffeine_daily", bool({"caffeine_high", "caffeine_none"} & set(present))),
        ("caffeine_high", "caffeine_none" in present),
        ("sleep_short", "sleep_good" in present and present.get("sleep_short", "").startswith("“")),
        ("comes_and_goes", "never_stops" in present or "continuous_rippling" in present),
        ("nicotine_use", "nicotine_stopped" in present),
        ("facial_palsy_before", "old_facial_palsy_same_side" in present),
        ("duration_under_14_days", "duration_over_14_days" in facts.context_tags),
    )
    told = {*facts.context_tags, *(facts.associated_symptoms or ()), *facts.movement}
    for sign, is_ruled_out in rules:
        if is_ruled_out and sign not in told:
            present.pop(sign, None)


def _duration_from_text(facts: Facts, today: date) -> float | None:
    """Return how long it has lasted, from the words of the frequency or the history, when no number is given."""
    for text in (facts.frequency, *facts.history):
        plain = clean(text)
        match = re.search(r"\b(?:for|since|past|last|began|started|over) (?:the )?(?:last |past |about )?", plain)
        if match and (
            text == facts.frequency or re.search(r"twitch|flicker|tic\b|tremor|spasm|it (began|started)", plain)
        ):
            days = read_days_ago(plain, match.start(), today=today)
            if days is not None:
                return days
    return None
