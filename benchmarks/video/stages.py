"""Stages: the processor time that the parts of measuring take, over all threads.

A stage is a function; what other stages take inside it is not counted again. Threads of the decoder are not seen from
Python. Processor time, unlike wall time, hardly depends on what else runs.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from philtrum.video import clip, crop, face, flow, measure, motion, skull, stabilise

STAGES: dict[str, tuple[Any, str]] = {
    "frames": (clip, "frame_from_picture"),
    "detecting faces": (face.FaceFinder, "detect"),
    "landmarks": (face.FaceFinder, "landmarks"),
    "cutting out the face": (crop, "_see"),
    "holding it still": (stabilise._Stretch, "_held_still"),
    "crops": (stabilise, "cut"),
    "band pass": (stabilise, "band_pass"),
    "references": (stabilise._Stretch, "_refer_to"),
    "flow": (flow.Reference, "local"),
    "sums for the flow": (flow.Reference, "pull"),
    "skull": (skull.SkullFit, "fit"),
    "zones": (motion._Meter, "motion"),
    "search": (measure, "search_part"),
}


@contextmanager
def watched() -> Iterator[Counter[str]]:
    """Time all stages; gives the seconds of processor time by stage."""
    spent_s: Counter[str] = Counter()
    inside_s: defaultdict[int, list[float]] = defaultdict(list)
    originals = {label: owner.__dict__[name] for label, (owner, name) in STAGES.items()}
    try:
        for label, (owner, name) in STAGES.items():
            setattr(owner, name, _timed(originals[label], label, spent_s, inside_s))
        yield spent_s
    finally:
        for label, (owner, name) in STAGES.items():
            setattr(owner, name, originals[label])


def _timed(
    function: Callable[..., Any], label: str, spent_s: Counter[str], inside_s: defaultdict[int, list[float]]
) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*arguments: Any, **options: Any) -> Any:
        inside = inside_s[threading.get_ident()]
        inside.append(0.0)
        started_s = time.thread_time()
        try:
            return function(*arguments, **options)
        finally:
            took_s = time.thread_time() - started_s
            spent_s[label] += took_s - inside.pop()
            if inside:
                inside[-1] += took_s

    return timed
