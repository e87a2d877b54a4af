import runpy
import zipfile
from pathlib import Path

import pytest

from philtrum.errors import SetupError
from philtrum.video import networks

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hook(monkeypatch, tmp_path):
    """The build hook's functions, and networks that lie in an empty folder of their own."""
    functions = runpy.run_path(str(ROOT / "hatch_build.py"))
    own = runpy.run_path(networks.__file__) | {"FOLDER": tmp_path / "networks"}
    return functions, own


@pytest.mark.parametrize("name", [name for name in networks.FILES if name.endswith(".tflite")])
def test_an_installed_network_is_read_in_tensorflow_lite_format(name):
    assert networks.read_network(name)[4:8] == b"TFL3"


def test_a_missing_network_says_what_to_run(tmp_path):
    with pytest.raises(SetupError, match="make setup") as caught:
        networks.read_network("face_landmark.tflite", folder=tmp_path)
    assert caught.value.id == "networks-missing"
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("damage", [lambda whole: whole[:-1], lambda whole: b"\0" + whole[1:], lambda whole: b""])
def test_a_damaged_network_is_refused(tmp_path, damage):
    name = "face_detection_short_range.tflite"
    (tmp_path / name).write_bytes(damage(networks.read_network(name)))
    with pytest.raises(SetupError, match="damaged") as caught:
        networks.read_network(name, folder=tmp_path)
    assert caught.value.id == "networks-missing"


def test_the_hook_takes_the_networks_out_of_the_wheel(hook, monkeypatch):
    functions, own = hook
    monkeypatch.setitem(functions["_fetch"].__globals__, "_download", _download_from_this_installation)
    functions["_fetch"](own)
    for name in own["FILES"]:
        assert functions["_is_whole"](own, name)
    assert sorted(path.name for path in own["FOLDER"].iterdir()) == sorted(own["FILES"])


def test_the_hook_refuses_a_wheel_with_other_files_and_writes_nothing(hook, monkeypatch):
    functions, own = hook
    monkeypatch.setitem(functions["_fetch"].__globals__, "_download", _download_of_something_else)
    with pytest.raises(RuntimeError, match=r"\[networks-missing\]"):
        functions["_fetch"](own)
    assert list(own["FOLDER"].iterdir()) == []


def test_a_download_that_fails_says_what_to_do(hook, monkeypatch, tmp_path):
    functions, own = hook
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(RuntimeError, match="Check the network connection"):
        functions["_download"](own, tmp_path)


def _download_from_this_installation(own, folder):
    with zipfile.ZipFile(folder / "mediapipe.whl", "w") as wheel:
        for name, network in own["FILES"].items():
            wheel.writestr(network.member, networks.read_network(name))


def _download_of_something_else(own, folder):
    with zipfile.ZipFile(folder / "mediapipe.whl", "w") as wheel:
        for network in own["FILES"].values():
            wheel.writestr(network.member, b"something else")
