"""Quality: can a clip be trusted, and what one thing would make it better.

A clip is *refused* when nothing could be measured in it, *usable* when
something limits what it can show, *good* otherwise. Reasons come with the most
important one first. All limits stand in the table below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from philtrum.video.measurement import ClipInfo, Quality, Reason, Verdict
from philtrum.video.motion import Motion

# At 15 frames per second a twitch of 0.1 s may fall between two frames; at 24 it is seen in at least two.
MIN_FPS, GOOD_FPS = 15.0, 23.0
# Distance of the outer eye corners. Below 60 px a twitch of 1 % moves the lip by about half a pixel.
MIN_IOD_PX, GOOD_IOD_PX = 60.0, 100.0
# Time that must be left to judge: enough for a twitch and its surroundings; a rate needs more.
MIN_OBSERVED_S, GOOD_OBSERVED_S = 2.0, 10.0
MIN_VISIBLE, GOOD_VISIBLE = 0.1, 0.9
# Mean grey of the face, of 255.
GOOD_BRIGHTNESS = 45.0
# Below about 0.05 bit per pixel small movements suffer, below 0.03 they are gone (x264, development clips).
GOOD_BITS_PER_PIXEL = 0.03
# A clip that shows only twitches larger than this (0.9 mm) misses most of them.
GOOD_DETECTABLE_PCT_IOD = 1.0
# Share of observed time lost to voluntary movement that is worth a word.
MUCH_EXCLUDED = 0.3
UPSIDE_DOWN_DEG = 60.0


@dataclass(frozen=True, slots=True)
class Findings:
    """What the verdict is made from."""

    clip: ClipInfo
    motion: Motion
    observed_s: float
    n_corrupt: int
    crowded_fraction: float
    """Share of looks that saw more than one face."""
    size_bytes: int
    noise_pct_iod: float | None
    detectable_pct_iod: float | None


def assess_quality(findings: Findings) -> Quality:
    """Judge a clip.

    Returns
    -------
    Quality
        With a verdict, and reasons of which the first gives the advice to follow.
    """
    motion = findings.motion
    visible = float(motion.is_seen.mean()) if len(motion.t_s) else 0.0
    refusals = list(_refusals(findings, visible))
    remarks = [] if refusals else list(_remarks(findings, visible))
    verdict: Verdict = "refused" if refusals else "usable" if remarks else "good"
    iod = float(np.nanmedian(motion.iod_px)) if visible else None
    return Quality(
        verdict=verdict,
        reasons=tuple(refusals or remarks),
        face_visible_fraction=round(visible, 4),
        iod_px=None if iod is None else round(iod, 1),
        noise_pct_iod=findings.noise_pct_iod,
        detectable_pct_iod=findings.detectable_pct_iod,
    )


def is_refused_early(fps: float) -> bool:
    """Tell whether the clip's frame rate alone rules it out, so that the search can be spared."""
    return fps < MIN_FPS


def _refusals(findings: Findings, visible: float) -> Iterator[Reason]:
    """Yield what makes a clip useless, most fundamental first."""
    clip, motion = findings.clip, findings.motion
    if clip.fps < MIN_FPS:
        yield Reason(
            "clip-too-slow",
            f"The clip has {clip.fps:.1f} frames per second; a twitch needs at least {GOOD_FPS + 1:.0f}.",
            "Record again with the normal video setting (30 or 60 frames per second), in brighter light.",
        )
    elif visible < MIN_VISIBLE:
        yield Reason(
            "no-face",
            "No face was found in the clip." if not visible else "A face was found in a small part of the clip only.",
            "Film the face from the front, in even light, with eyes and mouth in the picture and the phone upright.",
        )
    elif float(np.nanmedian(motion.iod_px)) < MIN_IOD_PX:
        yield Reason(
            "face-too-small",
            f"The eyes are {np.nanmedian(motion.iod_px):.0f} pixels apart; at least {MIN_IOD_PX:.0f} are needed.",
            "Hold the camera closer, so that the face fills most of the picture.",
        )
    elif findings.observed_s < MIN_OBSERVED_S:
        yield Reason(
            "too-little-to-judge",
            f"Only {findings.observed_s:.1f} s show a resting face; at least {MIN_OBSERVED_S:.0f} s are needed.",
            "Record 20 to 30 seconds with the face relaxed, without speaking, and the camera on a firm stand.",
        )


def _remarks(findings: Findings, visible: float) -> Iterator[Reason]:
    """Yield what limits a clip that can be measured, most limiting first."""
    yield from _remarks_on_face(findings, visible)
    yield from _remarks_on_recording(findings)


def _remarks_on_face(findings: Findings, visible: float) -> Iterator[Reason]:
    motion = findings.motion
    iod = float(np.nanmedian(motion.iod_px))
    if findings.crowded_fraction > 0.2:
        yield Reason(
            "several-faces",
            "More than one face was seen; the largest, most central one was measured.",
            "Record again with only one person in the picture, to be sure that the right face is measured.",
        )
    if visible < GOOD_VISIBLE:
        yield Reason(
            "face-often-lost",
            f"The face could be followed in {100 * visible:.0f} % of the clip.",
            "Keep the whole face in the picture and hands away from it.",
        )
    if float(np.nanmedian(np.abs(motion.pose_deg[:, 2]))) > UPSIDE_DOWN_DEG:
        yield Reason(
            "picture-turned",
            "The picture lies on its side or upside down; it was turned for measuring.",
            "Hold the phone upright; check that left and right are right in the result.",
        )
    if iod < GOOD_IOD_PX:
        yield Reason(
            "face-small",
            f"The eyes are {iod:.0f} pixels apart; with {GOOD_IOD_PX:.0f} or more, smaller twitches can be seen.",
            "Hold the camera closer, so that the face fills most of the picture.",
        )
    if float(np.nanmedian(motion.brightness)) < GOOD_BRIGHTNESS:
        yield Reason("face-dark", "The face is dark.", "Turn towards a window or switch a lamp on in front of you.")


def _remarks_on_recording(findings: Findings) -> Iterator[Reason]:
    clip = findings.clip
    if findings.observed_s < (1 - MUCH_EXCLUDED) * clip.duration_s * float(findings.motion.is_seen.mean()):
        yield Reason(
            "much-movement",
            f"Only {findings.observed_s:.0f} s of {clip.duration_s:.0f} s could be judged: the rest shows speech, "
            "expressions or head movement.",
            "Record 20 to 30 seconds with the face relaxed, without speaking, and the camera on a firm stand.",
        )
    if findings.observed_s < GOOD_OBSERVED_S:
        yield Reason(
            "clip-short",
            f"{findings.observed_s:.0f} s could be judged; a rate from so short a time is rough.",
            "Record 20 to 30 seconds.",
        )
    bits_per_pixel = 8 * findings.size_bytes / max(1, clip.n_frames * clip.width * clip.height)
    if bits_per_pixel < GOOD_BITS_PER_PIXEL:
        yield Reason(
            "strongly-compressed",
            f"The video is strongly compressed ({bits_per_pixel:.3f} bit per pixel), which wipes out small movements.",
            "Use the original file from the camera, not a copy from a messenger.",
        )
    if findings.detectable_pct_iod is not None and findings.detectable_pct_iod > GOOD_DETECTABLE_PCT_IOD:
        yield Reason(
            "clip-noisy",
            f"Only twitches above about {findings.detectable_pct_iod:.1f} % of the eye distance can be seen here.",
            "Put the camera on a firm stand, closer to the face, in bright even light.",
        )
    if clip.fps < GOOD_FPS:
        yield Reason(
            "clip-slow",
            f"The clip has {clip.fps:.0f} frames per second; brief twitches may be missed.",
            "Record with 30 or 60 frames per second, in brighter light.",
        )
    if findings.n_corrupt:
        yield Reason(
            "clip-damaged",
            f"{findings.n_corrupt} damaged parts of the file were left out.",
            "Copy the file from the camera again.",
        )
