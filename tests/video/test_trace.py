"""A trace as CSV and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measurements import trace

from philtrum.video.trace import Trace, join_traces, open_trace, read_trace, read_trace_for_drawing, write_trace


def test_a_trace_comes_back_as_it_was_written(tmp_path):
    written = trace()
    write_trace(written, tmp_path / "trace.csv")
    read = read_trace(tmp_path / "trace.csv")
    assert read.zones == written.zones
    for name in ("t_s", "displacement", "score"):
        assert getattr(read, name) == pytest.approx(getattr(written, name), abs=6e-5), name


@given(values=st.lists(st.one_of(st.just(float("nan")), st.floats(-500, 500)), min_size=4, max_size=40))
def test_what_was_not_seen_stays_unseen_and_axes_keep_their_place(tmp_path_factory, values):
    n = len(values) // 4
    displacement = np.reshape(values[: 4 * n], (n, 2, 2))
    path = tmp_path_factory.mktemp("trace") / "trace.csv"
    write_trace(Trace(np.arange(n) / 30, ("a_left", "b_x"), displacement, np.zeros(n)), path)
    read = read_trace(path)
    assert read.displacement == pytest.approx(displacement, abs=6e-5, nan_ok=True)
    assert read.zones == ("a_left", "b_x")


def test_the_header_names_zones_and_axes_and_the_unseen_is_empty(tmp_path):
    path = tmp_path / "trace.csv"
    write_trace(Trace(np.zeros(1), ("philtrum",), np.array([[[np.nan, 1.5]]]), np.zeros(1)), path)
    assert path.read_text("utf-8").splitlines() == ["t_s,score,philtrum_x,philtrum_y", "0.0000,0.0000,,1.5000"]


def test_a_trace_of_no_frames_comes_back_empty(tmp_path):
    write_trace(Trace(np.zeros(0), ("philtrum",), np.zeros((0, 1, 2)), np.zeros(0)), tmp_path / "trace.csv")
    assert read_trace(tmp_path / "trace.csv").displacement.shape == (0, 1, 2)


def test_a_zone_is_taken_by_its_name():
    assert trace().zone("upper_lip_left")[:, 1].max() == pytest.approx(1.5, abs=0.01)
    assert np.abs(trace().zone("upper_lip_right")).max() == 0
    with pytest.raises(ValueError, match="not in"):
        trace().zone("nose")


def parts(whole, n):
    """A trace in pieces of n rows."""
    return [
        Trace(whole.t_s[at : at + n], whole.zones, whole.displacement[at : at + n], whole.score[at : at + n])
        for at in range(0, len(whole.t_s), n)
    ]


def test_a_trace_written_piece_by_piece_is_the_same_file(tmp_path):
    write_trace(trace(), tmp_path / "whole.csv")
    with open_trace(tmp_path / "trace.csv") as sink:
        for piece in parts(trace(), 7):
            sink.add(piece)
        assert list(tmp_path.iterdir()) == [tmp_path / "whole.csv"]
    assert (tmp_path / "trace.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert join_traces(parts(trace(), 7)).score == pytest.approx(trace().score)


def test_a_trace_without_a_face_leaves_no_file(tmp_path):
    with open_trace(tmp_path / "trace.csv") as sink:
        sink.add(Trace(np.zeros(2), ("philtrum",), np.full((2, 1, 2), np.nan), np.zeros(2)))
    assert not sink.has_face
    assert list(tmp_path.iterdir()) == []


def test_a_trace_that_is_broken_off_leaves_the_old_file(tmp_path):
    (tmp_path / "trace.csv").write_text("old")
    with pytest.raises(KeyboardInterrupt), open_trace(tmp_path / "trace.csv") as sink:
        sink.add(trace())
        raise KeyboardInterrupt
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_short_trace_is_drawn_with_every_row(tmp_path):
    write_trace(trace(), tmp_path / "trace.csv")
    drawn = read_trace_for_drawing(tmp_path / "trace.csv", ["philtrum", "upper_lip_left"])
    assert set(drawn.zones) == {"philtrum", "upper_lip_left"}
    assert drawn.zone("upper_lip_left") == pytest.approx(trace().zone("upper_lip_left"), abs=6e-5)


@given(seed=st.integers(0, 999))
def test_a_long_trace_is_thinned_for_drawing_but_keeps_its_extremes_and_its_gaps(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    moved = rng.normal(0, 0.1, (5000, 3, 2))
    moved[2000:2100] = np.nan
    at = int(rng.integers(0, 2000))
    moved[at, rng.integers(3), rng.integers(2)] = rng.choice([-3.0, 3.0])
    path = tmp_path_factory.mktemp("trace") / "trace.csv"
    written = Trace(np.arange(5000) / 30, ("a", "b", "c"), moved, np.zeros(5000))
    write_trace(written, path)
    drawn = read_trace_for_drawing(path, ["a", "b", "c"], n_most=600)
    assert len(drawn.t_s) <= 600 + 15
    assert (np.diff(drawn.t_s) > 0).all()
    assert np.nanmax(np.abs(drawn.displacement)) == 3.0
    assert drawn.t_s[np.nanargmax(np.abs(drawn.displacement).max(axis=(1, 2)))] == pytest.approx(at / 30, abs=1e-4)
    assert not drawn.is_seen[(drawn.t_s > 2000 / 30) & (drawn.t_s < 2099 / 30)].any()
