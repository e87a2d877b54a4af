"""Ready measurements and traces for tests of what is made from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from philtrum.video.measurement import (
    ClipInfo,
    Exclusion,
    Measurement,
    Pattern,
    Quality,
    Reason,
    Run,
    Summary,
    Twitch,
)
from philtrum.video.trace import Trace

CLIP = ClipInfo("lip.mp4", "0" * 64, 10.0, 300, 30.0, 1080, 1920, "h264")
DARK = Reason("too-dark", "The face is dark.", "Turn on a lamp in front of you.")
TWITCH = Twitch(1.0, 1.1, 1.25, 1.5, 1.3, 80.0, "left", {"upper_lip_left": 1.5}, ("lower_eyelid_left",), 0.97)

TWITCHING = Measurement(
    method="0.1.0",
    clip=CLIP,
    quality=Quality("usable", (DARK,), 1.0, 300.0, 0.05, 0.31),
    twitches=(TWITCH, replace(TWITCH, onset_s=5.0, apex_s=5.1, offset_s=5.2, side="midline", partners=())),
    runs=(Run(1.0, 1.25, "isolated", None, "left", 1), Run(5.0, 5.2, "isolated", None, "midline", 1)),
    pattern=Pattern("isolated", None, None, ("Two twitches, 3.75 s apart.",)),
    summary=Summary(2, 15.0, 8.0, 0.056, 1.5, "left"),
    excluded=(Exclusion(7.0, 8.5, "speech"), Exclusion(9.0, 9.5, "speech")),
)
QUIET = replace(TWITCHING, twitches=(), runs=(), pattern=Pattern("none", None, None, ()), excluded=())
QUIET = replace(QUIET, summary=Summary(0, 0.0, 9.5, 0.0, None, None), quality=replace(QUIET.quality, reasons=()))
FILM = {"factor": 8, "slowdown": 4, "n_twitches": 2, "duration_s": 10.0, "stretches": [[0.5, 1.75], [4.5, 5.75]]}
REFUSED = Measurement("0.1.0", CLIP, Quality("refused", (DARK,), 0.1, None, None, None))


def trace(n_frames: int = 300) -> Trace:
    """Return a trace in which the left half of the lip rises by 1.5 % IOD at 1.1 s."""
    t_s = np.arange(n_frames) / 30
    zones = ("upper_lip_left", "philtrum", "upper_lip_right")
    displacement = np.zeros((n_frames, len(zones), 2))
    displacement[:, 0, 1] = 1.5 * np.exp(-(((t_s - 1.1) / 0.05) ** 2))
    return Trace(t_s, zones, displacement, displacement[:, 0, 1] / 0.31)
