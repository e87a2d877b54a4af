"""What was found of triggers, in plain words: the same sentences for the terminal and for pages.

The verdict comes first, then the estimate with its interval, then what is
still needed. A link is never called a cause; "nothing found" always says how
large an effect could still be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from philtrum.diary.columns import COLUMNS
from philtrum.nof1.screening import (
    LEAST_DAYS,
    LEAST_EPISODES,
    LEAST_SHARE_OF_COLUMN,
    LEAST_SWITCHES,
    LEAST_TWITCHING_DAYS,
    LEAST_UNUSUAL_DAYS,
)
from philtrum.nof1.triggers import STRONG, Link, Trigger, TriggerReport
from philtrum.report.text import EMERGENCY

WIDTH = 100
_CERTAIN_DAY = 0.8  # share of the chance that the likeliest day must have
DAY_WORDS = ("the same day", "the next day")
OUTCOME_WORDS = {"episodes": "episodes", "minutes": "minutes of twitching", "rate_per_min": "twitches per minute"}
GROUPS = {
    "more": "Goes with more or less twitching",
    "maybe_consequence": "May be a result of twitching rather than its cause",
    "no_association": "Does not matter, or hardly",
    "unclear": "Not clear yet; what still fits (95 % interval)",
    "not_enough_data": "Not enough data",
}
# Ids of `philtrum.nof1.screening` and `philtrum.nof1.triggers`; {n} is the number of days still needed.
SHORTAGES = {
    "too-few-days": f"The twitching is recorded on too few days: at least {LEAST_DAYS} are needed, {{n}} more.",
    "too-few-episodes": (
        f"There was too little twitching: at least {LEAST_EPISODES} episodes on {LEAST_TWITCHING_DAYS} days are "
        "needed. At this rate that takes about {n} more days."
    ),
    "no-twitching": "There was no twitching at all in this time.",
    "column-too-few-days": (
        f"Recorded on less than {LEAST_SHARE_OF_COLUMN:.0%} of the days: on about {{n}} more days it should be."
    ),
    "column-constant": "The same on every day; only what changes can be compared.",
    "column-hardly-varies": (
        f"Nearly the same on every day: fewer than {LEAST_UNUSUAL_DAYS} days differ from the usual value."
    ),
    "column-one-switch": (
        f"Switched on or off fewer than {LEAST_SWITCHES} times: before and after cannot be told from getting better or "
        "worse anyway. A trial can."
    ),
    "too-little-to-tell": "Even a strong effect would hardly show yet; that takes about {n} more days.",
}
CAUTION = (
    "A link is not proof of a cause. Of twenty statements of the first kind, one may be wrong, and more if you look "
    "every week: believe a new link when it has held for some weeks. The way to know is a trial in which a coin "
    "decides: philtrum trial plan."
)
MEDICINE = "Do not stop or change a prescribed medicine because of this: speak to the prescriber."


def name_of(column: str) -> str:
    """Return the words for a column; a person's own column goes by its own name."""
    return COLUMNS[column].words if column in COLUMNS else column


def step_words(trigger: Trigger) -> str:
    """Return the step that ratios are told for: "1 hour more sleep"."""
    if trigger.name in COLUMNS:
        return COLUMNS[trigger.name].step_words
    return f"{trigger.per:g} more of {trigger.name}"


def change_words(ratio: float) -> str:
    """Return a ratio as people say it: 29 % fewer, 37 % more, 2.2 times as many."""
    if ratio >= 2:
        return f"{ratio:.1f} times as many"
    percent = round(100 * (ratio - 1))
    return "as many" if percent == 0 else f"{-percent} % fewer" if percent < 0 else f"{percent} % more"


def verdict_sentence(trigger: Trigger) -> str:
    """Return the verdict on one trigger in one sentence."""
    name = name_of(trigger.name)
    subject = name[:1].upper() + name[1:]
    return {
        "raises": f"{subject} goes with more twitching.",
        "lowers": f"{subject} goes with less twitching.",
        "maybe_consequence": f"{subject} may be a result of the twitching.",
        "no_association": f"{subject} is not it.",
        "unclear": f"{subject}: not clear yet.",
        "not_enough_data": f"{subject}: not enough data.",
    }[trigger.verdict]


def explanation(trigger: Trigger, outcome: str = "episodes") -> str:
    """Return what the verdict rests on, and what is still needed."""
    if trigger.best is None:
        return shortage_sentence(trigger)
    link = trigger.links[trigger.best]
    many = OUTCOME_WORDS[outcome]
    return {
        "raises": _claim_words,
        "lowers": _claim_words,
        "maybe_consequence": _consequence_words,
        "no_association": _none_words,
        "unclear": _unclear_words,
        "not_enough_data": _unclear_words,
    }[trigger.verdict](trigger, link, many)


def group_of(trigger: Trigger) -> str:
    """Return the key of `GROUPS` that a trigger belongs to."""
    return "more" if trigger.verdict in {"raises", "lowers"} else trigger.verdict


def shortage_sentence(trigger: Trigger) -> str:
    """Return why nothing can be said of a trigger yet; "" if that is not so."""
    if trigger.reason not in SHORTAGES:
        return ""
    return SHORTAGES[trigger.reason].format(n=trigger.days_needed)


def render_triggers(report: TriggerReport, name: str) -> str:
    """Return the report as text of at most 100 columns, ending with a line break."""
    lines = [*EMERGENCY.splitlines(), "", name, "", *_wrapped(summary(report))]
    for key, heading in GROUPS.items():
        chosen = [trigger for trigger in report.triggers if group_of(trigger) == key]
        if chosen:
            lines += ["", heading, *_group_lines(chosen, report.outcome)]
    if any(trigger.verdict in {"raises", "lowers"} for trigger in report.triggers):
        lines += ["", *_wrapped(CAUTION)]
    if any(trigger.links for trigger in report.triggers):
        lines += ["", *_table(report)]
    return "\n".join(lines) + "\n"


def summary(report: TriggerReport) -> str:
    """Return the answer to "what drives it?" in a sentence or two, and what it rests on."""
    many = OUTCOME_WORDS[report.outcome]
    basis = f"{report.n_recorded} of {report.n_days} days recorded, {report.n_twitching_days} of them with twitching"
    basis += f" ({report.total:.0f} {many})." if report.outcome != "rate_per_min" else "."
    if report.is_shortened:
        basis += " Only the last three years were looked at."
    found = [trigger for trigger in report.triggers if trigger.verdict in {"raises", "lowers"}]
    if found:
        return " ".join([*(verdict_sentence(trigger) for trigger in found), basis])
    if not report.triggers:
        return f"There is no column beside the twitching, so there is nothing to compare it with. {basis}"
    if all(trigger.verdict == "not_enough_data" for trigger in report.triggers):
        return f"Too early to say what drives the twitching. {basis}"
    return f"Nothing in this diary clearly goes with the twitching. That is a result, too. {basis}"


def _group_lines(triggers: Sequence[Trigger], outcome: str) -> Iterator[str]:
    """Write one paragraph for each trigger; those with the same explanation share one."""
    by_words: dict[str, list[str]] = {}
    for trigger in triggers:
        by_words.setdefault(explanation(trigger, outcome), []).append(name_of(trigger.name))
    for words, names in by_words.items():
        subject = ", ".join(names)
        yield from _wrapped(f"- {subject[:1].upper()}{subject[1:]}: {words}", indent="  ")


def _claim_words(trigger: Trigger, link: Link, many: str) -> str:
    sentences = [
        f"with {step_words(trigger)} there were about {change_words(link.rate_ratio)} {many} {_day(link.lag_days)} "
        f"(95 % interval: {_range_words(link)}), the other things in the diary being equal."
    ]
    if trigger.chance is not None and link.chance < _CERTAIN_DAY * trigger.chance:
        sentences.append("On which of the days before it acts is not certain.")
    if trigger.high_days is not None:
        high = trigger.high_days
        sentences.append(
            f"It looks like a matter of days above {high.above:.3g}: about {change_words(high.rate_ratio)} then, and "
            "little below."
        )
    if trigger.name == "medication":
        sentences.append(MEDICINE)
    return " ".join(sentences)


def _consequence_words(trigger: Trigger, link: Link, many: str) -> str:
    return (
        f"{trigger.after_twitching} on the days after much twitching. So the two may go together because twitching "
        "changes it; a diary cannot tell which comes first."
    )


def _none_words(trigger: Trigger, link: Link, many: str) -> str:
    most = max(max(1 / entry.ci_low, entry.ci_high) for entry in trigger.links)
    words = f"{step_words(trigger)} changes the {many} by less than {100 * (most - 1):.0f} % either way."
    return words if trigger.name == "medication" else f"{words} It is not worth changing because of the twitching."


def _unclear_words(trigger: Trigger, link: Link, many: str) -> str:
    words = f"{step_words(trigger)}: {_range_words(link)} {many} {_day(link.lag_days)}."
    if trigger.reason == "tied" and trigger.tied_with is not None:
        words += f" It rises and falls with {name_of(trigger.tied_with)}, so the two can hardly be told apart."
    elif trigger.reason == "too-little-to-tell":
        words += f" {shortage_sentence(trigger)}"
    elif trigger.days_needed is not None:
        size = "strong" if trigger.sought == STRONG else "moderate"
        words += f" A {size} effect would show after about {trigger.days_needed} more days."
    return words


def _range_words(link: Link) -> str:
    """Return what still fits: "between 38 % fewer and 3 % more"."""
    return f"between {change_words(link.ci_low)} and {change_words(link.ci_high)}"


def _day(lag_days: int) -> str:
    return DAY_WORDS[lag_days] if lag_days < len(DAY_WORDS) else f"{lag_days} days later"


def _table(report: TriggerReport) -> Iterator[str]:
    yield f"{'':<24} {'per':>8} {'days later':>11} {'ratio':>7} {'95 % interval':>17} {'chance':>7}"
    for trigger in report.triggers:
        for link in trigger.links:
            interval = f"{link.ci_low:.2f} to {link.ci_high:.2f}"
            mark = "  *" if link.verdict in {"raises", "lowers"} else ""
            yield (
                f"{trigger.name[:24]:<24} {trigger.per:>8g} {link.lag_days:>11} {link.rate_ratio:>7.2f} {interval:>17} "
                f"{link.chance:>7.2f}{mark}"
            )
    yield "Ratio: factor on the daily count. Chance: that it does something, on that day, given this diary."


def _wrapped(words: str, indent: str = "") -> list[str]:
    return wrap(words, WIDTH, subsequent_indent=indent)
