"""Everyday life as people write it: "sleep: 5 hours", "coffee: 6", "stress: exams"."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Sleep under about 6 h counts as short, from 7 h as good (NHS: most adults need 7 to 9 hours).
SHORT_SLEEP_H, GOOD_SLEEP_H = 6.0, 7.0
# 400 mg a day is the limit for adults, 200 mg in pregnancy (EFSA 2015); a cup has about 90 mg.
CAFFEINE_LIMIT_MG, CAFFEINE_LIMIT_PREGNANT_MG, CUP_MG = 400.0, 200.0, 90.0
# UK low-risk limit: 14 units (of 8 g) a week; more than 3 drinks a day is heavy by any guideline.
UNITS_A_WEEK, DRINKS_A_DAY = 14.0, 3.0
HIGH_STRESS_OF_10 = 6.0

NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)(?:\s?(?:-|to|\u2013)\s?(\d+(?:[.,]\d+)?))?")
NONE = re.compile(r"^\s*(no|none|never|zero|0|not|non-?smoker|non-?drinker|nil|teetotal|abstinent|n)\b")
LOW = re.compile(
    r"\b(low|little|calm|relaxed|rare(ly)?|minimal|mild|slight|moderate|some|normal|average|occasional\w*|ok|okay"
    r"|medium|light|social\w*|fine|usual)\b"
)
HIGH = re.compile(
    r"\b(high|heavy|very|lots?|a lot|severe|extreme|much|many|too|bad|exam\w*|deadline\w*|intense|huge|increased"
    r"|more|strong|excess\w*|chronic|stress\w*|work|job|divorce|yes|elevated|up|big)\b"
)
GOOD = re.compile(r"\b(good|well|fine|normal|ok|okay|enough|regular|great|sound|[789]\s?(h|hours|hrs))\b")
BAD = re.compile(
    r"\b(bad|badly|poor\w*|short|little|broken|insomnia|less|lack|disturbed|interrupted|restless|no|few|terrible"
    r"|awful|deprived|worse|low|reduced|irregular|night shifts?|shift work|wak\w+)\b"
)


def lifestyle_signs(key: str, value: str, *, is_pregnant: bool) -> Iterator[str]:
    """Yield the signs of one entry of everyday life; free words are read elsewhere."""
    name, text = key.strip().lower(), value.strip().lower()
    if re.search(r"sle+p", name):
        yield from _sleep(name, text)
    elif re.search(r"stress|anxi|worry|pressure|mood", name):
        yield from _stress(name, text)
    elif re.search(r"caff|coff|tea\b|cola|energy|espresso", name):
        yield from _caffeine(name, text, is_pregnant)
    elif re.search(r"alcohol|drink|beer|wine|units", name):
        yield from _alcohol(name, text)
    elif re.search(r"smok|nicotin|vap|cigar|tobacco", name):
        yield from _nicotine(text)
    elif re.search(r"screen|computer|phone", name):
        hours = _number(text)
        if (hours is not None and hours >= 6) or (hours is None and HIGH.search(text)):
            yield "screens_long"
    elif re.search(r"exercise|sport|training|gym", name) and re.search(
        r"\b(hard|heavy|intense|daily|marathon)\b", text
    ):
        yield "exercise_hard"


def _sleep(name: str, text: str) -> Iterator[str]:
    hours = _number(text)
    if hours is not None and hours <= 16 and "%" not in text and "quality" not in name:
        if hours < SHORT_SLEEP_H or BAD.search(text):
            yield "sleep_short"
        elif hours >= GOOD_SLEEP_H:
            yield "sleep_good"
    elif BAD.search(text):
        yield "sleep_short"
    elif GOOD.search(text):
        yield "sleep_good"


def _stress(name: str, text: str) -> Iterator[str]:
    number = _number(text)
    if NONE.search(text) or (number is not None and number <= 2):
        yield "stress_low"
    elif (number is not None and number >= HIGH_STRESS_OF_10) or HIGH.search(text):
        yield "stress_high"
    elif LOW.search(text):
        if re.search(r"\b(low|little|calm|relaxed|rare|minimal)\b", text):
            yield "stress_low"
    elif number is None and text:
        yield "stress_high"


def _caffeine(name: str, text: str, is_pregnant: bool) -> Iterator[str]:
    number = _number(text)
    if (NONE.search(text) and not number) or number == 0 or "decaf" in text:
        yield "caffeine_none"
        return
    if number is not None:
        is_mg = "mg" in name or "mg" in text or number >= 40
        mg = number if is_mg else number * CUP_MG
        limit = CAFFEINE_LIMIT_PREGNANT_MG if is_pregnant else CAFFEINE_LIMIT_MG
        yield "caffeine_high" if mg >= limit * 0.88 or re.search(r"energy|pre-?workout", text) else "caffeine_daily"
    elif re.search(
        r"\b(high|heavy|lots?|much|many|increased|more|too|excess\w*|energy|doubled|strong|all day)\b", text
    ):
        yield "caffeine_high"
    elif text:
        yield "caffeine_daily"


def _alcohol(name: str, text: str) -> Iterator[str]:
    number = _number(text)
    if NONE.search(text) and not number:
        return
    is_daily = bool(
        re.search(r"\b(daily|a day|per day|every (day|evening|night)|each (day|evening)|day|nightly)\b", text)
    )
    is_daily = is_daily or "per_day" in name or "daily" in name
    if is_daily:
        yield "drinks_daily"
    heavy_number = number is not None and (number > DRINKS_A_DAY if is_daily else number > UNITS_A_WEEK)
    if heavy_number or re.search(r"\b(heavy|heavily|a lot|binge|too much|hangover|excess\w*|high|drunk)\b", text):
        yield "alcohol_heavy"


def _nicotine(text: str) -> Iterator[str]:
    if NONE.search(text) or re.search(r"\b(never|ex-?smoker|former)\b", text):
        return
    if re.search(r"\b(stopped|quit|gave up)\b", text):
        return  # how long ago is read with the phrases
    yield "nicotine_use"


def _number(text: str) -> float | None:
    match = NUMBER.search(text)
    if match is None:
        return None
    low = float(match[1].replace(",", "."))
    return (low + float(match[2].replace(",", "."))) / 2 if match[2] else low
