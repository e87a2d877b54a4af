"""What a clip and a diary add: evidence that may raise the level and that helps to order the causes.

A *measurement* is the JSON of `philtrum measure` (schema philtrum.measurement/1). A *diary* is a plain summary:

- `days`: number of days with entries;
- `in_sleep`: true when twitching in sleep was noted;
- `after_coffee`: true when there was more twitching after coffee;
- `daily_since_dose_change`: true when it came every day since a medicine was started or changed;
- `spreading`: true when the entries say that it takes in more of the face;
- `symptoms`: ids of the symptoms noted (as in `associated_symptoms`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from philtrum.advice.knowledge import load_knowledge

# Bands overlap: Parkinson and rabbit syndrome 4-6 per second, essential tremor 4-12, physiological 8-12, seizures 1-3.
SEIZURE_HZ, REST_TREMOR_HZ = (0.8, 3.2), (3.8, 6.5)
# A pattern seen once proves little; two runs or five twitches are the least that is used.
MIN_RUNS, MIN_TWITCHES = 2, 5
MIN_DIARY_DAYS = 7
SIDE_SHARE = 0.9


def measurement_signs(measurement: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield the signs that a clip shows; nothing from a clip that was refused."""
    if not measurement or _get(measurement, "quality", "verdict") == "refused":
        return
    label = _get(measurement, "pattern", "label")
    hz = _get(measurement, "pattern", "frequency_hz")
    n = _get(measurement, "summary", "n_twitches") or 0
    runs = measurement.get("runs") or ()
    patterns = [run.get("pattern") for run in runs if isinstance(run, Mapping)]
    if label == "with_eye" or patterns.count("with_eye") >= MIN_RUNS:
        yield "clip_with_eye", ""
    if label == "undulating":
        yield "clip_undulating", ""
    if label == "sustained":
        yield "clip_sustained", ""
    if label in {"isolated", "bursts"} and n >= 1:
        yield "clip_isolated", ""
    if label == "rhythmic" and isinstance(hz, int | float):
        yield from _beat(float(hz))
    side = _get(measurement, "summary", "dominant_side")
    if side in {"left", "right"} and n >= MIN_TWITCHES:
        yield "one_side", f"the clip shows it on the {side}"


def diary_signs(diary: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield the signs of a diary's summary; habits need entries of a week, symptoms count at once."""
    if not diary:
        return
    signs = load_knowledge().vocabularies["symptoms"]
    for symptom in diary.get("symptoms") or ():
        if symptom in signs:
            yield symptom, "in the diary"
    for key, sign in (("spreading", "diary_spreading"), ("in_sleep", "diary_in_sleep"), ("in_sleep", "in_sleep")):
        if diary.get(key) is True:
            yield sign, "in the diary"
    if (diary.get("days") or 0) >= MIN_DIARY_DAYS:
        for key, sign in (("after_coffee", "diary_after_coffee"), ("daily_since_dose_change", "diary_since_dose")):
            if diary.get(key) is True:
                yield sign, "in the diary"


def tremor_bands(hz: float) -> str:
    """Return in words which kinds of shaking a beat fits, since their bands overlap."""
    bands = (
        ("a seizure of the face", 0.8, 3.2),
        ("Parkinson disease or a medicine that copies it", 3.8, 6.5),
        ("essential tremor", 4.0, 12.0),
        ("shaking from stress, caffeine, thyroid or medicines", 6.0, 12.5),
    )
    fits = [name for name, low, high in bands if low <= hz <= high]
    return (
        f"A beat of {hz:.1f} per second fits "
        + (" as well as ".join(fits) if fits else "no known kind of shaking")
        + "."
    )


def _beat(hz: float) -> Iterator[tuple[str, str]]:
    origin = f"{hz:.1f} per second"
    if SEIZURE_HZ[0] <= hz <= SEIZURE_HZ[1]:
        yield "clip_tremor_1_to_3_hz", origin
    elif REST_TREMOR_HZ[0] <= hz <= REST_TREMOR_HZ[1]:
        yield "clip_tremor_4_to_6_hz", origin
    elif hz > REST_TREMOR_HZ[1]:
        yield "clip_tremor_over_6_hz", origin


def _get(mapping: Mapping[str, Any], *names: str) -> Any:
    value: Any = mapping
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
