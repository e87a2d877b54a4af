"""Methods: philtrum, and what it is compared with, all answering alike."""

from __future__ import annotations

from pathlib import Path

from scene import TrueRun
from score import Found, FoundTwitch

from philtrum.video.measure import measure
from philtrum.video.measurement import Measurement


def find_by_philtrum(path: Path) -> Found:
    """Measure a clip with philtrum."""
    return _found(measure(path))


def _found(measurement: Measurement) -> Found:
    twitches = tuple(
        FoundTwitch(t.onset_s, t.apex_s, t.offset_s, t.amplitude_pct_iod, t.side, t.partners)
        for t in measurement.twitches
    )
    runs = tuple(TrueRun(r.start_s, r.end_s, r.pattern, r.side, r.frequency_hz) for r in measurement.runs)
    excluded = tuple((exclusion.start_s, exclusion.end_s) for exclusion in measurement.excluded)
    quality = measurement.quality
    return Found(twitches, runs, excluded, quality.detectable_pct_iod, quality.verdict)
