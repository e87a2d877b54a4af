"""A trace as CSV and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measurements import trace

from philtrum.video.trace import Trace, read_trace, write_trace


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
