"""A planned trial as a table to fill in: the file that is drawn before the start and analysed at the end."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from philtrum.nof1.planning import Plan

COLUMNS = ("date", "pair", "period", "arm", "washout", "episodes", "minutes")


def render_schedule(plan: Plan) -> str:
    """Return the plan as CSV, one row per day with blanks for the twitching."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for period in plan.periods:
        for day in range(period.n_days):
            date = (period.first_day + timedelta(days=day)).isoformat()
            writer.writerow([date, period.pair, period.number, period.arm, int(day < period.washout_days), "", ""])
    return text.getvalue()
