from dataclasses import replace

from tests.measurements import QUIET, REFUSED, TWITCHING

from philtrum.report.text import render_text
from philtrum.video.measurement import Pattern


def test_red_flags_come_before_everything_else():
    for measurement in (TWITCHING, QUIET, REFUSED):
        assert render_text(measurement).startswith("If one side of the face suddenly droops")
        assert "call your emergency number now" in render_text(measurement).splitlines()[1]


def test_the_text_says_how_many_twitches_in_how_much_time():
    lines = render_text(TWITCHING).splitlines()[3:]
    assert lines[0] == "lip.mp4"
    assert lines[2].startswith("2 twitches of the upper lip found in 8.0 s")
    assert lines[3] == "That is 15.0 per observed minute, mostly left. Pattern: isolated."


def test_every_twitch_has_a_row_with_its_start_length_size_side_and_partners():
    rows = [
        line for line in render_text(TWITCHING).splitlines() if line.endswith("lower eyelid left") or "middle" in line
    ]
    assert rows[0].split() == ["1.00", "0.25", "1.50", "1.3", "left", "clearly", "lower", "eyelid", "left"]
    assert rows[1].split() == ["5.00", "0.20", "1.50", "1.3", "middle", "clearly"]


def test_finding_nothing_tells_the_smallest_twitch_that_could_have_been_seen():
    text = render_text(QUIET)
    assert "No twitch of the upper lip found in 9.5 s" in text
    assert "smallest twitch that this clip could have shown is 0.31 %" in text
    assert "per observed minute" not in text


def test_a_refused_clip_says_why_and_what_would_help_most():
    text = render_text(REFUSED)
    assert "This clip cannot be measured." in text
    assert "- The face is dark. [too-dark]" in text
    assert "What would help most: Turn on a lamp in front of you." in text
    assert "found in" not in text


def test_a_rhythm_is_told_with_its_frequency():
    rhythmic = replace(TWITCHING, pattern=Pattern("rhythmic", 4.2, 0.9, ()))
    assert "Pattern: rhythmic at 4.2 per second." in render_text(rhythmic)


def test_excluded_time_is_added_up_by_reason():
    assert "Not counted: 2.0 s of speech." in render_text(TWITCHING)
