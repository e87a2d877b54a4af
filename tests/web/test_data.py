"""The data folder: made once, for its owner only, and used by one server at a time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import zoneinfo

import pytest

from philtrum.errors import SetupError
from philtrum.web import data
from philtrum.web.instance import Lock


@pytest.fixture(autouse=True)
def restored():
    """Put back what `prepare` changes for the whole process."""
    umask, folder = os.umask(0o022), tempfile.tempdir
    yield
    os.umask(umask)
    tempfile.tempdir = folder


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_and_the_key_are_their_owners_alone(tmp_path):
    folder = tmp_path / "deep" / "data"
    data.prepare(folder)
    assert mode(folder) == mode(folder / "clips") == 0o700
    assert mode(folder / "secret-key") == 0o600


def test_an_open_folder_is_closed(tmp_path):
    tmp_path.chmod(0o755)
    data.prepare(tmp_path)
    assert mode(tmp_path) == 0o700


def test_the_key_is_made_once_and_is_long(tmp_path):
    assert data.secret_key(tmp_path) == ""
    data.prepare(tmp_path)
    key = data.secret_key(tmp_path)
    data.prepare(tmp_path)
    assert data.secret_key(tmp_path) == key
    assert len(key) >= 50


def test_a_folder_that_cannot_be_used_is_an_error_with_advice(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SetupError) as caught:
        data.prepare(tmp_path / "file" / "data")
    assert caught.value.id == "data-folder-unusable"


def test_the_environment_chooses_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("PHILTRUM_DATA", str(tmp_path))
    assert data.data_dir() == tmp_path
    monkeypatch.delenv("PHILTRUM_DATA")
    assert data.data_dir().name == "philtrum"


def test_the_time_zone_is_the_machines_and_always_a_real_one(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert data.local_zone() == "Asia/Tokyo"
    monkeypatch.setenv("TZ", "nonsense")
    assert data.local_zone() in zoneinfo.available_timezones()


def test_a_lock_has_one_holder_and_is_free_again_when_that_one_dies(tmp_path):
    code = f"""
import sys; from pathlib import Path; from philtrum.web.instance import Lock
lock = Lock(Path({str(tmp_path / "lock")!r})); print(lock.take(), flush=True); sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "True\n"
        lock = Lock(tmp_path / "lock")
        assert not lock.take()
        holder.kill()
        assert lock.take(patience_s=5)
        lock.release()
