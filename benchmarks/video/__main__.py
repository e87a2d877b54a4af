"""How well are lip twitches of known time, size and side found? Filmed faces with known truth, one table.

    python benchmarks/video [--set development|test] [--only CONDITION,...] [--faces FOLDER] [--keep FOLDER]
                            [--clips N] [--processes 2] [--baselines] [--json FILE] [--long MINUTES]

- *Clips* of 12 s are made of a portrait (scikit-image's astronaut, and the pictures of `--faces`) or of real clips
  of `--faces`, by warping the skin around the mouth; this generator shares nothing with `philtrum.video.simulate`.
- *Conditions* (`conditions.py`) belong to groups: `animated`, `patterns`, `real` (needs `--faces`), `behaviour`
  (speech, smiles, ...) and `filming` (light, camera, recorder). A plus sign means the same with twitches added.
- *True* twitches are 0.2-3 % of the distance of the outer eye corners (IOD), 0.08-0.4 s from onset to offset (5 % of
  the peak). Found and true ones are paired one to one if their apices lie within 0.1 s. F1 counts twitches from 0.5 %;
  smaller ones are neither right when found nor missed when not. Beats of tremor, ripples and pulls count as runs only.
- *Sets* differ in seeds and in faces (a hash of the file's name decides); tune on `development` only.
- *Speed* and memory (`--only speed`) are measured last; wall times are true only when nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from baselines import find_by_baselines
from bases import Base, find_bases
from conditions import CONDITIONS, Condition, draw_scene
from faces import SETS, Portrait, pictures
from film import kept_film
from methods import find_by_philtrum
from scene import Scene
from score import Trial, judge
from speed import measure_speed
from table import describe, render, summarise


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip to film and measure."""

    condition: Condition
    number: int
    scene: Scene
    face: Portrait | Base


def list_shots(conditions: Sequence[Condition], options: argparse.Namespace, folder: Path) -> list[Shot]:
    """Draw all clips; a condition without a face to play it has none."""
    whole, rest, portraits = find_bases(options.faces, options.set, folder)
    portraits = pictures(options.faces, options.set) + portraits
    shots = []
    for condition in conditions:
        faces = {"portrait": portraits, "rest": rest, "whole": whole}[condition.source]
        n_clips = options.clips or condition.n_clips
        if condition.source == "whole" and condition.plot is None:
            n_clips = len(faces)
        for number in range(n_clips if faces else 0):
            face = faces[(number + sum(condition.name.rstrip("+").encode())) % len(faces)]
            frame = {} if isinstance(face, Portrait) else _frame_of(face)
            shots.append(Shot(condition, number, draw_scene(condition, options.set, number, frame), face))
    return shots


def _frame_of(base: Base) -> dict[str, float | int]:
    size = {"width": base.width, "height": base.height, "iod_px": base.iod_px}
    return {"duration_s": base.duration_s, "fps": base.fps, **size}


def run(shot: Shot, *, folder: Path, has_baselines: bool) -> list[Trial]:
    """Film a clip and measure it, by the baselines too if asked."""
    started_s = time.perf_counter()
    path = kept_film(folder, f"{shot.condition.name}-{shot.number}", shot.scene, shot.face)
    filmed_s = time.perf_counter()
    found = find_by_philtrum(path)
    measured_s = time.perf_counter()
    all_found = {"philtrum": found} | (find_by_baselines(path) if has_baselines else {})
    trials = [
        judge(method, shot.condition.name, shot.scene, shot.face.name, answer, measured_s - filmed_s)
        for method, answer in all_found.items()
    ]
    _tell(shot, trials[0], filmed_s - started_s)
    return trials


def _tell(shot: Shot, trial: Trial, filming_s: float) -> None:
    scene = shot.scene
    what = f"{shot.face.name}, IOD {scene.iod_px:.0f} px, {scene.width} x {scene.height}, {scene.fps:.0f} frames/s"
    result = f"{trial.n_right} of {trial.n_true}, {len(trial.false)} false, {trial.found.verdict}"
    took = f"filmed in {filming_s:.1f} s, measured in {trial.measuring_s:.1f} s"
    print(f"{shot.condition.name} {shot.number}: {what}: {result} ({took})", file=sys.stderr, flush=True)


def _chosen(only: str | None) -> tuple[list[Condition], bool]:
    """Return the conditions that `--only` names (or whose group it names), and whether speed is measured."""
    names = set(only.split(",")) if only else set()
    known = {name for c in CONDITIONS for name in (c.name, c.group, c.name.rstrip("+"))} | {"speed"}
    if names - known:
        raise SystemExit(f"no such condition: {', '.join(sorted(names - known))}; known: {', '.join(sorted(known))}")
    chosen = [c for c in CONDITIONS if not names or names & {c.name, c.group, c.name.rstrip("+")}]
    return chosen, not names or "speed" in names


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--set", choices=SETS, default=SETS[0], help="tune on the first only")
    parser.add_argument("--only", metavar="CONDITION,...", help="conditions or groups of them, or `speed`")
    parser.add_argument("--faces", type=Path, help="folder of further portraits and clips of faces")
    parser.add_argument("--keep", type=Path, help="keep clips and their truth here, and use them again")
    parser.add_argument("--clips", type=int, help="clips of each condition")
    parser.add_argument("--long", type=float, default=5.0, metavar="MINUTES", help="length of the long clip of `speed`")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    parser.add_argument("--baselines", action="store_true", help="compare with three simpler methods (slow)")
    parser.add_argument("--json", type=Path, help="write all figures and every twitch here, too")
    return parser.parse_args()


def main() -> None:
    """Film, measure, print the table."""
    options = _options()
    conditions, has_speed = _chosen(options.only)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        shots = list_shots(conditions, options, folder)
        one = partial(run, folder=folder, has_baselines=options.baselines)
        if options.processes == 1:
            trials = list(chain.from_iterable(map(one, shots)))
        else:
            with ProcessPoolExecutor(options.processes) as pool:
                trials = list(chain.from_iterable(pool.map(one, shots)))
        rows = summarise(trials)
        if has_speed:
            rows += measure_speed(folder, pictures(None, SETS[0])[0], options.long)
    print(render(rows, list(dict.fromkeys(trial.method for trial in trials)) or ["philtrum"]))
    if options.json:
        clips = [describe(trial) for trial in trials]
        options.json.write_text(json.dumps({"figures": rows, "clips": clips}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
