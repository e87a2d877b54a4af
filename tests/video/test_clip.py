"""A clip's frames: upright, at their true times, and nothing but a clear error for everything else."""

from __future__ import annotations

import gc
import hashlib
import itertools
import os
import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition
from numpy.typing import NDArray
from tests.clips import pattern, write_clip, write_sound, write_stamped

from philtrum.errors import ClipError, ClipNotFoundError
from philtrum.video.clip import ClipLimits, ClipReader, Frame, frame_from_rgb, open_clip

IDENTITY = np.eye(2, 3)


def colours(frame: Frame) -> NDArray[np.uint8]:
    height, width = frame.luma.shape
    return frame.rgb(IDENTITY, (width, height))


def difference(seen: NDArray[np.uint8], expected: NDArray[np.uint8]) -> float:
    """Mean absolute difference; edges of chroma are soft, so single pixels may differ."""
    assert seen.shape == expected.shape
    return float(np.abs(seen.astype(int) - expected).mean())


def read(path: Path, **limits: float) -> tuple[list[Frame], ClipReader]:
    with open_clip(path, limits=ClipLimits(**limits)) as clip:  # type: ignore[arg-type]
        return list(clip), clip


def refusal(path: Path, **limits: float) -> ClipError:
    with pytest.raises(ClipError) as caught:
        read(path, **limits)
    return caught.value


# -- containers and codecs


@pytest.mark.parametrize(
    ("codec", "suffix", "pix_fmt"),
    [
        ("libx264", ".mp4", "yuv420p"),
        ("libx264", ".mov", "yuv422p"),
        ("libx264", ".mkv", "yuv444p"),
        ("libx264", ".mp4", "yuv420p10le"),
        ("libx264", ".ts", "yuv420p"),
        ("libx265", ".mov", "yuv420p"),
        ("libx265", ".mp4", "yuv420p10le"),
        ("libvpx-vp9", ".webm", "yuv420p"),
        ("libvpx-vp9", ".mkv", "yuv420p"),
        ("libsvtav1", ".mp4", "yuv420p"),
        ("libsvtav1", ".mkv", "yuv420p10le"),
        ("mjpeg", ".avi", "yuvj420p"),
        ("mjpeg", ".mov", "yuvj422p"),
        ("mpeg4", ".avi", "yuv420p"),
        ("ffv1", ".mkv", "yuv422p16le"),
        ("ffv1", ".mkv", "bgr0"),
        ("png", ".mov", "rgb24"),
    ],
)
def test_every_common_kind_of_clip_gives_its_pictures_and_times(
    tmp_path: Path, codec: str, suffix: str, pix_fmt: str
) -> None:
    pictures = pattern()
    path = write_clip(tmp_path / f"lip{suffix}", pictures, codec=codec, pix_fmt=pix_fmt, is_full_range="j" in pix_fmt)
    frames, clip = read(path)
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.t_s for frame in frames] == pytest.approx([n / 30 for n in range(6)], abs=6e-4)
    assert (clip.info.width, clip.info.height, clip.n_corrupt) == (96, 64, 0)
    for frame, picture in zip(frames, pictures, strict=True):
        assert frame.luma.dtype == np.uint8 and frame.luma.strides[1] == 1
        assert difference(colours(frame), picture) < (9 if codec == "mpeg4" else 5)


@pytest.mark.parametrize(
    ("codec", "suffix", "name"),
    [
        ("libx264", ".mp4", "h264"),
        ("libx265", ".mp4", "hevc"),
        ("libvpx-vp9", ".webm", "vp9"),
        ("libsvtav1", ".mp4", "av1"),
    ],
)
def test_the_codec_is_called_by_its_common_name(tmp_path: Path, codec: str, suffix: str, name: str) -> None:
    assert read(write_clip(tmp_path / f"lip{suffix}", pattern(n_frames=2), codec=codec))[1].info.codec == name


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.webm", pattern(), codec="libvpx-vp9").rename(tmp_path / "lip.txt")
    assert len(read(path)[0]) == 6


def test_the_summary_gives_the_true_figures_and_the_hash_of_the_file(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern(n_frames=9), times_s=[0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 0.8])
    with open_clip(path) as clip:
        list(clip)
        summary = clip.summarise()
    assert summary.fps == pytest.approx(8 / 0.8)
    assert summary.duration_s == pytest.approx(0.9)
    assert (summary.name, summary.n_frames, summary.width, summary.height) == ("lip.mp4", 9, 96, 64)
    assert summary.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_one_frame_is_a_clip_too(tmp_path: Path) -> None:
    with open_clip(write_clip(tmp_path / "lip.mp4", pattern(n_frames=1))) as clip:
        assert [frame.t_s for frame in clip] == [0.0]
        assert clip.summarise().duration_s == pytest.approx(1 / 30)


# -- upright and square


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(("hflip", "vflip"), [(False, False), (True, False), (False, True)])
def test_turned_and_mirrored_recordings_are_shown_upright(
    tmp_path: Path, suffix: str, rotation: int, hflip: bool, vflip: bool
) -> None:
    picture = pattern(n_frames=1)[0]
    path = write_clip(tmp_path / f"lip{suffix}", [picture], rotation=rotation, hflip=hflip, vflip=vflip)
    (frame,), clip = read(path)
    upright = np.rot90(picture, rotation // 90)  # both counter-clockwise
    upright = upright[:, ::-1] if hflip else upright
    upright = upright[::-1] if vflip else upright
    assert (clip.info.height, clip.info.width) == upright.shape[:2]
    assert frame.luma.strides[1] == 1
    assert difference(colours(frame), upright) < 4


def test_turned_deep_and_subsampled_planes_stay_aligned(tmp_path: Path) -> None:
    picture = pattern(n_frames=1)[0]
    path = write_clip(tmp_path / "lip.mkv", [picture], codec="ffv1", pix_fmt="yuv422p10le", rotation=90)
    (frame,), _ = read(path)
    assert frame.cb.shape == (48, 64)
    assert difference(colours(frame), np.rot90(picture)) < 4


@pytest.mark.parametrize(("aspect", "size"), [(Fraction(4, 3), (128, 64)), (Fraction(3, 4), (96, 85))])
@pytest.mark.parametrize("rotation", [0, 90])
def test_stored_pixels_that_are_not_square_become_square(
    tmp_path: Path, aspect: Fraction, size: tuple[int, int], rotation: int
) -> None:
    picture = pattern(n_frames=1)[0]
    path = write_clip(tmp_path / "lip.mp4", [picture], pixel_aspect=aspect, rotation=rotation)
    (frame,), _ = read(path)
    expected = np.rot90(np.asarray(cv2.resize(picture, size), np.uint8), rotation // 90)
    assert difference(colours(frame), expected) < 4


@pytest.mark.parametrize("aspect", [Fraction(1001, 1000), Fraction(1000, 1)])
def test_an_aspect_that_is_nearly_square_or_absurd_is_ignored(tmp_path: Path, aspect: Fraction) -> None:
    info = read(write_clip(tmp_path / "lip.mkv", pattern(n_frames=1), pixel_aspect=aspect))[1].info
    assert (info.width, info.height) == (96, 64)


@pytest.mark.parametrize("size", [(65, 47), (97, 63)])
def test_odd_sizes_are_read_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    picture = pattern(*size, n_frames=1)[0]
    path = write_clip(tmp_path / "lip.mkv", [picture], codec="ffv1", pix_fmt="yuv420p", rotation=90)
    (frame,), _ = read(path)
    assert difference(colours(frame), np.rot90(picture)) < 4


# -- depth and colour


@pytest.mark.parametrize(("pix_fmt", "n_bits"), [("yuv420p10le", 10), ("yuv444p12le", 12), ("gray16le", 16)])
def test_deep_pixels_are_rounded_to_eight_bits(tmp_path: Path, pix_fmt: str, n_bits: int) -> None:
    path = write_clip(tmp_path / "lip.mkv", pattern(n_frames=1), codec="ffv1", pix_fmt=pix_fmt)
    (frame,), _ = read(path)
    with av.open(path) as container:
        picture = next(container.decode(video=0))
        deep = np.frombuffer(memoryview(picture.planes[0]), np.uint16).reshape(64, -1)[:, :96]
    assert np.abs(frame.luma - deep / 2 ** (n_bits - 8)).max() <= 0.5


def test_the_brightest_deep_pixel_does_not_overflow(tmp_path: Path) -> None:
    white = np.full((64, 96, 3), 255, np.uint8)
    path = write_clip(tmp_path / "lip.mkv", [white], codec="ffv1", pix_fmt="yuv420p10le", is_full_range=True)
    assert read(path)[0][0].luma.min() == 255


@pytest.mark.parametrize("matrix", ["ITU601", "ITU709", "BT2020"])
@pytest.mark.parametrize("is_full_range", [False, True])
def test_colours_follow_the_stated_matrix_and_range(tmp_path: Path, matrix: str, is_full_range: bool) -> None:
    picture = pattern(n_frames=1)[0]
    path = write_clip(
        tmp_path / "lip.mkv",
        [picture],
        codec="ffv1",
        pix_fmt="yuv444p",
        matrix=matrix,
        is_full_range=is_full_range,
        options={"colorspace": {"ITU601": "smpte170m", "ITU709": "bt709", "BT2020": "bt2020nc"}[matrix]},
    )
    (frame,), _ = read(path)
    assert np.abs(colours(frame).astype(int) - picture).max() <= 4


@pytest.mark.parametrize(("height", "matrix"), [(480, "ITU601"), (720, "ITU709")])
def test_colours_of_an_unstated_matrix_depend_on_the_height(tmp_path: Path, height: int, matrix: str) -> None:
    picture = pattern(64, height, n_frames=1)[0]
    path = write_clip(tmp_path / "lip.mkv", [picture], matrix=matrix, options={"colorspace": "unknown"})
    assert difference(colours(read(path)[0][0]), picture) < 4


def test_a_grey_clip_has_no_colour(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.mkv", pattern(n_frames=1), codec="ffv1", pix_fmt="gray", is_full_range=True)
    (frame,), _ = read(path)
    seen = colours(frame)
    assert (seen == seen[:, :, :1]).all()
    assert difference(seen[:, :, 0], frame.luma) < 0.1


# -- crops


def test_a_crop_maps_its_pixels_by_the_affine_and_is_black_outside() -> None:
    picture = pattern(n_frames=1)[0]
    frame = frame_from_rgb(picture)
    turn = np.array([[0.0, 1.0, 10.0], [-1.0, 0.0, 30.0]])  # crop (x, y) -> frame (y + 10, 30 - x)
    crop = frame.rgb(turn, (40, 20))
    assert crop.shape == (20, 40, 3)
    assert np.abs(crop[:, :31].astype(int) - np.rot90(picture[0:31, 10:30], -1)).max() <= 3
    assert not crop[:, 32:].any()


def test_chroma_is_cut_out_at_the_same_place_as_luma(tmp_path: Path) -> None:
    picture = np.full((64, 96, 3), 100, np.uint8)
    picture[20:40, 30:60] = 200, 60, 60
    (frame,), _ = read(write_clip(tmp_path / "lip.mp4", [picture], matrix="ITU601"))
    crop = frame.rgb(np.array([[0.5, 0, 25], [0, 0.5, 15]]), (80, 60)).astype(float)
    redness = crop[:, :, 0] - crop[:, :, 2] > 70
    rows, columns = np.nonzero(redness)
    expected = (20 - 15 + 39 - 15, 30 - 25 + 59 - 25)  # centre of the patch times 2, in crop pixels
    assert (rows.mean(), columns.mean()) == pytest.approx(expected, abs=1)


def test_a_coarse_crop_averages_instead_of_picking_single_pixels() -> None:
    checks = np.zeros((64, 96, 3), np.uint8)
    checks[::2, ::2] = checks[1::2, 1::2] = 255
    crop = frame_from_rgb(checks).rgb(np.array([[4.0, 0, 1.5], [0, 4.0, 1.5]]), (24, 16))
    assert np.abs(crop.astype(int) - 128).max() <= 2


def test_a_coarse_crop_shows_the_same_place_as_a_fine_one() -> None:
    rows, columns = np.mgrid[0:270, 0:480]
    ramp = np.stack([columns // 2, rows // 2, np.full_like(rows, 60)], axis=2).astype(np.uint8)
    turned = np.array([[4.1, 1.3, 50.0], [-1.3, 4.1, 70.0]])
    crop = frame_from_rgb(ramp).rgb(turned, (60, 40)).astype(float)
    x, y = turned @ np.stack([*np.meshgrid(np.arange(60), np.arange(40)), np.ones((40, 60))]).reshape(3, -1)
    inside = (x > 8) & (x < 470) & (y > 8) & (y < 260)
    for channel, expected in ((0, x / 2 - 0.25), (1, y / 2 - 0.25)):  # the ramp rounds down
        errors = crop[:, :, channel].ravel()[inside] - expected[inside]
        assert abs(errors).max() < 3  # 8-bit chroma
        assert abs(errors.mean()) < 0.4  # less than one pixel of shift


@pytest.mark.parametrize("scale", [1.0, 8.0])
def test_a_crop_outside_the_frame_is_black(scale: float) -> None:
    frame = frame_from_rgb(pattern(n_frames=1)[0])
    assert not frame.rgb(np.array([[scale, 0, 900], [0, scale, 900]]), (20, 10)).any()


def test_reading_a_frame_cannot_change_the_frames_after_it(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern())
    untouched = [frame.luma.copy() for frame in read(path)[0]]
    with open_clip(path) as clip:
        for frame, luma in zip(clip, untouched, strict=True):
            assert (frame.luma == luma).all()
            if frame.luma.flags.writeable:
                frame.luma[:] = 0


# -- time


def test_a_variable_rate_keeps_every_frames_own_time(tmp_path: Path) -> None:
    times_s = np.cumsum([0, 0.033, 0.034, 0.1, 0.0167, 0.05])
    for suffix, tolerance in ((".mp4", 1e-5), (".mkv", 5.1e-4)):
        frames, _ = read(write_clip(tmp_path / f"lip{suffix}", pattern(), times_s=times_s.tolist()))
        assert [frame.t_s for frame in frames] == pytest.approx(times_s.tolist(), abs=tolerance)


def test_time_starts_with_the_first_frame(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.mkv", pattern(), times_s=[5 + n / 30 for n in range(6)])
    assert read(path)[0][0].t_s == 0


def test_frames_of_an_avi_with_reordered_pictures_come_at_an_even_rate(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.avi", pattern(n_frames=12), options={"preset": "medium", "bf": "3"})
    assert [frame.t_s for frame in read(path)[0]] == pytest.approx([n / 30 for n in range(12)])


def test_a_recording_without_duration_is_read_whole(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.webm", pattern(n_frames=12), codec="libvpx-vp9", live=True)
    frames, clip = read(path)
    assert clip.info.duration_s is None
    assert frames[-1].t_s == pytest.approx(11 / 30, abs=1e-3)


@pytest.mark.parametrize(
    ("stamps", "times_ms"),
    [
        ([0, 40, 40, 120, 160, 200], [0, 40, 60, 120, 160, 200]),  # a duplicate
        ([0, 40, 30, 120, 160, 200], [0, 40, 60, 120, 160, 200]),  # one step back
        ([5000, 5040, 5080, 0, 40, 80], [0, 40, 80, 120, 160, 200]),  # two recordings joined
    ],
)
def test_time_always_rises_where_stamps_do_not(tmp_path: Path, stamps: list[int], times_ms: list[int]) -> None:
    frames, _ = read(write_stamped(tmp_path / "lip.mkv", pattern(), stamps))
    seen = [1000 * frame.t_s for frame in frames]
    assert all(later > earlier for earlier, later in itertools.pairwise(seen))
    assert seen == pytest.approx(times_ms, abs=8)


# -- pictures that change size


def test_a_change_of_resolution_is_scaled_to_the_first_picture(tmp_path: Path) -> None:
    pictures = [*pattern(96, 64, n_frames=3), *pattern(192, 128, n_frames=3)]
    frames, _ = read(write_stamped(tmp_path / "lip.mkv", pictures, [0, 33, 67, 100, 133, 167]))
    assert [frame.luma.shape for frame in frames] == [(64, 96)] * 6
    assert difference(colours(frames[3]), colours(frames[0])) < 8


def test_a_phone_turned_while_recording_is_refused_with_the_time(tmp_path: Path) -> None:
    pictures = [*pattern(96, 64, n_frames=3), *pattern(64, 96, n_frames=3)]
    error = refusal(write_stamped(tmp_path / "lip.mkv", pictures, [0, 33, 67, 1000, 1033, 1067]))
    assert error.id == "clip-size-changed"
    assert "from 96 x 64 to 64 x 96 after 1.0 s" in error.what


# -- several streams


def test_sound_and_cover_pictures_are_not_the_clip(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "moving.mp4", pattern(), audio=True)
    path = tmp_path / "lip.mp4"
    with av.open(source) as moving, av.open(path, "w") as container:
        cover = container.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 320, 240, "rgb24"
        cover.disposition = Disposition.attached_pic
        copies = {stream: container.add_stream_from_template(stream) for stream in moving.streams}
        container.mux(cover.encode(av.VideoFrame.from_ndarray(pattern(320, 240)[0], "rgb24")))
        container.mux(cover.encode())
        for packet in moving.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream]
                container.mux(packet)
    with av.open(path) as container:
        assert len(container.streams.video) == 2
    frames, clip = read(path)
    assert (len(frames), clip.info.width, clip.info.height) == (6, 96, 64)


# -- damage


def damaged(path: Path, *, at: float, n_bytes: int = 400) -> Path:
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + n_bytes] = np.random.default_rng(1).bytes(n_bytes)
    path.write_bytes(data)
    return path


def textured(n_frames: int) -> list[NDArray[np.uint8]]:
    """Pictures that do not compress well, so that damage hits picture data."""
    rng = np.random.default_rng(7)
    return [rng.integers(0, 255, (64, 96, 3), dtype=np.uint8) for _ in range(n_frames)]


@pytest.mark.parametrize(
    ("codec", "suffix"), [("libx264", ".mp4"), ("libx265", ".mkv"), ("libvpx-vp9", ".webm"), ("libsvtav1", ".mkv")]
)
@pytest.mark.parametrize("at", [0.3, 0.5, 0.97])
def test_damaged_packets_are_left_out_counted_and_the_rest_is_always_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], codec: str, suffix: str, at: float
) -> None:
    path = damaged(write_clip(tmp_path / f"lip{suffix}", textured(30), codec=codec, options={"g": "5"}), at=at)
    capfd.readouterr()
    runs = [read(path) for _ in range(4)]
    hashes = {
        hashlib.sha256(b"".join(f.luma.tobytes() + f.cb.tobytes() for f in frames)).hexdigest() for frames, _ in runs
    }
    assert len(hashes) == 1
    assert len({clip.n_corrupt for _, clip in runs}) == 1
    frames = runs[0][0]
    assert 15 <= len(frames) <= 30
    assert all(later.t_s > earlier.t_s for earlier, later in itertools.pairwise(frames))
    assert capfd.readouterr() == ("", "")


def test_a_damaged_picture_is_left_out_and_counted(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "lip.mp4", textured(30), options={"g": "5"})
    times_s = [frame.t_s for frame in read(whole)[0]]
    frames, clip = read(damaged(whole, at=0.5))
    assert clip.n_corrupt == 1
    seen = [frame.t_s for frame in frames]
    assert len(seen) == 29 and set(seen) < set(times_s)


def truncated(path: Path, *, keep: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


@pytest.mark.parametrize(
    ("codec", "suffix"), [("libx264", ".mp4"), ("libx265", ".mov"), ("libvpx-vp9", ".webm"), ("mjpeg", ".avi")]
)
def test_a_file_cut_off_in_the_middle_is_read_up_to_there(tmp_path: Path, codec: str, suffix: str) -> None:
    pictures, is_jpeg = textured(30), codec == "mjpeg"
    index_first = {"movflags": "faststart"} if suffix in (".mp4", ".mov") else {}
    path = write_clip(
        tmp_path / f"lip{suffix}",
        pictures,
        codec=codec,
        pix_fmt="yuvj420p" if is_jpeg else "yuv420p",
        is_full_range=is_jpeg,
        container_options=index_first,
    )
    whole = [frame.luma.copy() for frame in read(path)[0]]
    frames, clip = read(truncated(path, keep=0.6))
    assert 10 <= len(frames) <= 20
    assert clip.n_corrupt <= 2
    for frame, luma in zip(frames, whole, strict=False):
        assert (frame.luma == luma).all()


def test_a_file_cut_off_before_its_index_is_refused(tmp_path: Path) -> None:
    assert refusal(truncated(write_clip(tmp_path / "lip.mp4", textured(9)), keep=0.6)).id == "clip-not-a-video"


def test_a_clip_of_which_nothing_can_be_decoded_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.mp4", textured(4))
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    stop = data.index(b"moov") - 4
    path.write_bytes(data[:start] + b"\xff" * (stop - start) + data[stop:])
    assert refusal(path).id == "clip-no-frames"


# -- refusals


def test_a_clip_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClipNotFoundError) as caught:
        open_clip(tmp_path / "lip.mp4")
    assert caught.value.id == "clip-not-found"
    assert isinstance(caught.value, FileNotFoundError)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ["lip\0.mp4", "lip.mp4/lip.mp4"])
def test_a_name_that_cannot_exist_is_not_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "lip.mp4").write_bytes(b"x")
    with pytest.raises(ClipNotFoundError):
        open_clip(tmp_path / name)


def test_folders_pipes_and_devices_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path, tmp_path / "pipe.mp4", Path(os.devnull)):
        assert refusal(path).id == "clip-not-a-file"


def test_a_link_to_a_clip_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(write_clip(tmp_path / "lip.mp4", pattern()))
    assert len(read(link)[0]) == 6


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern())

    def forbid(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbid)
    error = refusal(path)
    assert error.id == "clip-not-readable"
    assert "Permission denied" in error.what


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "lip.mp4").touch()
    assert refusal(tmp_path / "lip.mp4").id == "clip-empty"


@pytest.mark.parametrize("content", [b"hello\n" * 999, b"\0" * 9999, b"\x89PNG\r\n\x1a\n" + bytes(99)])
def test_a_file_that_is_no_video(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lip.mp4").write_bytes(content)
    assert refusal(tmp_path / "lip.mp4").id == "clip-not-a-video"


def test_sound_only(tmp_path: Path) -> None:
    assert refusal(write_sound(tmp_path / "lip.mp4")).id == "clip-no-video-stream"


@pytest.mark.parametrize(("suffix", "id"), [(".mp4", "clip-no-video-stream"), (".mkv", "clip-not-a-video")])
def test_a_clip_of_zero_length(tmp_path: Path, suffix: str, id: str) -> None:
    assert refusal(write_clip(tmp_path / f"lip{suffix}", [])).id == id


def test_a_file_too_big_is_refused_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern())
    monkeypatch.delattr(av, "open")
    assert refusal(path, max_bytes=1000).id == "clip-too-big"


def test_eight_k_is_refused_and_four_k_is_not() -> None:
    limits = ClipLimits()
    assert 3840 * 2160 <= limits.max_pixels and 2304 * 4096 <= limits.max_pixels < 7680 * 4320


def test_too_many_pixels_are_refused_before_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern())
    monkeypatch.delattr(ClipReader, "_frames")
    assert refusal(path, max_pixels=96 * 64 - 1).id == "clip-too-many-pixels"


def test_too_many_pixels_in_mid_clip_are_refused(tmp_path: Path) -> None:
    pictures = [*pattern(96, 64, n_frames=3), *pattern(192, 128, n_frames=1)]
    path = write_stamped(tmp_path / "lip.mkv", pictures, [0, 33, 67, 100])
    assert refusal(path, max_pixels=10_000).id == "clip-too-many-pixels"


def test_three_hours_are_refused_by_the_stated_duration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern(), times_s=[0, 1, 2, 3, 4, 3 * 3600])
    monkeypatch.delattr(ClipReader, "_frames")
    error = refusal(path)
    assert error.id == "clip-too-long"
    assert "180 minutes" in error.what and "120" in error.what


def test_three_hours_without_a_stated_duration_are_refused_while_reading(tmp_path: Path) -> None:
    times_s = [0, 1, 2, 3, 4, 3 * 3600]
    path = write_clip(tmp_path / "lip.webm", pattern(), codec="libvpx-vp9", times_s=times_s, live=True)
    with open_clip(path) as clip, pytest.raises(ClipError) as caught:
        assert clip.info.duration_s is None
        list(clip)
    assert caught.value.id == "clip-too-long"


@pytest.mark.parametrize(
    "play_list",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{clip}'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/lip.ts\n#EXT-X-ENDLIST\n",
    ],
)
@pytest.mark.parametrize("suffix", [".m3u8", ".mp4"])
def test_a_play_list_opens_no_other_file(tmp_path: Path, play_list: str, suffix: str) -> None:
    clip = write_clip(tmp_path / "secret.ts", pattern())
    path = tmp_path / f"lip{suffix}"
    path.write_text(play_list.format(clip=clip.name))
    assert refusal(path).id == "clip-not-a-video"


def test_messages_name_the_file_without_folders_and_control_characters(tmp_path: Path) -> None:
    folder = tmp_path / "Jane Doe"
    folder.mkdir()
    path = folder / "l\x1b[31mi\u202ep\n.mov"
    path.touch()
    error = refusal(path)
    assert str(error).startswith("l[31mip.mov: ")
    assert "Jane" not in str(error)


def test_text_in_another_encoding_inside_the_file_does_no_harm(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.avi", pattern(), codec="mpeg4")
    data = path.read_bytes()
    assert b"Lavf" in data
    path.write_bytes(data.replace(b"Lavf", b"\xe9\xff\xfe\xe8"))
    assert len(read(path)[0]) == 6


def test_the_file_is_closed_after_an_error_and_after_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern())
    opened: list[IO[bytes]] = []
    original = Path.open

    def remember(*args: Any, **options: Any) -> IO[bytes]:
        opened.append(original(*args, **options))
        return opened[-1]

    monkeypatch.setattr(Path, "open", remember)
    refusal(path, max_pixels=10)
    read(path)
    assert [file.closed for file in opened] == [True, True]


def test_memory_does_not_grow_with_the_length_of_the_clip(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern(160, 120, n_frames=50), rotation=90)
    with open_clip(path) as clip:
        tracemalloc.start()
        for _ in clip:
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 5 * 160 * 120 * 1.5


def test_decoded_pictures_are_freed_at_once(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "lip.mp4", pattern(n_frames=30), rotation=90)
    gc.collect()
    gc.disable()
    try:
        with open_clip(path) as clip:
            for _ in clip:
                pass
            n_alive = sum(type(thing) is av.VideoFrame for thing in gc.get_objects())
    finally:
        gc.enable()
    assert n_alive < 15  # a leak keeps all 30


def test_a_loop_that_was_left_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with open_clip(write_clip(tmp_path / "lip.mp4", pattern())) as clip:
        first = [frame.index for frame, _ in zip(clip, range(2), strict=False)]
        assert first[:2] == [0, 1]
        assert [frame.index for frame in clip] == [3, 4, 5]
