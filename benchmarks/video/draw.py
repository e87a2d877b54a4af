"""Draw: twitches, and the runs they form, by lot.

A `Script` collects what happens in a clip: movements to film, and what is true of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from anatomy import draw_lip_shapes, lip_place, partner_shape
from movement import PULSES, Course, Movement, Shape, apex_s
from scene import TrueRun, TrueTwitch

SIDES, SIDE_SHARES = ("left", "right", "midline", "both"), (0.36, 0.36, 0.16, 0.12)


@dataclass(slots=True)
class Script:
    """What happens in a clip."""

    rng: np.random.Generator
    number: int = 0
    """Of the clip within its condition."""
    movements: list[Movement] = field(default_factory=list)
    twitches: list[TrueTwitch] = field(default_factory=list)
    runs: list[TrueRun] = field(default_factory=list)
    hidden: list[tuple[float, float]] = field(default_factory=list)
    """Intervals in which the lip cannot be seen: `scatter` leaves them out."""

    def side(self, *choices: str) -> str:
        """Draw a side."""
        if choices:
            return str(self.rng.choice(choices))
        return str(self.rng.choice(SIDES, p=SIDE_SHARES))

    def size(self, low: float, high: float) -> float:
        """Draw a size, evenly on a logarithmic scale."""
        return float(low * (high / low) ** self.rng.uniform())

    def twitch(
        self,
        onset_s: float,
        duration_s: float,
        size_pct_iod: float,
        side: str,
        *,
        direction_deg: float | None = None,
        partners: tuple[str, ...] = (),
    ) -> TrueTwitch:
        """Add one twitch of any form, time course and, unless it is given, direction."""
        direction_deg = self.rng.uniform(0, 360) if direction_deg is None else direction_deg
        rng = self.rng
        shapes = draw_lip_shapes(rng, side, direction_deg)
        shapes += tuple(partner_shape(name, rng.uniform(0.45, 0.9), shapes[0]) for name in partners)
        kind = str(rng.choice(PULSES))
        form = round({"cosine": rng.uniform(0.25, 0.6), "half_sine": 0.0, "gamma": rng.uniform(1.0, 3.0)}[kind], 2)
        course = Course(kind, onset_s, duration_s, form)
        self.movements.append(Movement(shapes, course, size_pct_iod))
        end_s = onset_s + duration_s
        found = TrueTwitch(onset_s, apex_s(course), end_s, size_pct_iod, direction_deg % 360, side, partners)
        self.twitches.append(found)
        return found

    def scatter(self, duration_s: float, sizes: tuple[float, float] = (0.2, 3.0), first_s: float = 0.7) -> None:
        """Fill a clip with single twitches of all sizes, lengths and sides, 0.7-1.7 s apart."""
        onset_s = first_s + self.rng.uniform(0, 0.5)
        while onset_s < duration_s - 0.8:
            lasts_s = self.size(0.08, 0.4)
            if not any(start_s < onset_s + lasts_s and onset_s < end_s for start_s, end_s in self.hidden):
                self.twitch(onset_s, lasts_s, self.size(*sizes), self.side())
            onset_s += lasts_s + self.rng.uniform(0.6, 1.5)

    def group(self, pattern: str, apices_s: np.ndarray, lasts_s: float, partners: bool = False) -> None:
        """Add alike twitches that form one run."""
        side = self.side("left", "right") if partners else self.side()
        zones = [f"lower_eyelid_{side}"] + [f"cheek_{side}"] * int(self.rng.integers(2)) if partners else []
        direction, size = self.rng.uniform(0, 360), self.size(0.9, 2.8)
        added = [
            self.twitch(
                float(apex) - 0.4 * lasts_s,
                lasts_s * self.rng.uniform(0.9, 1.1),
                size * self.rng.uniform(0.85, 1.15),
                side,
                direction_deg=direction + self.rng.normal(0, 8),
                partners=tuple(zones),
            )
            for apex in apices_s
        ]
        self.runs.append(TrueRun(added[0].onset_s, added[-1].offset_s, pattern, side))

    def continuous(self, pattern: str, start_s: float, lasts_s: float) -> None:
        """Add a tremor, a ripple that travels along the lip, or a sustained pull."""
        {"rhythmic": self._tremor, "undulating": self._ripple, "sustained": self._pull}[pattern](start_s, lasts_s)

    def _tremor(self, start_s: float, lasts_s: float) -> None:
        side, hz = self.side(), float(self.rng.uniform(3, 8))
        course = Course("oscillation", start_s, lasts_s, 0.3, hz, self.rng.uniform(0, 360))
        shapes = draw_lip_shapes(self.rng, side, self.rng.uniform(0, 360))
        self.movements.append(Movement(shapes, course, self.size(0.5, 2.0)))
        self.runs.append(TrueRun(start_s, start_s + lasts_s, "rhythmic", side, hz))

    def _ripple(self, start_s: float, lasts_s: float) -> None:
        """Two standing waves a quarter of a cycle apart make one that travels."""
        rng, side, hz = self.rng, self.side("left", "right", "midline"), float(self.rng.uniform(0.7, 2.0))
        place = lip_place(side, rng.uniform(0.4, 0.7), 0.3) if side != "midline" else lip_place("left", 0.0, 0.3)
        direction, wave_iod = np.radians(rng.uniform(50, 130)), rng.uniform(0.35, 0.8)
        size, phase = self.size(0.9, 2.5), rng.uniform(0, 360)
        for turn in (0.0, 90.0):
            shape = Shape(
                place=place,
                dx=float(np.cos(direction)),
                dy=-float(np.sin(direction)),
                spread_iod=0.2,
                kind="wave",
                aspect=2.0,
                below=0.4,
                wave_iod=wave_iod,
                phase_deg=turn,
            )
            course = Course("oscillation", start_s, lasts_s, 0.4, hz, phase - turn)
            self.movements.append(Movement((shape,), course, size, is_scaled=False))
        self.runs.append(TrueRun(start_s, start_s + lasts_s, "undulating", side, hz))

    def _pull(self, start_s: float, lasts_s: float) -> None:
        side = self.side()
        shapes = draw_lip_shapes(self.rng, side, self.rng.uniform(0, 360))
        course = Course("plateau", start_s, lasts_s, self.rng.uniform(0.12, 0.3))
        self.movements.append(Movement(shapes, course, self.size(0.9, 3.0)))
        self.runs.append(TrueRun(start_s, start_s + lasts_s, "sustained", side))
