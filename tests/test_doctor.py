import getpass
import platform
from pathlib import Path

import pytest

from philtrum import doctor
from philtrum.video import networks


def test_the_description_is_a_markdown_table_of_two_columns():
    lines = doctor.describe_installation().splitlines()
    assert lines[:2] == ["| What | Found |", "| --- | --- |"]
    assert all(line.startswith("| ") and line.endswith(" |") and line.count(" | ") == 1 for line in lines)


def test_the_description_names_python_and_every_library_with_its_version():
    text = doctor.describe_installation()
    assert platform.python_version() in text
    for name in doctor.LIBRARIES:
        assert f"| {name} | " in text
    assert f"| numpy | {doctor.version('numpy')} |" in text


def test_the_description_holds_no_path_and_no_name_of_person_or_machine(monkeypatch, tmp_path):
    monkeypatch.setattr(networks, "FOLDER", tmp_path / getpass.getuser())
    text = doctor.describe_installation()
    for private in (str(Path.home()), str(Path.cwd()), platform.node()):
        assert private not in text
    assert "/home/" not in text


def test_a_library_that_is_absent_is_said_to_be_not_installed(monkeypatch):
    monkeypatch.setattr(doctor, "LIBRARIES", ("no-such-library",))
    assert "| no-such-library | not installed |" in doctor.describe_installation()


def test_missing_face_networks_are_reported_with_the_way_out(monkeypatch, tmp_path):
    read = networks.read_network
    monkeypatch.setattr(networks, "read_network", lambda name: read(name, folder=tmp_path))
    assert "make setup" in doctor.describe_installation()


@pytest.mark.parametrize("codec", ["H.264", "HEVC", "VP9", "AV1", "MJPEG"])
def test_the_codecs_of_phones_and_browsers_can_be_read(codec):
    assert f"{codec} yes" in doctor.describe_installation()
