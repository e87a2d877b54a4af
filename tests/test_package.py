import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import philtrum
from philtrum.video import networks

ROOT = Path(__file__).parents[1]
NETWORKS = {f"philtrum/video/networks/{name}" for name in networks.FILES}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An sdist, and the wheel made from it, without any network."""
    folder = tmp_path_factory.mktemp("dist")
    offline = os.environ | {"PIP_NO_INDEX": "1"}
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
    done = subprocess.run(command, env=offline, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_holds_the_networks_templates_and_type_marker(built):
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        for name in networks.FILES:
            assert networks.is_whole(name, wheel.read(f"philtrum/video/networks/{name}"))
    here = {
        str(file.relative_to(ROOT / "src"))
        for file in (ROOT / "src/philtrum").rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    assert NETWORKS <= here
    assert here <= names


def test_the_wheel_carries_both_licences_and_the_notice(built):
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        (folder,) = {name.partition("/licenses/")[0] for name in wheel.namelist() if ".dist-info/licenses/" in name}
        assert wheel.read(f"{folder}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        assert b"The MediaPipe Authors" in wheel.read(f"{folder}/licenses/NOTICE")
        assert b"Apache License" in wheel.read("philtrum/video/networks/LICENSE")


def test_the_sdist_holds_the_networks_so_that_it_builds_without_network(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {name.partition("/src/")[2] for name in sdist.getnames()}
    assert NETWORKS <= names


def test_the_version_is_the_newest_heading_of_the_changelog(built):
    (path,) = built.glob("*.whl")
    headings = [line[3:] for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines() if line.startswith("## ")]
    assert path.name.split("-")[1] == headings[0] == philtrum.__version__
