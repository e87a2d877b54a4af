"""`philtrum web` as a process: starting, signing in, stopping, and being killed in the middle of a clip."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time

import pytest
from tests.clips import write_sound

from philtrum.web import server as philtrum_server

from .serving import COMMAND, Visitor, processes_using, serving, wait_for

CANARY = "Grandmother-Wilhelmine-1931"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a server that the tests of this file share."""
    with serving(tmp_path_factory.mktemp("served") / "data") as running:
        yield running


@pytest.fixture
def visitor(server):
    """Return a person who has signed in to it."""
    return Visitor(server)


def rows(server, columns):
    with sqlite3.connect(f"file:{server.folder}/philtrum.sqlite3?mode=ro", uri=True) as connection:
        found = connection.execute(f"SELECT {columns} FROM clips_clip ORDER BY added_at").fetchall()  # noqa: S608
    connection.close()
    return found


def test_the_printed_link_signs_in_once(server, visitor):
    assert visitor.read("/")[0] == 200
    link = server.new_link()
    assert visitor.read(link)[0] == 200
    assert visitor.read(link)[0] == 403


def test_a_second_start_gives_a_new_link_to_the_same_server(server):
    link = server.new_link()
    assert link.startswith(server.base)
    assert link != server.link
    assert server.process.poll() is None


def test_nothing_listens_on_other_addresses_of_this_machine(server):
    port = int(server.base.rpartition(":")[2])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=2)


def test_a_request_for_another_host_name_is_refused(visitor):
    assert visitor.read("/", headers={"Host": "evil.example"})[0] == 400


def test_static_files_have_a_digest_in_their_name_and_stay_in_the_cache(visitor):
    page = visitor.read("/")[1]
    style = re.search(r'href="(/static/philtrum/app\.[0-9a-f]{12}\.css)"', page).group(1)
    with visitor.opener.open(visitor.base + style) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_server_does_not_say_what_it_is_made_of(visitor):
    with visitor.opener.open(visitor.base + "/") as answer:
        assert "Server" not in answer.headers


def test_every_file_and_folder_is_the_owners_alone(server):
    for path in (server.folder, *server.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("dear diary"),
        lambda path: write_sound(path),
        lambda path: path.write_bytes(bytes(100_000)),
    ],
    ids=["text", "sound only", "zeros"],
)
def test_what_is_not_a_video_is_told_on_a_page_and_its_file_is_deleted(server, visitor, tmp_path, make):
    make(tmp_path / "lip.mp4")
    visitor.upload(tmp_path / "lip.mp4", keep="on")
    page = visitor.wait_for_result(visitor.address)
    assert "could not be measured" in page
    assert re.search(r"\[clip-[a-z-]+\]", page)
    assert list((server.folder / "clips").rglob("video")) == []


def test_the_content_decides_and_not_the_name(visitor, lip_clip):
    visitor.upload(lip_clip, name="notes.txt")
    assert "could be judged" in visitor.wait_for_result(visitor.address)


def test_no_name_of_a_file_and_no_token_reaches_a_log(server, visitor, tmp_path):
    (tmp_path / "text").write_text(f"{CANARY} wrote this")
    visitor.upload(tmp_path / "text", name=f"{CANARY}.mp4")
    assert CANARY in visitor.wait_for_result(visitor.address)
    visitor.read(f"/clips/{CANARY}")
    visitor.read("/clips/", data=b"broken", headers={"Content-Type": "multipart/form-data"})
    assert CANARY not in server.said()
    assert len(re.findall("/sign-in/", server.said())) == 1  # the link for the person, and no other line


def test_ctrl_c_ends_the_server_and_everything_it_started(tmp_path):
    with serving(tmp_path / "data") as server:
        wait_for(lambda: len(processes_using(server.folder)) == 2, within_s=10)
        assert server.stop(signal.SIGINT) == 0
        assert processes_using(server.folder) == []
        assert "Traceback" not in server.said()


def test_stopping_while_the_worker_starts_leaves_none_behind(monkeypatch):
    started = []

    def start_slowly():
        started.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        time.sleep(0.5)
        return started[0]

    monkeypatch.setattr(philtrum_server, "_start_worker", start_slowly)
    with philtrum_server._worker():
        wait_for(lambda: started, within_s=5)
    assert started[0].poll() is not None


def test_a_worker_that_dies_is_replaced(tmp_path):
    with serving(tmp_path / "data") as server:
        worker = wait_for(lambda: workers(server), within_s=10)[0]
        os.kill(worker, signal.SIGKILL)
        assert wait_for(lambda: [pid for pid in workers(server) if pid != worker], within_s=20)


def workers(server):
    listed = subprocess.run(
        ["/bin/ps", "-o", "pid=,args=", "--ppid", str(server.process.pid)], capture_output=True, text=True
    )  # fmt: skip
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "philtrum.web.worker" in line]


def test_data_of_a_newer_version_is_left_alone(tmp_path):
    with serving(tmp_path / "data") as server:
        pass
    connection = sqlite3.connect(server.folder / "philtrum.sqlite3")
    connection.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('clips', '9999_future', '2030-01-01')"
    )
    connection.commit()
    connection.close()
    ran = subprocess.run((*COMMAND, "0"), env=server.environment, capture_output=True, text=True)
    assert ran.returncode != 0
    assert "data-from-newer-version" in ran.stderr


def test_the_address_answers_from_the_moment_it_is_known():
    with philtrum_server._listen(0) as listener, socket.create_connection(listener.getsockname(), timeout=5):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("what", ["the server", "everything"])
def test_a_clip_is_measured_once_after_a_kill_in_the_middle(tmp_path, long_clip, what):
    with serving(tmp_path / "data") as first:
        Visitor(first).upload(long_clip)
        wait_for(lambda: [state for (state,) in rows(first, "state") if state == "measuring"], within_s=20)
        victims = [first.process.pid] if what == "the server" else [first.process.pid, *workers(first)]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        first.process.wait()
        wait_for(lambda: processes_using(first.folder) == [], within_s=20)
    assert [state for (state,) in rows(first, "state")] == ["waiting" if what == "the server" else "measuring"]
    with serving(tmp_path / "data") as second:
        visitor = Visitor(second)
        address = re.search(r"/clips/[0-9a-f-]{36}/", visitor.read("/film/")[1]).group()
        assert "could be judged" in visitor.wait_for_result(address)
        expected_attempts = 1 if what == "the server" else 2
        assert rows(second, "state, n_attempts") == [("measured", expected_attempts)]
        assert list((second.folder / "clips").rglob("video")) == []


def test_removing_a_clip_under_way_stops_its_child(tmp_path, long_clip):
    with serving(tmp_path / "data") as server:
        visitor = Visitor(server)
        visitor.upload(long_clip)
        address = visitor.address
        wait_for(lambda: len(processes_using(server.folder)) == 3, within_s=20)
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', visitor.read(address)[1]).group(1)
        visitor.read(
            f"{address}cancel", data=f"csrfmiddlewaretoken={token}".encode(), headers={"Origin": server.base}
        )  # fmt: skip
        wait_for(lambda: len(processes_using(server.folder)) == 2, within_s=5)
        assert rows(server, "state") == []
        wait_for(lambda: list((server.folder / "clips").iterdir()) == [], within_s=5)
