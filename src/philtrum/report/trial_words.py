"""A planned trial and the result of one, in plain words: the same sentences for the terminal and for pages."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

import numpy as np

from philtrum.nof1.planning import Plan
from philtrum.nof1.trials import LEAST_EPISODES, LEAST_PAIRS, TrialResult, arm_means
from philtrum.report.text import EMERGENCY
from philtrum.report.trigger_words import OUTCOME_WORDS, WIDTH, change_words

ARM_WORDS = {"A": "as usual", "B": "with the remedy"}
REASONS = {
    "not-finished": (
        "The trial is not finished: its last pair has no record yet. A look at the result before the end finds effects "
        "that are not there. If you have stopped for good, take the days to come out of the table."
    ),
    "not-randomised": (
        "The periods with and without the remedy were not mixed by lot. Twitching often gets better by itself, so "
        "before and after cannot show what the remedy did. A drawn trial can: philtrum trial plan."
    ),
    "same-order": (
        "Every pair has the same order, as if it had not been drawn. The result of a fixed order cannot be told from "
        "what comes and goes by itself."
    ),
    "too-few-pairs": f"At least {LEAST_PAIRS} whole pairs are needed: with fewer, chance cannot be ruled out.",
    "too-few-episodes": f"At least {LEAST_EPISODES} episodes are needed in all.",
    "too-many-blanks": "More than half of the days are not recorded.",
    "pair-incomplete": "A pair without both of its periods was left out.",
    "remedy-lingers": (
        "The effect seems to outlast the remedy by days: longer periods with a washout would show it better."
    ),
    "difference-small": "Any difference is small: the interval leaves no room for a quarter more or less.",
}
ADVICE = (
    "Keep to the drawn order, also when a day seems to call for the other arm. Write down every day, 0 included.",
    "Do not look at the result before the end: stopping when it looks good finds effects that are not there.",
    "Blinding: if the remedy can be made to look the same with and without what works in it (a capsule, a cream), let "
    "someone else hand it out. If not, expectation plays its part, and the result says so.",
    "Stop for any side effect that worries you, and say so to a doctor or pharmacist. Stop at once and get help if one "
    "side of the face droops, a limb is weak or speech is slurred. Write down in the diary why you stopped.",
    "Never leave off or change a prescribed medicine for a trial without its prescriber.",
)


def result_sentence(result: TrialResult) -> str:
    """Return the answer to "does it help?" in one sentence."""
    return {
        "helps": "The remedy helps: there was less twitching with it than without.",
        "harms": "There was more twitching with the remedy than without it.",
        "unclear": "This trial does not show whether the remedy helps.",
        "not_enough_data": "This cannot be called an effect of the remedy, nor the lack of one.",
    }[result.verdict]


def render_result(result: TrialResult, name: str) -> str:
    """Return a result as text of at most 100 columns, ending with a line break."""
    lines = [
        *EMERGENCY.splitlines(),
        "",
        name,
        "",
        *_wrapped(result_sentence(result)),
        *_wrapped(estimate_words(result)),
    ]
    for reason in result.reasons:
        lines += _wrapped(f"- {REASONS[reason]} [{reason}]", "  ")
    lines += ["", *_wrapped(basis_words(result)), *_pair_lines(result)]
    if result.verdict in {"helps", "harms"}:
        lines += ["", *_wrapped("If you knew which days were which, expectation may have played its part.")]
    return "\n".join(lines) + "\n"


def estimate_words(result: TrialResult) -> str:
    """Return the estimate with its interval; "" where there is none."""
    if result.rate_ratio is None or result.ci_low is None or result.ci_high is None or result.p_coin is None:
        return ""
    many = OUTCOME_WORDS[result.trial.outcome]
    low, high = change_words(result.ci_low), change_words(result.ci_high)
    return (
        f"With it there were about {change_words(result.rate_ratio)} {many} (95 % interval: between {low} and {high}). "
        f"If it did nothing, the coin would show as much in {100 * result.p_coin:.2g} of 100 such trials."
    )


def basis_words(result: TrialResult) -> str:
    """Return what a result rests on."""
    trial = result.trial
    n_recorded = int(np.isfinite(trial.values).sum())
    pairs = f"{trial.n_pairs} whole pairs" if trial.n_pairs else "No whole pair of periods"
    return f"{pairs}; {n_recorded} of {len(trial.values)} days recorded and counted."


def render_plan(plan: Plan, *, power: float, cut: float, rate_per_day: float, is_usual: bool) -> str:
    """Return a plan as text: the calendar, how likely it finds what it looks for, and the rules."""
    first, last = plan.periods[0].first_day, plan.periods[-1].last_day
    n_pairs, n_days = len(plan.periods) // 2, plan.periods[0].n_days
    whose = "a usual course of" if is_usual else "the course of your diary, with"
    lines = [
        f"Trial: {plan.remedy}",
        f"{n_pairs} pairs of {n_days} days each way, {first.isoformat()} to {last.isoformat()}, {plan.n_days} days.",
        "",
        *_wrapped(
            f"{power_words(power)} it would find a remedy that cuts the episodes by {cut:.0%} (for {whose} "
            f"{rate_per_day:.1f} episodes a day)."
        ),
        "",
        *(
            f"period {period.number:>2}  {period.first_day.isoformat()} to {period.last_day.isoformat()}  "
            f"{period.arm}  {ARM_WORDS[period.arm]}"
            for period in plan.periods
        ),
        "",
    ]
    if plan.periods[0].washout_days:
        days = plan.periods[0].washout_days
        first_days = "first day" if days == 1 else f"first {days} days"
        lines += [*_wrapped(f"Not counted (washout): the {first_days} of every period."), ""]
    for advice in ADVICE:
        lines += _wrapped(f"- {advice}", "  ")
    return "\n".join(lines) + "\n"


def power_words(power: float) -> str:
    """Return a chance as people say it: "8 times in 10"."""
    tenths = round(10 * power)
    if power >= 0.95:
        return "More than 9 times in 10"
    return f"{tenths} times in 10" if tenths > 1 else "Hardly ever"


def _pair_lines(result: TrialResult) -> Iterator[str]:
    without, with_remedy = arm_means(result.trial)
    if len(without):
        yield ""
        yield f"pair   {'as usual':>10} {'with remedy':>12}   mean a day"
    for number, (a, b) in enumerate(zip(without, with_remedy, strict=True), start=1):
        yield f"{number:>4}   {a:>10.1f} {b:>12.1f}"


def _wrapped(words: str, indent: str = "") -> list[str]:
    return wrap(words, WIDTH, subsequent_indent=indent)
