"""Simulate: clips of a moving face whose truth is known, for demo, tests and benchmarks.

A still portrait, or every frame of a real clip, is warped by *movements*: soft
bumps of displacement that sit on landmarks and follow a time course. A twitch
is a movement of the upper lip; speech, smiles and blinks are movements too,
and are there to be told apart from it. Head motion, slow light drift, noise
and video coding are added afterwards, as a camera would.

Truth is exact by construction: `SimTwitch.amplitude_pct_iod` is the largest
displacement of the most-moved point of the skin, and onset and offset are
the times at which its bump starts and ends. Simulated truth and measured
twitches are different types on purpose.

Warping samples a four-fold enlarged picture, because OpenCV's interpolation
rounds positions to 1/32 px, which is not small beside a twitch.

Times are seconds from the first frame; "left" is the person's left;
directions as in `measurement`: 0 to the person's left, 90 up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from philtrum.errors import ClipError
from philtrum.video.clip import Frame, frame_from_rgb, open_clip
from philtrum.video.face import Face, FaceFinder, FaceTracker

Picture = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
TimeCourse = Callable[[float], float]

ENLARGE = 4
# Middle of the upper lip's halves and of the philtrum, lower eyelids, cheeks (see `zones` for the mesh).
_ANCHORS = {
    "left": (269, 391),
    "right": (39, 165),
    "midline": (0, 164),
    "lower_eyelid_left": (374,),
    "lower_eyelid_right": (145,),
    "cheek_left": (425,),
    "cheek_right": (205,),
}


@dataclass(frozen=True, slots=True)
class SimTwitch:
    """One twitch that was put into a clip."""

    onset_s: float
    duration_s: float
    amplitude_pct_iod: float
    side: str = "left"
    """`left`, `right`, `midline` or `both`."""
    direction_deg: float = 90.0
    """On the right side the direction is mirrored, so that 60 always pulls up and outwards."""
    rise_fraction: float = 0.4
    """Share of the duration until the apex."""
    width_iod: float = 0.2
    """Width of the bump: twice the standard deviation of its bell, in eye distances."""
    partners: tuple[str, ...] = ()
    """Zones that move along with 0.6 of the size: `lower_eyelid_left`, `cheek_left`, ..."""

    @property
    def apex_s(self) -> float:
        """Time of the largest displacement."""
        return self.onset_s + self.rise_fraction * self.duration_s

    @property
    def offset_s(self) -> float:
        """Time at which the lip is back at rest."""
        return self.onset_s + self.duration_s

    def course(self, t_s: float) -> float:
        """Return the time course, 0-1: a raised cosine up and another one down."""
        phase = (t_s - self.onset_s) / self.duration_s
        if not 0 < phase < 1:
            return 0.0
        rising = phase / self.rise_fraction
        part = rising if rising < 1 else 1 + (phase - self.rise_fraction) / (1 - self.rise_fraction)
        return float(0.5 - 0.5 * np.cos(np.pi * part))


@dataclass(frozen=True, slots=True)
class Distractor:
    """A movement that is no twitch: `speech`, `smile` or `blink`."""

    kind: str
    start_s: float
    duration_s: float
    size_pct_iod: float = 6.0
    seed: int = 0

    def course(self, t_s: float) -> float:
        """Return the time course, 0-1: syllables at about 4 Hz, a slow smile, or one closing of the eyes."""
        phase = (t_s - self.start_s) / self.duration_s
        if not 0 < phase < 1:
            return 0.0
        if self.kind == "speech":
            wobble = np.random.default_rng(self.seed).uniform(0, 2 * np.pi, 4)
            rates = np.array([2.3, 3.7, 4.6, 6.1])
            return float(np.clip(0.45 + 0.25 * np.sin(2 * np.pi * rates * t_s + wobble).sum(), 0, 1))
        return float(min(1.0, (1 - abs(2 * phase - 1)) * 2.5))


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens in a simulated clip, and how it is filmed."""

    duration_s: float = 10.0
    fps: float = 30.0
    twitches: tuple[SimTwitch, ...] = ()
    distractors: tuple[Distractor, ...] = ()
    sway_pct_iod: float = 1.0
    """Slow sway of the head (0.1-0.7 Hz), standard deviation."""
    shake_pct_iod: float = 0.0
    """Fast tremble of a hand-held camera (2-8 Hz), standard deviation."""
    noise_grey: float = 1.5
    """Sensor noise, standard deviation, of 255."""
    light_drift: float = 0.02
    """Slow change of brightness, share."""
    crf: int = 16
    """Quality of the H.264 coding: 18 is a good phone, 30 a poor connection."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Bump:
    """One soft displacement on the face, in units of the eye distance."""

    x: float
    y: float
    width: float
    dx: float
    dy: float
    course: TimeCourse = field(compare=False)


def simulate_clip(path: Path, portrait: Picture, scene: Scene, *, iod_px: float | None = None) -> Path:
    """Write a clip of a still portrait that moves as the scene says.

    Parameters
    ----------
    path : Path
        File to write; the suffix chooses the container (``.mp4``, ``.mov``, ``.mkv``).
    portrait : uint8 array, shape (H, W, 3)
        RGB picture with one face.
    scene : Scene
        Movements, head motion, light, noise, coding.
    iod_px : float, optional
        Scale the portrait to this distance between the outer eye corners.

    Raises
    ------
    ClipError
        ``portrait-without-face``: no face in the picture.
    """
    face = _find_face(portrait)
    if iod_px is not None:
        scale = iod_px / face.iod_px
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        portrait = np.asarray(cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=how), np.uint8)
        face = _find_face(portrait)
    n_frames = round(scene.duration_s * scene.fps)
    stills = ((n / scene.fps, portrait, face) for n in range(n_frames))
    return _write(path, render(stills, scene), scene)


def simulate_on_clip(path: Path, base: Path, scene: Scene) -> Path:
    """Write a copy of a real clip with the scene's movements added to the face; frames without a face stay as they are.

    Head motion of the scene is not added (the real clip has its own) and its
    frame rate and duration are the base clip's.
    """
    tracker = FaceTracker(FaceFinder())
    with open_clip(base) as reader:
        frames = ((frame.t_s, _rgb(frame), tracker.update(frame)) for frame in reader)
        still = replace(scene, sway_pct_iod=0.0, shake_pct_iod=0.0, fps=reader.nominal_fps)
        return _write(path, render(frames, still), still)


def render(source: Iterable[tuple[float, Picture, Face | None]], scene: Scene) -> Iterator[Picture]:
    """Yield the pictures of a scene, shape (H, W, 3) uint8 RGB, from (time, picture, face) triples."""
    rng = np.random.default_rng(scene.seed)
    sway = _Sway(scene, rng)
    bumps: list[_Bump] = []
    enlarged = _Enlarged()
    for t_s, still, face in source:
        picture = still
        if face is not None:
            bumps = bumps or _bumps(scene, face)
            picture = _moved(enlarged.of(still), face, bumps, sway(t_s), t_s)
        light = 1 + scene.light_drift * np.sin(2 * np.pi * 0.07 * t_s)
        noise = rng.normal(0, scene.noise_grey, picture.shape[:2])[..., np.newaxis]
        yield np.clip(picture * light + noise + 0.5, 0, 255).astype(np.uint8)


class _Sway:
    """Shift of the head over time: a few sines of random phase, in shares of the eye distance."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        slow, fast = rng.uniform(0.1, 0.7, (2, 4)), rng.uniform(2, 8, (2, 4))
        self._rates = np.concatenate([slow, fast], axis=1)
        self._phases = rng.uniform(0, 2 * np.pi, (2, 8))
        sizes = np.repeat([scene.sway_pct_iod, scene.shake_pct_iod], 4) / 100
        self._sizes = sizes / np.sqrt(2)  # four sines of size s/sqrt(2) add up to a standard deviation of s

    def __call__(self, t_s: float) -> FloatArray:
        return np.asarray((self._sizes * np.sin(2 * np.pi * self._rates * t_s + self._phases)).sum(axis=1))


def _bumps(scene: Scene, face: Face) -> list[_Bump]:
    """Place every movement of the scene on this person's face."""
    bumps = []
    for twitch in scene.twitches:
        sides = ("left", "right") if twitch.side == "both" else (twitch.side,)
        for side in sides:
            bumps.append(_twitch_bump(face, twitch, side, 1.0))
        for partner in twitch.partners:
            bumps.append(_twitch_bump(face, twitch, partner, 0.6))
    for distractor in scene.distractors:
        bumps += _distractor_bumps(face, distractor)
    return bumps


def _twitch_bump(face: Face, twitch: SimTwitch, place: str, share: float) -> _Bump:
    angle = np.radians(twitch.direction_deg)
    outwards = -np.cos(angle) if place.endswith("right") else np.cos(angle)
    x, y = _in_face_units(face, _ANCHORS[place])
    size = share * twitch.amplitude_pct_iod / 100
    return _Bump(x, y, twitch.width_iod, size * outwards, -size * np.sin(angle), twitch.course)


def _distractor_bumps(face: Face, distractor: Distractor) -> list[_Bump]:
    """Return the parts of a voluntary movement: (landmarks, width, x outwards, y down) each."""
    size = distractor.size_pct_iod / 100
    parts: dict[str, Sequence[tuple[tuple[int, ...], float, float, float]]] = {
        "speech": (((17, 200), 0.3, 0.0, 1.0), ((0,), 0.2, 0.0, -0.25), ((61,), 0.15, -0.2, 0), ((291,), 0.15, 0.2, 0)),
        "smile": (((61, 57), 0.22, -1.0, -0.6), ((291, 287), 0.22, 1.0, -0.6), ((0,), 0.2, 0.0, -0.3)),
        "blink": (((159,), 0.1, 0.0, 0.9), ((386,), 0.1, 0.0, 0.9)),
    }
    bumps = []
    for landmarks, width, dx, dy in parts[distractor.kind]:
        x, y = _in_face_units(face, landmarks)
        bumps.append(_Bump(x, y, width, dx * size, dy * size, distractor.course))
    return bumps


def _in_face_units(face: Face, landmarks: tuple[int, ...]) -> tuple[float, float]:
    """Place of some landmarks' mean, in eye distances from the middle between the eyes, along the face's own axes."""
    to_face = np.linalg.inv(np.vstack([_face_to_frame(face), [0, 0, 1]]))
    x, y, _ = to_face @ [*face.landmarks[list(landmarks), :2].mean(axis=0), 1]
    return float(x), float(y)


def _face_to_frame(face: Face) -> FloatArray:
    """Affine from face units to frame pixels, shape (2, 3)."""
    right, left = face.landmarks[33, :2], face.landmarks[263, :2]
    roll = np.radians(face.roll_deg)
    scale = face.iod_px
    turn = scale * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    return np.column_stack([turn, (right + left) / 2])


class _Enlarged:
    """The picture enlarged, kept for as long as the same picture comes again."""

    def __init__(self) -> None:
        self._small: Picture | None = None
        self._large: Picture | None = None

    def of(self, picture: Picture) -> Picture:
        if self._large is None or self._small is not picture:
            large = cv2.resize(picture, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_CUBIC)
            self._small, self._large = picture, np.asarray(large, np.uint8)
        return self._large


def _moved(large: Picture, face: Face, bumps: list[_Bump], shift: FloatArray, t_s: float) -> Picture:
    """Warp an enlarged picture by the bumps of this instant and shift it whole; the result has the first size again."""
    height, width = large.shape[0] // ENLARGE, large.shape[1] // ENLARGE
    to_frame = _face_to_frame(face)
    place = np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))
    place -= (shift * face.iod_px).astype(np.float32)[:, np.newaxis, np.newaxis]
    for bump in bumps:
        now = bump.course(t_s)
        if now:
            x, y = to_frame[:, :2] @ [bump.x, bump.y] + to_frame[:, 2]
            spread = 2 * (bump.width / 2 * face.iod_px) ** 2
            bell = np.outer(np.exp(-((place[1, :, 0] - y) ** 2) / spread), np.exp(-((place[0, 0] - x) ** 2) / spread))
            move = now * (to_frame[:, :2] @ [bump.dx, bump.dy])
            # Far smaller than the bump, so the backward map is the forward one with its sign turned.
            place -= (bell * move[:, np.newaxis, np.newaxis]).astype(np.float32)
    source = (place + 0.5) * ENLARGE - 0.5
    return np.asarray(
        cv2.remap(large, source[0], source[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _write(path: Path, pictures: Iterator[Picture], scene: Scene) -> Path:
    """Encode pictures as H.264 at a constant rate; nothing is left behind when it fails."""
    unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    rate = Fraction(scene.fps).limit_denominator(1001)
    try:
        with av.open(str(unfinished), "w") as container:
            # Phones' encoders have no macroblock tree, and with it x264 does not give the same file every time.
            options = {"crf": str(scene.crf), "preset": "veryfast", "mbtree": "0"}
            stream = container.add_stream("libx264", rate=rate, options=options)
            stream.pix_fmt = "yuv420p"
            for picture in pictures:
                # 4:2:0 needs even sides; x264 reads beyond a width that is no multiple of 16.
                height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 16 * 16
                if not stream.codec_context.is_open:
                    stream.width, stream.height = width, height
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), format="rgb24")
                container.mux(stream.encode(frame.reformat(format="yuv420p")))
            container.mux(stream.encode(None))
        return unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _find_face(portrait: Picture) -> Face:
    face = FaceTracker(FaceFinder()).update(frame_from_rgb(portrait))
    if face is None:
        raise ClipError(
            "portrait-without-face",
            "No face was found in the portrait.",
            "Choose a picture that shows one face from the front, at least 100 pixels wide.",
        )
    return face


def _rgb(frame: Frame) -> Picture:
    height, width = frame.luma.shape
    return frame.rgb(np.eye(2, 3), (width, height))
