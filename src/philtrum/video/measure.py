"""Measure: the pipeline from a clip to its measurement.

clip -> landmarks -> displacement -> exclusions -> twitches -> runs -> quality.
A long clip goes through the middle of this part by part, while it is read (see
`parts`). The same input gives the same result, bit for bit, on one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from philtrum.video.clip import ClipReader, open_clip
from philtrum.video.continuous import Stretch, find_continuous
from philtrum.video.face import FaceFinder, FaceTracker
from philtrum.video.measurement import (
    Exclusion,
    ExclusionReason,
    Measurement,
    Run,
    Summary,
    Twitch,
)
from philtrum.video.motion import Motion, evenly_spaced, follow, joined, mirror, rows
from philtrum.video.parts import Found, Part, in_parts, together, within
from philtrum.video.pattern import describe_pattern, dominant_side, find_runs, without_pulls
from philtrum.video.quality import Findings, assess_quality, is_refused_early
from philtrum.video.trace import Trace, join_traces
from philtrum.video.twitch import TwitchSearch, find_twitches
from philtrum.video.voluntary import assessable, find_exclusions
from philtrum.video.zones import ZONES

Progress = Callable[[float | None, str], None]


def measure(
    path: str | Path,
    *,
    mirrored: bool = False,
    on_progress: Progress | None = None,
    on_trace: Callable[[Trace], None] | None = None,
) -> Measurement:
    """Find and measure every twitch of the upper lip in a clip.

    Memory hardly grows with the length of the clip: see `parts`.

    Parameters
    ----------
    path : str or Path
        An ordinary video file.
    mirrored : bool
        The clip shows the person as a mirror does (some selfie recorders do), so that left and right are swapped.
    on_progress : callable, optional
        Called with (share done 0-1, or None where the length is not known; what is being done). An exception it
        raises stops the measuring.
    on_trace : callable, optional
        Called with the trace that the twitches were found in, piece by piece in order of time.

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
    tell = on_progress or (lambda share, stage: None)
    tell(0.0, "opening the clip")
    tracker = FaceTracker(FaceFinder())
    found: list[Found] = []
    seen: list[Motion] = []
    with ExitStack() as opened:
        # Threads of the linear algebra spin while they wait, and take more time than they save.
        opened.enter_context(threadpool_limits(1, user_api="blas"))
        reader = opened.enter_context(open_clip(path))
        opened.enter_context(ThreadPoolExecutor(1)).submit(_load_search)
        # Closed before the clip is, however this ends: it reads in a thread of its own.
        motions = opened.enter_context(closing(follow(reader, tracker, fps=reader.nominal_fps)))
        for part in in_parts(_told(motions, reader, tell)):
            one, motion, trace = search_part(part, mirrored=mirrored)
            found.append(one)
            seen.append(motion)
            if on_trace is not None:
                on_trace(trace)
        clip, n_corrupt = reader.summarise(), reader.n_corrupt
    crowded = tracker.n_crowded / max(1, tracker.n_counts)
    whole = together(found)
    noise, detectable = whole.noise_pct_iod, whole.detectable_pct_iod
    n_bytes = Path(path).stat().st_size
    findings = Findings(clip, joined(seen), whole.observed_s, n_corrupt, crowded, n_bytes, noise, detectable)
    measurement = Measurement(version("philtrum"), clip, assess_quality(findings), excluded=whole.excluded)
    if measurement.quality.verdict != "refused":
        measurement = _filled(measurement, whole)
    tell(1.0, "done")
    return measurement


def measure_with_trace(
    path: str | Path, *, mirrored: bool = False, on_progress: Progress | None = None
) -> tuple[Measurement, Trace | None]:
    """Measure a clip and return the trace that the twitches were found in, too; None where no face was followed.

    The trace of an hour takes about 50 MB. Parameters, errors: as `measure`.
    """
    traces: list[Trace] = []
    measurement = measure(path, mirrored=mirrored, on_progress=on_progress, on_trace=traces.append)
    trace = join_traces(traces)
    return measurement, trace if trace.is_seen.any() else None


@dataclass(frozen=True, slots=True)
class _Result:
    """What was found in some motion, before anything is left out."""

    search: TwitchSearch
    excluded: tuple[Exclusion, ...]
    stretches: tuple[Stretch, ...]
    is_observed: NDArray[np.bool_]
    """Shape (T,): a twitch could have been seen."""


def _load_search() -> None:
    """Load what the search needs, half a second's work, while the face is followed."""
    for name in ("scipy.ndimage", "scipy.optimize", "scipy.signal"):
        import_module(name)


def _told(motions: Iterable[Motion], reader: ClipReader, tell: Progress) -> Iterator[Motion]:
    """Pass motions on and tell the share of the clip that they have reached."""
    duration_s = reader.info.duration_s
    for motion in motions:
        tell(min(0.95, 0.95 * motion.t_s[-1] / duration_s) if duration_s else None, "following the face")
        yield motion
    tell(0.95, "finding twitches")


def search_part(part: Part, *, mirrored: bool = False) -> tuple[Found, Motion, Trace]:
    """Search a part; return what was found in its own time, its motion for judging quality, and its trace."""
    motion = mirror(part.motion) if mirrored else part.motion
    fps = (len(motion.t_s) - 1) / max(1e-9, float(motion.t_s[-1] - motion.t_s[0]))
    motion = evenly_spaced(motion)
    result = _search(motion, fps)
    own = part.own(motion.t_s)
    step_s = float(np.median(np.diff(motion.t_s))) if len(motion.t_s) > 1 else 0.0
    end_s = float(motion.t_s[-1]) + step_s
    is_gap = not part.is_whole and not motion.is_seen.any()
    found = Found(
        twitches=result.search.twitches,
        stretches=result.stretches,
        excluded=(Exclusion(float(motion.t_s[0]), end_s, "face_lost"),) if is_gap else result.excluded,
        observed_s=round(float(result.is_observed[own].sum()) * step_s, 3),
        noise_pct_iod=result.search.noise_pct_iod,
        detectable_pct_iod=result.search.detectable_pct_iod,
    )
    trace = Trace(motion.t_s[own], ZONES, motion.displacement[own], result.search.score[own])
    return within(found, part), motion if part.is_whole else _glimpses(motion, own, fps), trace


def _glimpses(motion: Motion, own: slice, fps: float) -> Motion:
    """Return what quality needs of a part: a row a second, with one zone to tell whether a face was seen."""
    few = rows(motion, slice(own.start, own.stop, max(1, round(fps))))
    return replace(
        few,
        displacement=few.displacement[:, :1].copy(),
        bumps=few.bumps[:, :0].copy(),
        controls=few.controls[:, :0].copy(),
    )


def _search(motion: Motion, clip_fps: float) -> _Result:
    """Exclude what cannot be judged, and find twitches and continuous movement in the rest."""
    if is_refused_early(clip_fps) or not motion.is_seen.any() or len(motion.t_s) < 2:
        n = len(motion.t_s)
        return _Result(TwitchSearch((), np.zeros(n), None, None, (), (), ()), (), (), np.zeros(n, bool))
    fps = 1 / float(np.median(np.diff(motion.t_s)))
    excluded = find_exclusions(motion, fps)
    mask = assessable(motion.t_s, excluded)
    search = find_twitches(motion, mask, fps)
    excluded += _not_counted(search)
    mask = assessable(motion.t_s, excluded)
    stretches = find_continuous(motion, mask)
    search = replace(search, twitches=without_pulls(search.twitches, stretches))
    ordered = tuple(sorted(excluded, key=lambda exclusion: (exclusion.start_s, exclusion.end_s, exclusion.reason)))
    return _Result(search, ordered, tuple(stretches), mask)


def _not_counted(search: TwitchSearch) -> list[Exclusion]:
    """Movements of the lip that were found but came with a blink, the head or the jaw."""
    kinds: list[tuple[ExclusionReason, Sequence[tuple[float, float]]]] = [
        ("blink", search.blinks_s),
        ("head_motion", search.head_s),
        ("speech", search.speech_s),
    ]
    return [Exclusion(start_s, end_s, reason) for reason, spans in kinds for start_s, end_s in spans]


def _filled(measurement: Measurement, found: Found) -> Measurement:
    """Add twitches, runs, pattern and summary."""
    runs = tuple(find_runs(found.twitches, found.stretches))
    return replace(
        measurement,
        twitches=found.twitches,
        runs=runs,
        pattern=describe_pattern(runs, found.twitches),
        summary=_summarise(found.twitches, runs, found.observed_s),
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
