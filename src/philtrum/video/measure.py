"""Measure: the pipeline from a clip to its measurement.

clip -> landmarks -> displacement -> exclusions -> twitches -> runs -> quality.
The same input gives the same result, bit for bit, on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from philtrum.video.clip import ClipReader, open_clip
from philtrum.video.continuous import find_continuous
from philtrum.video.face import FaceFinder, FaceTracker
from philtrum.video.measurement import (
    ClipInfo,
    Exclusion,
    ExclusionReason,
    Measurement,
    Run,
    Summary,
    Twitch,
)
from philtrum.video.motion import Motion, evenly_spaced, measure_motion, mirror
from philtrum.video.pattern import describe_pattern, dominant_side, find_runs, without_pulls
from philtrum.video.quality import Findings, assess_quality, is_refused_early
from philtrum.video.trace import Trace
from philtrum.video.twitch import TwitchSearch, find_twitches
from philtrum.video.voluntary import assessable, find_exclusions
from philtrum.video.zones import ZONES

Progress = Callable[[float | None, str], None]


def measure(path: str | Path, *, mirrored: bool = False, on_progress: Progress | None = None) -> Measurement:
    """Find and measure every twitch of the upper lip in a clip.

    Parameters
    ----------
    path : str or Path
        An ordinary video file.
    mirrored : bool
        The clip shows the person as a mirror does (some selfie recorders do), so that left and right are swapped.
    on_progress : callable, optional
        Called with (share done 0-1, or None where the length is not known; what is being done). An exception it
        raises stops the measuring.

    Returns
    -------
    Measurement
        With `quality.verdict` "refused" where the clip cannot show a twitch; that is a result, not an error.

    Raises
    ------
    ClipError, ClipNotFoundError
        The file is not a usable video; see `docs/errors.md`.
    SetupError
        ``networks-missing``.

    Examples
    --------
    >>> from philtrum import measure
    >>> measurement = measure("lip.mp4")  # doctest: +SKIP
    >>> measurement.summary.n_twitches  # doctest: +SKIP
    3
    """
    return measure_with_trace(path, mirrored=mirrored, on_progress=on_progress)[0]


def measure_with_trace(
    path: str | Path, *, mirrored: bool = False, on_progress: Progress | None = None
) -> tuple[Measurement, Trace | None]:
    """Measure a clip and return the trace that the twitches were found in, too; None where no face was followed.

    Parameters, errors: as `measure`.
    """
    tell = on_progress or (lambda share, stage: None)
    tell(0.0, "opening the clip")
    tracker = FaceTracker(FaceFinder())
    with open_clip(path) as reader:
        motion = measure_motion(reader, tracker, fps=reader.nominal_fps, on_time=_progress_of(reader, tell))
        clip, n_corrupt = reader.summarise(), reader.n_corrupt
    tell(0.95, "finding twitches")
    motion = evenly_spaced(mirror(motion) if mirrored else motion)
    result = _search(motion, clip)
    findings = Findings(
        clip,
        motion,
        result.observed_s,
        n_corrupt,
        tracker.n_crowded / max(1, tracker.n_counts),
        Path(path).stat().st_size,
        result.search.noise_pct_iod,
        result.search.detectable_pct_iod,
    )
    quality = assess_quality(findings)
    measurement = Measurement(version("philtrum"), clip, quality, excluded=result.excluded)
    if quality.verdict != "refused":
        measurement = _filled(measurement, motion, result)
    tell(1.0, "done")
    has_face = bool(motion.is_seen.any())
    return measurement, Trace(motion.t_s, ZONES, motion.displacement, result.search.score) if has_face else None


@dataclass(frozen=True, slots=True)
class _Result:
    """What was found before the verdict."""

    search: TwitchSearch
    excluded: tuple[Exclusion, ...]
    runs: tuple[Run, ...]
    observed_s: float


def _progress_of(reader: ClipReader, tell: Progress) -> Callable[[float], None]:
    """Turn the time of the last measured frame into a share of the clip."""
    duration_s = reader.info.duration_s

    def on_time(t_s: float) -> None:
        tell(min(0.95, 0.95 * t_s / duration_s) if duration_s else None, "following the face")

    return on_time


def _search(motion: Motion, clip: ClipInfo) -> _Result:
    """Exclude what cannot be judged, find twitches in the rest, and group them."""
    if is_refused_early(clip) or not motion.is_seen.any() or len(motion.t_s) < 2:
        nothing = TwitchSearch((), np.zeros(len(motion.t_s)), None, None, (), (), ())
        return _Result(nothing, (), (), 0.0)
    fps = 1 / float(np.median(np.diff(motion.t_s)))
    excluded = find_exclusions(motion, fps)
    mask = assessable(motion.t_s, excluded)
    search = find_twitches(motion, mask, fps)
    excluded += _not_counted(search)
    mask = assessable(motion.t_s, excluded)
    stretches = find_continuous(motion, mask, search.noise_pct_iod or 0.0)
    search = replace(search, twitches=without_pulls(search.twitches, stretches))
    runs = find_runs(search.twitches, stretches)
    ordered = tuple(sorted(excluded, key=lambda exclusion: (exclusion.start_s, exclusion.end_s, exclusion.reason)))
    return _Result(search, ordered, runs, round(float(mask.sum()) / fps, 3))


def _not_counted(search: TwitchSearch) -> list[Exclusion]:
    """Movements of the lip that were found but came with a blink, the head or the jaw."""
    kinds: list[tuple[ExclusionReason, Sequence[tuple[float, float]]]] = [
        ("blink", search.blinks_s),
        ("head_motion", search.head_s),
        ("speech", search.speech_s),
    ]
    return [Exclusion(start_s, end_s, reason) for reason, spans in kinds for start_s, end_s in spans]


def _filled(measurement: Measurement, motion: Motion, result: _Result) -> Measurement:
    """Add twitches, runs, pattern and summary."""
    twitches = result.search.twitches
    return replace(
        measurement,
        twitches=twitches,
        runs=result.runs,
        pattern=describe_pattern(result.runs, twitches),
        summary=_summarise(twitches, result.runs, result.observed_s),
    )


def _summarise(twitches: tuple[Twitch, ...], runs: tuple[Run, ...], observed_s: float) -> Summary:
    in_runs_s = sum(run.end_s - run.start_s for run in runs)
    return Summary(
        n_twitches=len(twitches),
        rate_per_min=round(60 * len(twitches) / observed_s, 2) if observed_s else None,
        observed_s=observed_s,
        time_twitching_fraction=round(min(1.0, in_runs_s / observed_s), 4) if observed_s else None,
        median_amplitude_pct_iod=round(float(np.median([t.amplitude_pct_iod for t in twitches])), 3)
        if twitches
        else None,
        dominant_side=dominant_side(twitches, runs),
    )
