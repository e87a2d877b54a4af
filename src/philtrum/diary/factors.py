"""What is asked about a day besides the twitching: sleep, caffeine, stress and the like, and what a person adds.

A factor's `key` is its column in the day table. An answer is a number in the
factor's unit; a missing answer means "not known" and is never zero.

At most `MOST_ACTIVE` factors are asked about at a time: each further one makes
a false trigger more likely and asks for more days of record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from philtrum.diary.columns import COLUMNS

FactorKind = Literal["amount", "scale", "yes_no"]

MOST_ACTIVE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFactor:
    """A factor that philtrum knows by itself.

    Parameters
    ----------
    key : str
        Column in the day table.
    label, question : str
        Its name, and how it is asked in the evening.
    unit : str
        Unit of the answer; empty for a scale and for yes or no.
    answered_as : {'amount', 'scale', 'yes_no'}
        An amount of 0 or more, a rating from 0 to 10, or 0 (no) and 1 (yes).
    choices : tuple of float
        Answers that can be given with one tap.
    """

    key: str
    label: str
    question: str
    unit: str
    answered_as: FactorKind
    choices: tuple[float, ...]

    @property
    def highest(self) -> float:
        """The largest answer that is taken for possible."""
        return COLUMNS[self.key].greatest


# Caffeine of a cup of 240 ml: USDA FoodData Central, brewed coffee 95 mg, black tea 47 mg.
KNOWN = {
    factor.key: factor
    for factor in (
        KnownFactor(
            key="sleep_hours",
            label="Sleep",
            question="How long did you sleep last night?",
            unit="h",
            answered_as="amount",
            choices=(4, 5, 6, 7, 8, 9),
        ),
        KnownFactor(
            key="caffeine_mg",
            label="Caffeine",
            question="Caffeine today? A cup of coffee is about 95 mg, of black tea 47 mg.",
            unit="mg",
            answered_as="amount",
            choices=(0, 95, 190, 285, 380),
        ),
        KnownFactor(
            key="stress",
            label="Stress",
            question="How stressful was today?",
            unit="",
            answered_as="scale",
            choices=(0, 2, 4, 6, 8, 10),
        ),
        KnownFactor(
            key="alcohol_units",
            label="Alcohol",
            question="Alcohol today? One unit is a small beer or a small glass of wine.",
            unit="units",
            answered_as="amount",
            choices=(0, 1, 2, 3, 5),
        ),
        KnownFactor(
            key="screen_hours",
            label="Screen",
            question="Hours at a screen today?",
            unit="h",
            answered_as="amount",
            choices=(1, 3, 5, 8, 11),
        ),
        KnownFactor(
            key="water_l",
            label="Water",
            question="Water and other drinks today?",
            unit="l",
            answered_as="amount",
            choices=(0.5, 1, 1.5, 2, 3),
        ),
        KnownFactor(
            key="talking_hours",
            label="Talking and chewing",
            question="Hours of talking, singing, playing a wind instrument or chewing today?",
            unit="h",
            answered_as="amount",
            choices=(0.5, 1, 2, 4, 6),
        ),
        KnownFactor(
            key="medication",
            label="Medicine taken",
            question="Did you take your medicine today?",
            unit="",
            answered_as="yes_no",
            choices=(0, 1),
        ),
        KnownFactor(
            key="illness",
            label="Illness",
            question="Were you ill today?",
            unit="",
            answered_as="yes_no",
            choices=(0, 1),
        ),
        KnownFactor(
            key="menstruation",
            label="Period",
            question="Did you have your period today?",
            unit="",
            answered_as="yes_no",
            choices=(0, 1),
        ),
        KnownFactor(
            key="mindful_minutes",
            label="Relaxing",
            question="Minutes of relaxing or breathing exercises today?",
            unit="min",
            answered_as="amount",
            choices=(0, 10, 20, 30, 60),
        ),
    )
}

ACTIVE_AT_FIRST = ("sleep_hours", "caffeine_mg", "stress")
"""Few, so that the evening takes three taps and the question of the twitching itself a fourth."""
