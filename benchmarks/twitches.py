"""How well are twitches of known time, size and side found? Twenty simulated clips, one table.

    python benchmarks/twitches.py [--portraits FOLDER] [--seed N] [--clips N]

Clips differ in frame rate, size of the face, noise, shake, coding, and in the
twitches' size, width, length, side and direction; every fourth has none, and
one each shows speech, smiles and blinks only. Found and true twitches are
matched one to one when their apices lie within 0.1 s. The default portrait is
scikit-image's astronaut; a folder of clips or pictures gives other faces.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage import data, io

from philtrum.errors import ClipError
from philtrum.video.clip import open_clip
from philtrum.video.measure import measure
from philtrum.video.measurement import Measurement, Twitch
from philtrum.video.simulate import Distractor, Scene, SimTwitch, simulate_clip

APEX_WITHIN_S = 0.1
SIZES = (0.3, 0.5, 0.7, 1.0, 1.5, 2.5)
DISTRACTORS = {"speech": (2.0, 5.0), "smile": (1.5, 6.0), "blink": (0.2, 3.0)}


@dataclass(frozen=True)
class Trial:
    """One clip: what was in it, and what was found."""

    kind: str
    scene: Scene
    measurement: Measurement
    matches: list[tuple[SimTwitch, Twitch]]
    seconds: float


def draw_scene(kind: str, rng: np.random.Generator, duration_s: float = 15.0) -> Scene:
    """Draw how a clip is filmed and what happens in it."""
    twitches, t = [], 0.8
    while kind == "twitches" and t < duration_s - 0.8:
        twitches.append(
            SimTwitch(
                onset_s=t,
                duration_s=rng.uniform(0.08, 0.35),
                amplitude_pct_iod=float(rng.choice(SIZES)),
                side=str(rng.choice(["left", "right", "midline", "both"], p=[0.35, 0.35, 0.2, 0.1])),
                direction_deg=rng.uniform(0, 360),
                rise_fraction=rng.uniform(0.3, 0.5),
                width_iod=rng.uniform(0.14, 0.3),
            )
        )
        t += rng.uniform(0.7, 1.6)
    distractors = ()
    if kind in DISTRACTORS:
        lasts_s, size = DISTRACTORS[kind]
        distractors = tuple(Distractor(kind, 1 + 3.0 * n, lasts_s, size, int(rng.integers(99))) for n in range(4))
    return Scene(
        duration_s=duration_s,
        fps=float(rng.choice([24, 25, 30, 50])),
        twitches=tuple(twitches),
        distractors=distractors,
        sway_pct_iod=rng.uniform(0.3, 2),
        shake_pct_iod=rng.uniform(0, 0.2),
        noise_grey=rng.uniform(0.8, 2.5),
        crf=int(rng.integers(14, 22)),
        seed=int(rng.integers(1 << 30)),
    )


def run(kind: str, portrait: NDArray[np.uint8], rng: np.random.Generator) -> Trial:
    """Simulate and measure one clip."""
    scene = draw_scene(kind, rng)
    with tempfile.TemporaryDirectory() as folder:
        clip = simulate_clip(Path(folder, "clip.mp4"), portrait, scene, iod_px=rng.uniform(85, 200))
        started = time.perf_counter()
        measurement = measure(clip)
        return Trial(kind, scene, measurement, match(scene, measurement), time.perf_counter() - started)


def match(scene: Scene, measurement: Measurement) -> list[tuple[SimTwitch, Twitch]]:
    """Pair true and found twitches, nearest first, each used once."""
    pairs = sorted(
        (abs(true.apex_s - found.apex_s), i, j)
        for i, true in enumerate(scene.twitches)
        for j, found in enumerate(measurement.twitches)
        if abs(true.apex_s - found.apex_s) <= APEX_WITHIN_S
    )
    used_i, used_j, matches = set(), set(), []
    for _, i, j in pairs:
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            matches.append((scene.twitches[i], measurement.twitches[j]))
    return matches


def report(trials: list[Trial]) -> str:
    """Return the table as text."""
    matches = [pair for trial in trials for pair in trial.matches]
    true = [twitch for trial in trials for twitch in trial.scene.twitches]
    n_false = sum(len(trial.measurement.twitches) - len(trial.matches) for trial in trials)
    n_large = sum(twitch.amplitude_pct_iod >= 0.5 for twitch in true)
    hits = sum(twitch.amplitude_pct_iod >= 0.5 for twitch, _ in matches)
    precision, recall = len(matches) / max(1, len(matches) + n_false), hits / max(1, n_large)
    lines = [f"clips {len(trials)}, true twitches {len(true)}, found {len(matches)}, false {n_false}"]
    lines += [f"F1 (true >= 0.5 % IOD) {2 * precision * recall / max(1e-9, precision + recall):.3f}"]
    lines += [f"precision {precision:.3f}, recall {recall:.3f}"]
    for size in SIZES:
        n = sum(twitch.amplitude_pct_iod == size for twitch in true)
        lines.append(f"recall at {size:.1f} % IOD: {sum(t.amplitude_pct_iod == size for t, _ in matches)} of {n}")
    for kind in ("still", *DISTRACTORS):
        own = [trial for trial in trials if trial.kind == kind]
        minutes = sum(trial.scene.duration_s for trial in own) / 60
        found = sum(trial.measurement.summary.n_twitches for trial in own)
        seen = sum(trial.measurement.summary.observed_s for trial in own) / 60
        lines.append(f"{kind}: {found} false in {minutes:.2f} min of clip, {seen:.2f} min of it observed")
    speed = sum(trial.scene.duration_s for trial in trials) / sum(trial.seconds for trial in trials)
    return "\n".join([*lines, *_errors(matches), f"speed: {speed:.1f} x real time"])


def _errors(matches: list[tuple[SimTwitch, Twitch]]) -> list[str]:
    onset, offset, ratio = (
        np.array(values)
        for values in zip(
            *(
                (found.onset_s - t.onset_s, found.offset_s - t.offset_s, found.amplitude_pct_iod / t.amplitude_pct_iod)
                for t, found in matches
            ),
            strict=True,
        )
    )
    low, high = np.percentile(ratio, [10, 90])
    right = np.mean([t.side == found.side for t, found in matches])
    sided = [(t, found) for t, found in matches if t.side in {"left", "right"}]
    swapped = sum({t.side, found.side} == {"left", "right"} for t, found in sided)
    onset_ms, offset_ms = 1000 * np.median(abs(onset)), 1000 * np.median(abs(offset))
    return [
        f"median error of onset {onset_ms:.1f} ms, of offset {offset_ms:.1f} ms",
        f"amplitude, found over true: median {np.median(ratio):.2f}, 10-90 % {low:.2f}-{high:.2f}",
        f"side right in {100 * right:.0f} %; left taken for right or the other way round: {swapped} of {len(sided)}",
    ]


def portraits(folder: Path | None) -> list[NDArray[np.uint8]]:
    """Return the portraits of a folder: pictures, and the middle frame of clips that show a face."""
    if folder is None:
        return [data.astronaut()]
    found: list[NDArray[np.uint8]] = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in {".png", ".jpg", ".jpeg"}:
            found.append(np.asarray(io.imread(path))[..., :3])
        elif path.suffix.lower() in {".mp4", ".mov", ".webm", ".mkv"}:
            with open_clip(path) as reader:
                frame = list(zip(reader, range(20), strict=False))[-1][0]
            height, width = frame.luma.shape
            found.append(frame.rgb(np.eye(2, 3), (width, height)))
    return found


def main() -> None:
    """Run the trials and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--portraits", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clips", type=int, default=20)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    faces = portraits(options.portraits)
    kinds = (["twitches"] * 3 + ["still"]) * options.clips
    kinds = [*DISTRACTORS, *kinds][: options.clips]
    trials = []
    for number, kind in enumerate(kinds):
        try:
            trials.append(run(kind, faces[number % len(faces)], rng))
        except ClipError as error:
            print(f"left out: {error}", flush=True)
    print(report(trials))


if __name__ == "__main__":
    main()
