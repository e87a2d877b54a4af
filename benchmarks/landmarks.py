"""Do our landmarks agree with MediaPipe's own FaceMesh? Both follow the face through every frame of the same clips.

philtrum runs MediaPipe's two networks in OpenCV; this compares the result with
MediaPipe itself, which is not a dependency. Both track: the crop of a frame
comes from the landmarks of the frame before, the detector is asked when the
face is lost, no smoothing, no refinement of eyes and lips. In three steps,
with a throw-away environment for the second:

    python benchmarks/landmarks.py FOLDER --ours ours.npz
    python3.11 -m venv mp && mp/bin/pip install mediapipe==0.10.21 "av>=18,<19"
    PYTHONPATH=src mp/bin/python benchmarks/landmarks.py FOLDER --theirs theirs.npz
    python benchmarks/landmarks.py FOLDER --ours ours.npz --theirs theirs.npz

A file that exists is read, one that does not is written. The table shows, for
frames in which both see a face, the distance between the two places of a
landmark: median and 95th percentile over landmarks and frames, of all 468 and
of the upper lip's.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Placer = Callable[[Path], FloatArray]

N_LANDMARKS = 468
# Upper lip from the base of the nose to the seam, both sides.
LIP = [0, 2, 11, 12, 13, 37, 39, 40, 80, 81, 82, 97, 164, 165, 167, 185, 191]
LIP += [267, 269, 270, 310, 311, 312, 326, 391, 393, 409, 415]
SUFFIXES = {".mp4", ".mov", ".webm", ".mkv", ".avi"}


def place_ours(path: Path) -> FloatArray:
    """Return philtrum's landmarks in every frame, pixels, shape (T, 468, 2); NaN where no face is seen."""
    # Imported here, because the other interpreter need not have what these modules need.
    from philtrum.video.clip import open_clip
    from philtrum.video.face import FaceFinder, FaceTracker

    tracker = FaceTracker(FaceFinder())
    with open_clip(path) as reader:
        faces = (tracker.update(frame) for frame in reader)
        return np.array(
            [np.full((N_LANDMARKS, 2), np.nan) if face is None else face.landmarks[:, :2] for face in faces]
        )


def place_theirs(path: Path) -> FloatArray:
    """Return FaceMesh's landmarks in every frame, pixels, shape (T, 468, 2); NaN where no face is seen."""
    import mediapipe  # type: ignore[import-not-found]

    options = {"static_image_mode": False, "max_num_faces": 1, "refine_landmarks": False}
    with mediapipe.solutions.face_mesh.FaceMesh(**options) as mesh:
        return np.array([_mesh_points(mesh, rgb) for rgb in _pictures(path)])


def _pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames as philtrum decodes them, RGB, so that only the landmarks differ."""
    from philtrum.video.clip import open_clip

    with open_clip(path) as reader:
        for frame in reader:
            height, width = frame.luma.shape
            yield np.ascontiguousarray(frame.rgb(np.eye(2, 3), (width, height)))


def _mesh_points(mesh: Any, rgb: NDArray[np.uint8]) -> FloatArray:
    found = mesh.process(rgb).multi_face_landmarks
    if not found:
        return np.full((N_LANDMARKS, 2), np.nan)
    # MediaPipe's crop on the CPU takes 0-1 times the width for the number of a column, so there is no half pixel here.
    points = np.array([[point.x, point.y] for point in found[0].landmark[:N_LANDMARKS]])
    return points * rgb.shape[1::-1]


def read_or_place(file: Path, folder: Path, place: Placer) -> dict[str, FloatArray]:
    """Return the landmarks of every clip by name: from a file, or placed now and written to it."""
    if not file.exists():
        clips = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        np.savez_compressed(file, allow_pickle=False, **{path.name: place(path) for path in clips})
    with np.load(file) as stored:
        return {name: stored[name] for name in stored.files}


def compare(ours: FloatArray, theirs: FloatArray) -> str:
    """Return the cells of one clip's row."""
    has_ours, has_theirs = (~np.isnan(points[:, 0, 0]) for points in (ours, theirs))
    both = has_ours & has_theirs
    counts = f"{both.sum()} | {(has_ours & ~both).sum()} | {(has_theirs & ~both).sum()}"
    if not both.any():
        return f"{counts} | | | |"
    iod_px = np.linalg.norm(theirs[both, 263] - theirs[both, 33], axis=1)
    off_px = np.linalg.norm(ours[both] - theirs[both], axis=2)
    return f"{counts} | {np.median(iod_px):.0f} | {_spread(off_px, iod_px)} | {_spread(off_px[:, LIP], iod_px)}"


def _spread(off_px: FloatArray, iod_px: FloatArray) -> str:
    middle, high = np.percentile(off_px, [50, 95])
    middle_pct, high_pct = np.percentile(100 * off_px / iod_px[:, np.newaxis], [50, 95])
    return f"{middle:.2f} / {high:.2f} px = {middle_pct:.2f} / {high_pct:.2f} %"


def main() -> None:
    """Place landmarks, or print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="folder of clips")
    parser.add_argument("--ours", type=Path, help="file (.npz) of philtrum's landmarks")
    parser.add_argument("--theirs", type=Path, help="file (.npz) of MediaPipe's landmarks")
    options = parser.parse_args()
    if options.folder is None or not (options.ours or options.theirs):
        print("Left out: needs a folder of clips and MediaPipe; the script's first lines say how.")
        return
    ours = read_or_place(options.ours, options.folder, place_ours) if options.ours else {}
    theirs = read_or_place(options.theirs, options.folder, place_theirs) if options.theirs else {}
    if ours and theirs:
        print("| clip | both see | only ours | only theirs | IOD px | all, median / 95 % (IOD) | upper lip |")
        print("|" + " --- |" * 7)
        for name in ours:
            print(f"| {name} | {compare(ours[name], theirs[name])} |")


if __name__ == "__main__":
    main()
