"""People, their clips, and a data folder of its own for every test."""

from __future__ import annotations

import av
import pytest
from django.conf import settings as live_settings
from django.contrib.auth import get_user_model
from django.test import Client
from tests.clips import write_clip
from tests.measurements import TWITCHING, trace

from philtrum.video.scenario import film_scene
from philtrum.video.simulate import Scene, SimTwitch
from philtrum.video.trace import write_trace
from philtrum.web import data
from philtrum.web.clips.models import Clip

# `philtrum web` makes the key in the data folder; without that folder there is none.
live_settings.SECRET_KEY = "only for tests"  # noqa: S105

VIDEO = b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 8


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    """Give the test a data folder of its own."""
    folder = tmp_path / "data"
    for name in data.FOLDERS:
        (folder / name).mkdir(parents=True)
    settings.PHILTRUM_DATA = folder
    settings.FILE_UPLOAD_TEMP_DIR = folder / "uploads"
    settings.STATIC_ROOT = folder / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    return folder


@pytest.fixture
def alice(db):
    """Return the person whose clips the tests are about."""
    return get_user_model().objects.create_user("alice")


@pytest.fixture
def charlie(db):
    """Return a stranger."""
    return get_user_model().objects.create_user("charlie")


def signed_in(person) -> Client:
    """Return a browser in which a person is signed in, checks against forged forms included."""
    client = Client(enforce_csrf_checks=False)
    client.force_login(person)
    return client


@pytest.fixture
def browser(alice):
    """Return Alice's browser."""
    return signed_in(alice)


@pytest.fixture
def add_clip(alice):
    """Return a function that makes a clip of Alice's with its files."""

    def add(measurement=TWITCHING, **values) -> Clip:
        values = {"owner": alice, "name": "lip.mp4", "state": Clip.State.MEASURED, "is_kept": True} | values
        clip = Clip(**values, measurement=measurement.to_dict() if measurement else None)
        clip.folder.mkdir()
        clip.video_path.write_bytes(VIDEO)
        if measurement:
            write_trace(trace(), clip.trace_path)
        if clip.film_state == Clip.FilmState.MADE:
            clip.film_path.write_bytes(VIDEO[::-1])
        clip.save()
        return clip

    return add


@pytest.fixture(scope="session")
def lip_clip(tmp_path_factory):
    """Return a clip of 6 s with three twitches on the left, as a good telephone would film it."""
    twitches = tuple(SimTwitch(onset_s, 0.25, 2.5, side="left") for onset_s in (1.5, 3.0, 4.5))
    path = tmp_path_factory.mktemp("clips") / "lip.mp4"
    film_scene(path, Scene(duration_s=6.0, twitches=twitches, seed=1))
    return path


@pytest.fixture(scope="session")
def long_clip(lip_clip, tmp_path_factory):
    """Return the same, four times over, so that there is time to interrupt."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    pictures = list(read_pictures(lip_clip))
    return write_clip(path, (picture for _ in range(4) for picture in pictures))


def read_pictures(path):
    """Yield the pictures of a clip."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")
