"""The diaries that the analysis is judged on, and what is asked of it on each kind."""

from __future__ import annotations

from dataclasses import dataclass

from diaries import Scenario


@dataclass(frozen=True, slots=True)
class Target:
    """Least share of true triggers that are to be found; None where nothing drives the twitching."""

    scenario: Scenario
    power: float | None = None


TARGETS = (
    Target(Scenario("null", 30)),
    Target(Scenario("null", 60)),
    Target(Scenario("null", 120)),
    Target(Scenario("null", 365)),
    Target(Scenario("strong", 30), 0.0),
    Target(Scenario("strong", 60), 0.60),
    Target(Scenario("strong", 120), 0.92),
    Target(Scenario("strong", 365), 0.97),
    Target(Scenario("weak4", 120), 0.0),
    Target(Scenario("weak4", 365), 0.88),
    Target(Scenario("confounded", 120), 0.88),
    Target(Scenario("lag1", 120), 0.88),
    Target(Scenario("missing40", 120), 0.75),
    Target(Scenario("threshold", 120), 0.55),
    Target(Scenario("medicine", 120), 0.0),
    Target(Scenario("sparse", 60), 0.0),
    Target(Scenario("reverse", 120)),
    Target(Scenario("recovery", 120)),
    Target(Scenario("null", 120, "drifting")),
    Target(Scenario("strong", 120, "drifting"), 0.0),
    Target(Scenario("reverse", 120, "drifting")),
    Target(Scenario("null", 120, "rough")),
    Target(Scenario("strong", 120, "rough"), 0.0),
)
MOST_FALSE = 0.05
COVERAGE = (0.935, 0.965)
MOST_SIGN_ERRORS = 0.005
MOST_WRONG_LAGS = 0.02
