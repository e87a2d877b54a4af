import builtins

import numpy as np
import pytest
from tests.measurements import TWITCHING, trace

from philtrum.errors import SetupError
from philtrum.report.plot import draw_trace, plot_trace


def test_the_plot_shows_each_part_of_the_lip_with_its_own_line_style():
    lines = plot_trace(TWITCHING, trace()).get_lines()
    assert [line.get_label() for line in lines] == ["upper lip left", "philtrum", "upper lip right"]
    assert len({line.get_linestyle() for line in lines}) == 3
    assert np.max(lines[0].get_ydata()) == pytest.approx(1.5, abs=0.01)


def test_every_twitch_is_shaded():
    spans = plot_trace(TWITCHING, trace()).patches
    assert [span.get_x() for span in spans] == [1.0, 5.0]


def test_the_plot_goes_onto_given_axes_and_has_units():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert plot_trace(TWITCHING, trace(), ax=ax) is ax
    assert ax.get_xlabel() == "Time, s"
    assert "%" in ax.get_ylabel()


def test_a_drawing_is_a_png_file(tmp_path):
    draw_trace(TWITCHING, trace(), tmp_path / "trace.png")
    assert (tmp_path / "trace.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    real_import = builtins.__import__

    def no_matplotlib(name, *rest):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_matplotlib)
    with pytest.raises(SetupError, match=r"philtrum\[plot\]") as caught:
        plot_trace(TWITCHING, trace())
    assert caught.value.id == "plot-extra-missing"
