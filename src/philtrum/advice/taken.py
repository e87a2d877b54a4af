"""The medicines a person takes or took: which they are, when they began, and what that says about the person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from philtrum.advice.entries import Effect, Medicine
from philtrum.advice.facts import Facts, Medication
from philtrum.advice.medicine_names import find_exact, match_medicines
from philtrum.advice.reading import FEARED, clean, is_denied, is_of_relative, read_days_ago, split

# How people remember: a movement that seems to begin up to two days before the medicine may still follow it.
SLACK_DAYS = 2.0
NEW_DAYS, NEW_BLOCKER_DAYS, AFTER_BLOCKER_DAYS = 90.0, 7.0, 90.0
# Withdrawal from alcohol and sedatives begins within hours to days; the flag looks back 14 days.
SEDATIVE_STOP_DAYS, ANTIDEPRESSANT_STOP_DAYS = 14.0, 21.0
DYSTONIA_DAYS = 14.0
LONG_DAYS = 90.0
TOXIN_DAYS, DENOSUMAB_DAYS, ZOLEDRONIC_DAYS, FILLER_DAYS = 100.0, 190.0, 95.0, 60.0
RECENT_SEROTONIN_DAYS = 14.0
# Not read as medicines from free text: everyday words.
EVERYDAY = {"caffeine", "alcohol", "nicotine", "hyaluronic acid filler", "local anaesthetic", "cocaine", "amfetamine"}
EVERYDAY |= {"botulinum toxin type A", "ethinylestradiol combined pill", "methamfetamine", "calcium and vitamin D"}
EVERYDAY |= {"antibiotic", "magnesium", "emollient", "creatine", "insulin", "synthetic cannabinoid or cannabis"}
NO_MEDICINE = {
    "caffeine",
    "alcohol",
    "nicotine",
    "local anaesthetic",
    "hyaluronic acid filler",
    "calcium and vitamin D",
}
NO_MEDICINE |= {"botulinum toxin type A"}
STARTED = re.compile(
    r"\b(start\w*|began|begun|since|new|first|for|on|put on|prescribed|initiat\w+|injection|infusion)\b"
)
CHANGED = re.compile(r"\b(rais\w+|increas\w+|doubl\w+|chang\w+|higher|up to|adjust\w*|switch\w*|titrat\w+|upped)\b")
STOPPED = re.compile(
    r"\b(stop\w*|quit|came off|coming off|off|ended|until|last (dose|tablet|pill)|withdr\w+|discontinu\w+|ran out"
    r"|cut (down|out)|weaned|missed|finished|halved|reduced|lowered|taper\w*)\b"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine as written, what it was taken for (None = not recognised), and its times in days before today."""

    written: str
    medicine: Medicine | None
    name: str = ""
    is_guess: bool = False
    started: float | None = None
    changed: float | None = None
    stopped: float | None = None

    def has(self, tag: str) -> bool:
        """Tell whether the medicine belongs to a class, such as `dopamine_blocker`."""
        return self.medicine is not None and tag in self.medicine.tags

    @property
    def last_step(self) -> float | None:
        """Days since the latest start or change, None when no time is known."""
        steps = [days for days in (self.started, self.changed) if days is not None]
        return min(steps) if steps else None

    def lag_days(self, duration_days: float | None) -> float | None:
        """Return the days from the last start or change before the movement began until then, negative = after it."""
        steps = [days for days in (self.started, self.changed) if days is not None]
        if not steps or duration_days is None:
            return None
        lags = [days - duration_days for days in steps]
        before = [lag for lag in lags if lag >= -SLACK_DAYS]
        return max(0.0, min(before)) if before else max(lags)

    def was_on(self, duration_days: float | None) -> bool:
        """Tell whether the medicine was still taken when the movement began (True when it cannot be told)."""
        return self.stopped is None or (duration_days is not None and self.stopped <= duration_days + SLACK_DAYS)


def read_taken(facts: Facts, *, today: date) -> tuple[Taken, ...]:
    """Return all medicines of the facts: those of the list, then those that the history mentions."""
    listed = [taken for entry in facts.medications or () for taken in _read_entry(entry, today)]
    known = {taken.medicine.inn for taken in listed if taken.medicine}
    told: dict[str, Taken] = {}
    for text in facts.history:
        for taken in _read_history(text, today):
            if taken.medicine and taken.medicine.inn not in known:
                told.setdefault(taken.medicine.inn, taken)
    return (*listed, *told.values())


def timing(taken: Taken, effect: Effect, duration_days: float | None) -> str:
    """Tell whether an effect fits the times: fits, early (the movement came first), late or unknown."""
    if effect.id == "withdrawal_movements":
        if taken.stopped is None:
            return "not_stopped"
        return "fits" if duration_days is None or taken.stopped - duration_days >= -SLACK_DAYS else "early"
    lag = taken.lag_days(duration_days)
    if lag is None:
        return "unknown"
    if lag < -SLACK_DAYS:
        return "early"
    if taken.started is not None and effect.to_days > LONG_DAYS * 2 and taken.started - (duration_days or 0) >= 0:
        lag = max(lag, taken.started - (duration_days or 0))
    return "fits" if effect.from_days - SLACK_DAYS <= lag <= effect.to_days else "late"


def medicine_signs(taken: Iterable[Taken], duration_days: float | None) -> Iterator[tuple[str, str]]:
    """Yield the signs that the medicines give, each with the medicine as written."""
    all_taken = tuple(taken)
    for one in all_taken:
        for sign in dict.fromkeys(
            (*_class_signs(one), *_timed_signs(one, duration_days), *_stop_signs(one, duration_days))
        ):
            yield sign, one.written
    serotonin = [one for one in all_taken if one.has("serotonin") and one.stopped is None]
    if len(serotonin) > 1:
        yield "two_serotonin_medicines", " and ".join(one.written for one in serotonin[:2])


def _read_entry(entry: Medication, today: date) -> Iterator[Taken]:
    matches = match_medicines(entry.name)
    started, changed, stopped = entry.started_days_ago, entry.changed_days_ago, entry.stopped_days_ago
    if started is changed is stopped is None:
        started, changed, stopped = _read_times(clean(f"{entry.name} {entry.remark}"), today)
    if not matches and entry.name.strip():
        yield Taken(entry.name, None, started=started, changed=changed, stopped=stopped)
    for match in matches:
        yield Taken(entry.name, match.medicine, match.name, match.is_guess, started, changed, stopped)


def _read_history(text: str, today: date) -> Iterator[Taken]:
    for clause in split(clean(text)):
        words = re.findall(r"[\w][\w'-]*\w|\w", clause.text)
        for match in find_exact(words):
            at = re.search(rf"\b{re.escape(match.name)}\b", clause.text)
            is_everyday = match.medicine.inn in EVERYDAY or len(match.name) < 5
            if is_everyday or at is None or not (match.medicine.tags or match.medicine.movements):
                continue
            before = clause.text[: at.start()]
            if clause.is_question or is_of_relative(clause.text, at) or FEARED.search(before):
                continue
            if is_denied(clause.text, at, across_commas=False) or re.search(r"allerg\w+|intoleran\w+", clause.text):
                continue
            part = _part_with(clause.text, at.start())
            yield Taken(match.name, match.medicine, match.name, False, *_read_times(part, today))


def _part_with(clause: str, at: int) -> str:
    start = clause.rfind(",", 0, at) + 1
    end = clause.find(",", at)
    return clause[start : end if end > 0 else None]


def _read_times(text: str, today: date) -> tuple[float | None, float | None, float | None]:
    """Return started, changed, stopped in days before today, as far as a text tells."""
    days = {}
    for name, pattern in (("stopped", STOPPED), ("changed", CHANGED), ("started", STARTED)):
        if match := pattern.search(text):
            days[name] = read_days_ago(text, match.start(), today=today)
    if not days:
        return read_days_ago(text, len(text), today=today), None, None
    if "stopped" in days or "changed" in days:
        days.pop("started", None)
    return days.get("started"), days.get("changed"), days.get("stopped")


def _class_signs(taken: Taken) -> Iterator[str]:
    medicine = taken.medicine
    is_off = taken.stopped is not None
    if medicine is None or (is_off and (taken.stopped or 0) > AFTER_BLOCKER_DAYS):
        return
    if taken.has("dopamine_blocker"):
        yield "dopamine_blocker"
        if (taken.started or 0) >= LONG_DAYS:
            yield "dopamine_blocker_long"
    yield from _injection_signs(taken)
    if is_off:
        return
    plain = {"lithium": "lithium", "serotonin": "serotonin_medicine", "antidepressant": "antidepressant_taken"}
    plain |= {"diuretic": "diuretic", "immunosuppressant": "immunosuppression", "sugar_lowering": "diabetes_treatment"}
    plain |= {"antiseizure": "antiseizure_taken", "stimulant": "stimulant_taken", "sedative": "sedative_taken"}
    plain |= {"cholinesterase": "cholinesterase_medicine", "alendronic_acid": "alendronic_acid"}
    plain |= {"lithium_raising": "lithium_raising_medicine", "myasthenia": "myasthenia", "nicotine": "nicotine_use"}
    yield from (sign for tag, sign in plain.items() if tag in medicine.tags)
    if taken.has("ppi") and (taken.started is None or taken.started >= LONG_DAYS):
        yield "ppi_long"
    lowering = {"hypocalcaemia": "calcium", "hypomagnesaemia": "magnesium", "hypokalaemia": "potassium"}
    for effect, name in lowering.items():
        if effect in medicine.movements:
            yield "calcium_lowering_medicine" if name == "calcium" else f"low_{name}_medicine"
    if medicine.kind == "street drug":
        yield "street_stimulant"
    if medicine.inn == "clozapine":
        yield "clozapine_taken"


def _injection_signs(taken: Taken) -> Iterator[str]:
    """Yield signs of what is given as an injection and lasts for months."""
    step = taken.last_step
    rows = (
        ("botulinum", "recent_botulinum_toxin", TOXIN_DAYS),
        ("filler", "lip_injected_recent", FILLER_DAYS),
        ("zoledronic_acid", "zoledronic_acid", ZOLEDRONIC_DAYS),
    )
    for tag, sign, days in rows:
        if taken.has(tag) and (step is None or step <= days):
            yield sign
    if taken.has("denosumab") and (taken.stopped is None or taken.stopped <= DENOSUMAB_DAYS):
        yield "denosumab"
    if taken.has("botulinum") and re.search(r"lip|mouth|chin|masseter|jaw|smile", taken.written.lower()):
        yield "botulinum_lower_face"


def _timed_signs(taken: Taken, duration_days: float | None) -> Iterator[str]:
    step, lag = taken.last_step, taken.lag_days(duration_days)
    came_first = lag is not None and lag < -SLACK_DAYS
    is_off = not taken.was_on(duration_days)
    if step is not None and step <= NEW_BLOCKER_DAYS and taken.has("dopamine_blocker"):
        yield "new_dopamine_blocker_days"
    moves = taken.medicine is None or bool(set(taken.medicine.movements) - {"treats"})
    if step is not None and step <= NEW_DAYS and _is_suspect(taken) and not came_first and not is_off:
        yield "new_medicine_90_days"
    if taken.medicine is None:
        return
    if step is None and taken.stopped is None and moves and _is_suspect(taken):
        yield "medicine_start_unknown"
    if came_first and moves:
        yield "began_before_medicine"
    if step is not None and step <= RECENT_SEROTONIN_DAYS and taken.has("serotonin"):
        yield "new_serotonin_medicine"
    if lag is not None and not came_first and lag <= NEW_DAYS and not is_off:
        yield from _followed_signs(taken, taken.medicine)
    if not came_first and not is_off:
        yield from _possible_signs(taken, taken.medicine, duration_days)


def _is_suspect(taken: Taken) -> bool:
    """Tell whether a new medicine deserves a question: any but everyday things and those without a known link."""
    medicine = taken.medicine
    return medicine is None or not (medicine.inn in NO_MEDICINE or medicine.kind.startswith("medicine without"))


def _followed_signs(taken: Taken, medicine: Medicine) -> Iterator[str]:
    """Yield signs of a movement that began soon after a start or change."""
    tags = {"antidepressant": "antidepressant_timed", "antiseizure": "antiseizure_timed"}
    tags |= {"stimulant": "stimulant_timed"}
    yield from (sign for tag, sign in tags.items() if taken.has(tag))
    if _is_other_shaker(taken):
        yield "shaking_medicine_timed"
    if medicine.kind == "thyroid hormone":
        yield "thyroid_hormone_timed"


def _possible_signs(taken: Taken, medicine: Medicine, duration_days: float | None) -> Iterator[str]:
    movements = medicine.movements
    # A spasm of a few days may follow a medicine whose start was not told.
    days = duration_days if taken.last_step is None else taken.last_step
    if "acute_dystonia" in movements and days is not None and days <= DYSTONIA_DAYS:
        yield "may_cause_acute_dystonia"
    for effect in ("rabbit_syndrome", "tardive_dyskinesia"):
        if effect in movements:
            yield f"may_cause_{effect}"
    if _is_other_shaker(taken):
        yield "shaking_medicine_taken"


def _is_other_shaker(taken: Taken) -> bool:
    own_cause = {"dopamine_blocker", "antidepressant", "antiseizure", "stimulant", "caffeine", "nicotine", "sedative"}
    medicine = taken.medicine
    return bool(
        medicine and {"tremor", "fasciculation"} & set(medicine.movements) and not own_cause & set(medicine.tags)
    )


def _stop_signs(taken: Taken, duration_days: float | None) -> Iterator[str]:
    if taken.stopped is None:
        return
    if taken.has("sedative") and taken.stopped <= SEDATIVE_STOP_DAYS:
        yield "alcohol_or_sedative_stopped"
    came_first = duration_days is not None and taken.stopped < duration_days - SLACK_DAYS
    if taken.has("antidepressant") and taken.stopped <= ANTIDEPRESSANT_STOP_DAYS and not came_first:
        yield "antidepressant_stopped"
    if taken.has("nicotine") and taken.stopped <= FILLER_DAYS:
        yield "nicotine_stopped"
    if taken.has("antiseizure") and taken.stopped <= SEDATIVE_STOP_DAYS:
        yield "doses_missed"
