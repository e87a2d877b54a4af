"""How the twitching answered to treatments, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from philtrum.nof1.response import LEAST_DAYS, LEAST_DAYS_BEFORE, Answer, Range, Response
from philtrum.report.text import EMERGENCY
from philtrum.report.trigger_words import WIDTH, change_words

CAUTION = (
    "This is not a trial: what got better or worse by itself at the same time cannot be told from the treatment. "
    "Cycles that look alike make that less likely."
)


def answer_sentence(answer: Answer) -> str:
    """Return how the twitching answered, in one sentence."""
    when = "the treatments" if answer.treated_on is None else f"the treatment of {answer.treated_on.isoformat()}"
    return {
        "less": f"There was less twitching after {when}.",
        "more": f"There was more twitching after {when}.",
        "unclear": f"No clear change after {when}.",
        "not_enough_data": f"Too few days are recorded around {when}.",
    }[answer.verdict]


def details(answer: Answer) -> str:
    """Return best effect, onset and wearing off with their intervals; "" where nothing was computed."""
    if answer.best_ratio is None:
        return ""
    parts = [f"At best {change_words(answer.best_ratio.value)} (95 % interval: {_span(answer.best_ratio)})."]
    if answer.onset_days is not None:
        parts.append(f"Half of it was there after {_days(answer.onset_days)}.")
    if answer.wears_off_days is not None:
        parts.append(f"Half of it was gone after {_days(answer.wears_off_days)}.")
    elif answer.onset_days is not None:
        parts.append("Its wearing off is not seen yet.")
    return " ".join(parts)


def render_answers(response: Response, name: str) -> str:
    """Return all answers as text of at most 100 columns, ending with a line break."""
    overall = response.overall
    lines = [*EMERGENCY.splitlines(), "", name, "", *_wrapped(f"{answer_sentence(overall)} {details(overall)}")]
    if overall.verdict == "not_enough_data":
        lines += _wrapped(
            f"At least {LEAST_DAYS} days in all and {LEAST_DAYS_BEFORE} before the first treatment are needed."
        )
    elif len(response.cycles) > 1:
        lines += ["", *(line for cycle in response.cycles for line in _cycle_lines(cycle))]
    return "\n".join([*lines, "", *_wrapped(CAUTION)]) + "\n"


def _cycle_lines(cycle: Answer) -> Iterator[str]:
    yield from _wrapped(f"- {answer_sentence(cycle)} {details(cycle)}", "  ")


def _span(span: Range) -> str:
    return f"between {change_words(span.low)} and {change_words(span.high)}"


def _days(span: Range) -> str:
    return f"about {span.value:.0f} days ({span.low:.0f} to {span.high:.0f})"


def _wrapped(words: str, indent: str = "") -> list[str]:
    return wrap(words.strip(), WIDTH, subsequent_indent=indent)
