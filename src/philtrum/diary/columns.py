"""The columns of a day table that philtrum knows: their words, their useful step and what a day has room for.

A person may keep any other numeric column; it then goes by its own name, and
its step is chosen from its values (see `philtrum.nof1`).
"""

from __future__ import annotations

from dataclasses import dataclass

# What the twitching is measured by, best first; one of them is enough.
OUTCOMES = ("episodes", "minutes", "rate_per_min")


@dataclass(frozen=True, slots=True)
class Column:
    """A known column of a day table.

    Parameters
    ----------
    name : str
        Name in the table, with its unit.
    words : str
        The same for a reader, in lower case: "sleep".
    step : float
        A change that a person can picture: ratios are told per this much.
    step_words : str
        That change in words: "1 hour more sleep".
    greatest : float
        More than this has no room in a day, or lies outside the scale: a slip of the pen. The least is 0.
    expected : int
        What is generally thought of it: 1 more of it, more twitching; -1 less; 0 no general view.
    """

    name: str
    words: str
    step: float
    step_words: str
    greatest: float
    expected: int = 0


# Expected: NHS (2023), Twitching eyes and muscles, names stress, tiredness, caffeine and alcohol; screen time was
# longer in people with a twitching eyelid (103 against 103, docs/statistics.md); exertion is listed for myokymia of the
# eyelid.
# Greatest values: a day has 24 h and 1440 min; the stress scale ends at 10. Ten times the daily caffeine that EFSA
# (2015) calls safe for adults is 4000 mg. An episode every 3 waking seconds makes 20 000.
COLUMNS = {
    column.name: column
    for column in (
        Column("episodes", "episodes", 1, "1 episode more", 20_000),
        Column("minutes", "minutes of twitching", 10, "10 minutes more twitching", 1440),
        Column("rate_per_min", "twitches per filmed minute", 1, "1 twitch per minute more", 600),
        Column("sleep_hours", "sleep", 1, "1 hour more sleep", 24, expected=-1),
        Column("caffeine_mg", "caffeine", 100, "100 mg more caffeine", 4000, expected=1),
        Column("stress", "stress", 1, "1 point more stress", 10, expected=1),
        Column("alcohol_units", "alcohol", 1, "1 unit more alcohol", 100, expected=1),
        Column("water_l", "water", 0.5, "half a litre more water", 20),
        Column("talking_hours", "talking and chewing", 1, "1 hour more talking or chewing", 24, expected=1),
        Column("screen_hours", "screen time", 1, "1 hour more at a screen", 24, expected=1),
        Column("medication", "medication", 1, "the medication taken", 1),
        Column("illness", "illness", 1, "a day of illness", 1),
        Column("menstruation", "menstruation", 1, "a day of the period", 1),
        Column("mindful_minutes", "relaxing", 10, "10 minutes more relaxing", 1440),
    )
}
