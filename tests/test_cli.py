import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from tests.measurements import QUIET, REFUSED, TWITCHING, trace

from philtrum import cli
from philtrum.commands.output import whole_file
from philtrum.errors import ClipError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def measuring(monkeypatch):
    """A stand-in for the measuring itself; set `.result` to what it returns or raises."""
    stand_in = SimpleNamespace(result=(TWITCHING, [trace()]), calls=[], mirrored=None)

    def measure(path, *, mirrored=False, on_progress=None, on_trace=None):
        stand_in.calls.append(path)
        stand_in.mirrored = mirrored
        if on_progress is not None:
            on_progress(None, "Looking")
            on_progress(0.5, "Looking")
        if isinstance(stand_in.result, BaseException):
            raise stand_in.result
        measurement, pieces = stand_in.result
        for piece in pieces if on_trace else ():
            on_trace(piece)
        return measurement

    module = SimpleNamespace(measure=measure)
    monkeypatch.setitem(sys.modules, "philtrum.video.measure", module)
    return stand_in


def test_measure_prints_the_result_in_words_and_exits_with_0(measuring, capsys):
    assert cli.main(["measure", "lip.mp4"]) == cli.OK
    out, err = capsys.readouterr()
    assert "2 twitches of the upper lip found" in out
    assert err == ""


def test_measure_json_prints_exactly_the_measurement(measuring, capsys):
    assert cli.main(["measure", "lip.mp4", "--json"]) == cli.OK
    out = capsys.readouterr().out
    assert out == TWITCHING.to_json()
    assert json.loads(out)["schema"] == "philtrum.measurement/1"


def test_a_refused_clip_exits_with_3_and_still_prints_the_result(measuring, capsys):
    measuring.result = REFUSED, []
    assert cli.main(["measure", "lip.mp4", "--json"]) == cli.REFUSED
    assert json.loads(capsys.readouterr().out)["quality"]["verdict"] == "refused"


def test_bad_input_exits_with_2_and_one_line_with_its_id(measuring, capsys):
    measuring.result = ClipError("clip-empty", "lip.mp4: 0 bytes.", "Copy it again.")
    assert cli.main(["measure", "lip.mp4"]) == cli.BAD_INPUT
    assert capsys.readouterr() == ("", "lip.mp4: 0 bytes. Copy it again. [clip-empty]\n")


@pytest.mark.parametrize("arguments", [["measure"], ["mesure", "lip.mp4"], ["measure", "lip.mp4", "--jsn"]])
def test_a_wrong_command_or_option_exits_with_2_and_prints_nothing_as_result(arguments, capsys):
    assert cli.main(arguments) == cli.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert "Error: " in err


def test_mirrored_is_passed_on(measuring):
    cli.main(["measure", "lip.mp4", "--mirrored"])
    assert measuring.mirrored is True


def test_out_writes_measurement_trace_and_drawing_and_nothing_else(measuring, tmp_path):
    out = tmp_path / "new" / "results"
    assert cli.main(["measure", "lip.mp4", "--out", str(out)]) == cli.OK
    assert sorted(path.name for path in out.iterdir()) == ["measurement.json", "trace.csv", "trace.svg"]
    assert (out / "measurement.json").read_text("utf-8") == TWITCHING.to_json()
    assert len((out / "trace.csv").read_text("utf-8").splitlines()) == 1 + len(trace().t_s)
    assert (out / "trace.svg").read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(("name", "start"), [("a.svg", b"<svg"), ("a.png", b"\x89PNG"), ("A.SVG", b"<svg")])
def test_plot_writes_the_drawing_in_the_format_of_its_ending(measuring, tmp_path, name, start):
    assert cli.main(["measure", "lip.mp4", "--plot", str(tmp_path / name)]) == cli.OK
    assert (tmp_path / name).read_bytes().startswith(start)


def test_an_unknown_drawing_format_is_refused_before_anything_is_measured(measuring, tmp_path, capsys):
    assert cli.main(["measure", "lip.mp4", "--plot", str(tmp_path / "trace.gif")]) == cli.BAD_INPUT
    assert "[output-format-unknown]" in capsys.readouterr().err
    assert measuring.calls == []


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_measured(measuring, tmp_path, capsys):
    (tmp_path / "taken").write_text("a file, not a folder")
    assert cli.main(["measure", "lip.mp4", "--out", str(tmp_path / "taken")]) == cli.BAD_INPUT
    err = capsys.readouterr().err
    assert "[output-not-writable]" in err
    assert str(tmp_path) not in err
    assert measuring.calls == []


def test_without_a_trace_the_result_is_written_and_the_missing_drawing_is_told(measuring, tmp_path, capsys):
    measuring.result = REFUSED, []
    assert cli.main(["measure", "lip.mp4", "--plot", str(tmp_path / "a.svg")]) == cli.REFUSED
    assert list(tmp_path.iterdir()) == []
    assert "a.svg is not written" in capsys.readouterr().err


def test_writing_that_fails_leaves_the_old_file_and_no_half_one(tmp_path):
    path = tmp_path / "measurement.json"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_ctrl_c_exits_with_130_and_leaves_nothing(measuring, tmp_path, capsys):
    measuring.result = KeyboardInterrupt()
    assert cli.main(["measure", "lip.mp4", "--out", str(tmp_path)]) == cli.STOPPED
    assert "Stopped." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_philtrum_exits_with_1_and_a_report_without_names_and_folders(measuring, tmp_path, capsys):
    measuring.result = ZeroDivisionError("in /home/jane/jane-doe.mp4")
    assert cli.main(["measure", "jane-doe.mp4", "--out", str(tmp_path)]) == cli.BUG
    out, err = capsys.readouterr()
    assert out == ""
    assert "ZeroDivisionError" in err
    assert "in measure" in err
    assert "| Python | " in err
    for private in ("jane", str(tmp_path), str(ROOT), "Traceback"):
        assert private not in err


def test_a_fault_shows_the_traceback_to_those_who_ask_for_it(measuring, monkeypatch):
    monkeypatch.setenv("PHILTRUM_DEBUG", "1")
    measuring.result = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        cli.main(["measure", "lip.mp4"])


def test_progress_is_drawn_on_a_terminal_only_and_never_among_the_results(measuring, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    cli.main(["measure", "lip.mp4", "--json"])
    out, err = capsys.readouterr()
    assert json.loads(out)
    assert "Looking" in err


def test_a_reader_that_stops_early_is_no_fault(measuring, monkeypatch):
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", nowhere)
        measuring.result = BrokenPipeError()
        assert cli.main(["measure", "lip.mp4"]) == cli.OK


@pytest.fixture
def filming(measuring, monkeypatch):
    """A stand-in for the filming; set `.result` to what it returns or raises."""
    sys.modules["philtrum.video.measure"].measure = lambda path, *, on_progress=None: measuring.result[0]
    film = SimpleNamespace(slowdown=4, factor=8, n_twitches=1, duration_s=9.6)
    stand_in = SimpleNamespace(result=film, out=None)

    def magnify(clip, measurement, out, *, on_progress=None):
        stand_in.out = out
        if on_progress is not None:
            on_progress(0.5, "Drawing")
        if isinstance(stand_in.result, BaseException):
            raise stand_in.result
        return stand_in.result

    monkeypatch.setitem(sys.modules, "philtrum.video.magnify", SimpleNamespace(magnify=magnify))
    return stand_in


def test_magnify_says_what_the_film_shows(filming, tmp_path, capsys):
    assert cli.main(["magnify", "lip.mp4", "--out", str(tmp_path / "film.mp4")]) == cli.OK
    assert filming.out == tmp_path / "film.mp4"
    assert capsys.readouterr().out == (
        "film.mp4: slowed 4 times, movement shown 8 times larger than it was; 1 of 2 twitches, 10 s.\n"
    )


def test_magnify_says_where_no_twitch_was_found(measuring, filming, tmp_path, capsys):
    measuring.result = QUIET, trace()
    filming.result.n_twitches = 0
    assert cli.main(["magnify", "lip.mp4", "--out", str(tmp_path / "film.mp4")]) == cli.OK
    assert "no twitch was found" in capsys.readouterr().out


def test_magnify_of_a_refused_clip_exits_with_3_and_says_what_to_do(measuring, filming, tmp_path, capsys):
    filming.result = ClipError("magnify-refused", "It could not be judged.", "Film again.")
    assert cli.main(["magnify", "lip.mp4", "--out", str(tmp_path / "film.mp4")]) == cli.REFUSED
    assert capsys.readouterr().err == "It could not be judged. Film again. [magnify-refused]\n"


def test_magnify_of_bad_input_exits_with_2(filming, tmp_path, capsys):
    filming.result = ClipError("magnify-onto-clip", "That is the clip.", "Another name.")
    assert cli.main(["magnify", "lip.mp4", "--out", str(tmp_path / "film.mp4")]) == cli.BAD_INPUT
    assert cli.main(["magnify", "lip.mp4", "--out", str(tmp_path / "film.gif")]) == cli.BAD_INPUT
    assert "[output-format-unknown]" in capsys.readouterr().err


def test_magnify_draws_its_progress_on_a_terminal(filming, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert cli.main(["magnify", "lip.mp4", "--out", str(tmp_path / "film.mp4")]) == cli.OK
    assert "Drawing" in capsys.readouterr().err


def test_doctor_prints_the_table(capsys):
    assert cli.main(["doctor"]) == cli.OK
    assert capsys.readouterr().out.startswith("| What | Found |")


def test_help_lists_every_command_with_what_it_does(capsys):
    assert cli.main(["--help"]) == cli.OK
    listed = [line.split()[0] for line in capsys.readouterr().out.partition("Commands:\n")[2].splitlines()]
    assert listed == [
        *(
            "advise",
            "backup",
            "diary",
            "doctor",
            "magnify",
            "measure",
            "profile",
            "response",
            "restore",
            "simulate",
            "trial",
        ),
        *("triggers", "web"),
    ]


def test_the_web_command_is_loaded_from_its_own_package():
    context = click.Context(cli.philtrum)
    assert cli.philtrum.get_command(context, "web").callback.__module__ == "philtrum.web.command"


def test_simulate_refuses_an_unknown_video_format_and_two_faces_at_once(tmp_path, capsys):
    assert cli.main(["simulate", "--out", str(tmp_path / "lip.txt")]) == cli.BAD_INPUT
    assert "[output-format-unknown]" in capsys.readouterr().err
    both = ["--portrait", "a.png", "--base", "b.mp4"]
    assert cli.main(["simulate", "--out", str(tmp_path / "lip.mp4"), *both]) == cli.BAD_INPUT
    assert "not both" in capsys.readouterr().err


@pytest.mark.slow
def test_a_simulated_clip_is_measured_end_to_end(tmp_path):
    clip = tmp_path / "lip.mp4"
    command = [sys.executable, "-m", "philtrum"]
    subprocess.run([*command, "simulate", "--out", clip, "--twitches", "2", "--seconds", "6"], check=True)
    truth = json.loads((tmp_path / "lip.truth.json").read_text("utf-8"))["twitches"]
    done = subprocess.run([*command, "measure", clip, "--json"], check=True, capture_output=True, text=True)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["clip"]["name"] == "lip.mp4"
    for twitch in truth:
        assert any(abs(other["apex_s"] - twitch["apex_s"]) < 0.15 for other in found["twitches"]), twitch


def test_the_document_of_commands_is_what_the_commands_say():
    render_commands = runpy.run_path(str(ROOT / "docs/generate.py"))["render_commands"]
    assert (ROOT / "docs/commands.md").read_text("utf-8") == render_commands(), "run `make docs`"


def test_a_quiet_clip_is_a_result_like_any_other(measuring, capsys):
    measuring.result = QUIET, trace()
    assert cli.main(["measure", "lip.mp4"]) == cli.OK
    assert "could have shown" in capsys.readouterr().out
