"""A stored measurement in plain words: sentences, numbers with their explanation, and table rows.

Only puts into words what the measurement holds; nothing is computed here but
percentages for reading and the conversion to approximate millimetres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from philtrum.report.charts import mm_from_pct_iod
from philtrum.video.measurement import MEAN_IOD_MM

Facts = Mapping[str, Any]

SIDES = {
    "left": gettext_lazy("your left"),
    "right": gettext_lazy("your right"),
    "both": gettext_lazy("both sides"),
    "midline": gettext_lazy("middle"),
}
MOSTLY = {
    "left": gettext_lazy(", mostly on your left"),
    "right": gettext_lazy(", mostly on your right"),
    "both": gettext_lazy(", mostly on both sides at once"),
    "midline": gettext_lazy(", mostly in the middle"),
}
VERDICTS = {
    "good": gettext_lazy("Good recording"),
    "usable": gettext_lazy("Usable recording, read the numbers with care"),
    "refused": gettext_lazy("This recording could not be judged"),
}
PATTERNS = {
    "none": gettext_lazy("none"),
    "isolated": gettext_lazy("single twitches"),
    "bursts": gettext_lazy("bursts"),
    "rhythmic": gettext_lazy("rhythmic"),
    "undulating": gettext_lazy("rippling"),
    "with_eye": gettext_lazy("together with the eye"),
    "sustained": gettext_lazy("held"),
    "mixed": gettext_lazy("mixed"),
}
REASONS = {
    "speech": gettext_lazy("talking"),
    "smile": gettext_lazy("smiling"),
    "chewing": gettext_lazy("chewing"),
    "blink": gettext_lazy("blinking"),
    "head_motion": gettext_lazy("moving the head"),
    "face_lost": gettext_lazy("the face not being in view"),
    "blur": gettext_lazy("a blurred picture"),
    "exposure": gettext_lazy("a change of light"),
    "duplicate_frames": gettext_lazy("the picture standing still"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the summary, and how it came about."""

    label: str
    value: str
    unit: str
    how: str
    formula: str
    values: str


@dataclass(frozen=True, slots=True)
class Row:
    """One twitch in the list."""

    number: int
    onset_s: float
    lasts: str
    pct_iod: str
    mm: str
    side: str
    partners: str


@dataclass(frozen=True, slots=True)
class Words:
    """All texts of a result page."""

    first_sentence: str
    second_sentence: str
    verdict: str
    advice: str
    pattern: str
    numbers: tuple[Number, ...]
    rows: tuple[Row, ...]
    excluded: tuple[tuple[str, str], ...]
    """Reason, and how long."""


def words_for(facts: Facts) -> Words:
    """Put a measurement (schema `philtrum.measurement/1`) into words."""
    reasons = facts["quality"]["reasons"]
    return Words(
        first_sentence=_first_sentence(facts),
        second_sentence=_second_sentence(facts),
        verdict=str(VERDICTS[facts["quality"]["verdict"]]),
        advice=reasons[0]["advice"] if reasons else "",
        pattern=str(PATTERNS[facts["pattern"]["label"]]),
        numbers=tuple(_numbers(facts)),
        rows=tuple(_row(number, twitch) for number, twitch in enumerate(facts["twitches"], start=1)),
        excluded=_excluded(facts),
    )


def film_words(film: Facts, facts: Facts) -> tuple[str, str]:
    """Put what a film shows (see `video.film.Film`) into two sentences: how, and which part of the clip."""
    how = _("Slowed %(slower)s times, movement shown %(larger)s times larger than it was.") % {
        "slower": film["slowdown"],
        "larger": film["factor"],
    }
    n_all = facts["summary"]["n_twitches"]
    if n_all:
        text = ngettext("It shows the twitch.", "It shows %(n)s of the %(all)s twitches.", n_all)
        which = text % {"n": film["n_twitches"], "all": n_all}
        return how, _("It shows all %(n)s twitches.") % {"n": n_all} if n_all == film["n_twitches"] > 1 else which
    if facts["runs"]:
        return how, _("It shows the time in which the lip kept moving.")
    return how, _("No twitch was found, so it shows a stretch of rest, magnified as little as is useful.")


def _first_sentence(facts: Facts) -> str:
    summary = facts["summary"]
    n = summary["n_twitches"]
    if not n:
        return _("No twitch of the upper lip was found.")
    mostly = MOSTLY.get(summary["dominant_side"], "")
    text = ngettext("%(n)s twitch of the upper lip%(mostly)s.", "%(n)s twitches of the upper lip%(mostly)s.", n)
    return text % {"n": n, "mostly": mostly}


def _second_sentence(facts: Facts) -> str:
    duration, observed = facts["clip"]["duration_s"], facts["summary"]["observed_s"]
    text = _("%(observed)s s of the clip's %(duration)s s could be judged.")
    sentence = text % {"observed": _short(observed), "duration": _short(duration)}
    smallest = facts["quality"]["detectable_pct_iod"]
    if smallest is None:
        return sentence
    text = _("The smallest twitch that this clip could have shown is about %(mm)s mm.")
    return f"{sentence} {text % {'mm': _mm(smallest)}}"


def _numbers(facts: Facts) -> list[Number]:
    return [
        number
        for number in (_count(facts), _rate(facts), _size(facts), _judged(facts), _share(facts), _smallest(facts))
        if number is not None
    ]


def _count(facts: Facts) -> Number:
    return Number(
        _("Twitches"),
        str(facts["summary"]["n_twitches"]),
        "",
        _(
            "A twitch is a short rise and fall of the upper lip, measured against the bones of the face, that "
            "stands clear of this clip's own noise and does not belong to talking, smiling, chewing or the like."
        ),
        _("number of twitches = rows in the list above"),
        _("%(n)s rows") % {"n": len(facts["twitches"])},
    )


def _rate(facts: Facts) -> Number | None:
    summary = facts["summary"]
    if summary["rate_per_min"] is None:
        return None
    return Number(
        _("Twitches per minute"),
        _short(summary["rate_per_min"]),
        _("per minute judged"),
        _("Only the time in which a twitch could have been seen counts; a few seconds make a rough figure."),
        _("rate = twitches ÷ seconds judged × 60"),  # noqa: RUF001
        f"{summary['n_twitches']} ÷ {_short(summary['observed_s'])} × 60",  # noqa: RUF001 - a multiplication sign
    )


def _size(facts: Facts) -> Number | None:
    median = facts["summary"]["median_amplitude_pct_iod"]
    if median is None:
        return None
    return Number(
        _("Typical size"),
        _mm(median),
        _("mm, approximately"),
        _(
            "Sizes are measured in percent of the distance between the outer corners of the eyes. Millimetres "
            "assume an adult's mean distance of %(mm)s mm; yours may differ by a tenth."
        )
        % {"mm": _short(MEAN_IOD_MM)},
        _("size = middle value of all twitches' largest movement, in %% × %(mm)s mm ÷ 100")  # noqa: RUF001
        % {"mm": _short(MEAN_IOD_MM)},
        f"{median:.2f} % × {_short(MEAN_IOD_MM)} ÷ 100",  # noqa: RUF001
    )


def _judged(facts: Facts) -> Number:
    observed = facts["summary"]["observed_s"]
    return Number(
        _("Time judged"),
        _short(observed),
        _("s of %(all)s s") % {"all": _short(facts["clip"]["duration_s"])},
        _(
            "Time in which a twitch could not be told from something else is taken out, "
            "so that it counts neither as quiet nor as twitching."
        ),
        _("time judged = length of the clip − time taken out"),  # noqa: RUF001 - a minus sign
        f"{facts['clip']['duration_s']:.1f} − {facts['clip']['duration_s'] - observed:.1f} s",  # noqa: RUF001
    )


def _share(facts: Facts) -> Number | None:
    share = facts["summary"]["time_twitching_fraction"]
    if share is None:
        return None
    return Number(
        _("Time spent twitching"),
        f"{100 * share:.0f}" if share >= 0.1 else f"{100 * share:.1f}",
        "%",
        _("Twitches that belong together in time form a run; this is the share of the time judged inside runs."),
        _("share = seconds inside runs ÷ seconds judged"),
        _("%(runs)s runs in %(s)s s") % {"runs": len(facts["runs"]), "s": _short(facts["summary"]["observed_s"])},
    )


def _smallest(facts: Facts) -> Number | None:
    quality = facts["quality"]
    if quality["detectable_pct_iod"] is None:
        return None
    noise = "?" if quality["noise_pct_iod"] is None else f"{quality['noise_pct_iod']:.2f}"
    return Number(
        _("Smallest twitch it could show"),
        _mm(quality["detectable_pct_iod"]),
        _("mm, approximately"),
        _(
            "Every recording hides the smallest movements: light, focus and compression add noise. A twitch of this "
            "size would have been found nine times in ten; smaller ones may be there and not in the list."
        ),
        _("from how much the resting lip seems to move in this very clip"),
        _("noise %(noise)s %%, smallest size %(size).2f %% of the eye distance")
        % {"noise": noise, "size": quality["detectable_pct_iod"]},
    )


def _row(number: int, twitch: Facts) -> Row:
    return Row(
        number,
        twitch["onset_s"],
        f"{twitch['offset_s'] - twitch['onset_s']:.2f}",
        f"{twitch['amplitude_pct_iod']:.2f}",
        f"{twitch['amplitude_mm']:.1f}",
        str(SIDES[twitch["side"]]),
        ", ".join(partner.replace("_", " ") for partner in twitch["partners"]),
    )


def _excluded(facts: Facts) -> tuple[tuple[str, str], ...]:
    total_s: dict[str, float] = {}
    for gap in facts["excluded"]:
        total_s[gap["reason"]] = total_s.get(gap["reason"], 0.0) + gap["end_s"] - gap["start_s"]
    longest_first = sorted(total_s.items(), key=lambda item: -item[1])
    return tuple((str(REASONS.get(reason, reason)), f"{seconds:.1f}") for reason, seconds in longest_first)


def _short(value: float) -> str:
    """Return a number as a person would say it: one decimal below ten, none above."""
    return f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:.0f}"


def _mm(pct_iod: float) -> str:
    mm = mm_from_pct_iod(pct_iod)
    return f"{mm:.2f}" if mm < 0.1 else f"{mm:.1f}"
