"""Nothing is lost and nothing is double: server and worker killed at random moments, two tabs, a full disk."""

from __future__ import annotations

import json
import random
import re
import signal
import sqlite3
import sys
import threading
import time
import urllib.parse
from uuid import uuid4

import pytest

from .serving import Server, Visitor, processes_using, wait_for

pytestmark = pytest.mark.slow

N_WRITES, N_KILLS = 200, 4


class Tab:
    """An outbox as the pages' script has it: an id of its own for each spell, sent until there is an answer."""

    def __init__(self, server: Server) -> None:
        self.visitor = Visitor(server)
        self.token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.visitor.read("/")[1]).group(1)

    def send(self, id: str, *, within_s: float = 60) -> int:
        """Send a spell until it is acknowledged; return how often that took."""
        fields = {"id": id, "csrfmiddlewaretoken": self.token, "minutes_ago": "5"}
        headers = {"Accept": "application/json", "Origin": self.visitor.base}
        deadline = time.monotonic() + within_s
        for n_sent in range(1, 10_000):
            try:
                body = urllib.parse.urlencode(fields).encode()
                status, text = self.visitor.read("/log", data=body, headers=headers, method="POST")
                if status == 200:
                    assert json.loads(text) == {"ok": True, "id": id}
                    return n_sent
            except OSError:
                pass
            assert time.monotonic() < deadline, "no answer"
            time.sleep(0.05)
        raise AssertionError


def stored(folder):
    with sqlite3.connect(folder / "philtrum.sqlite3", timeout=20) as database:
        (state,) = database.execute("PRAGMA integrity_check").fetchone()
        ids = [row[0] for row in database.execute("SELECT record_id FROM diary_entry ORDER BY record_id")]
    database.close()
    return state, ids


def kill_all(server):
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(30)


def test_what_was_acknowledged_survives_kills_at_random_moments_once(tmp_path):
    rng = random.Random(20260331)  # noqa: S311 - moments, not secrets
    folder = tmp_path / "data"
    server = Server(folder)
    port = server.base.rpartition(":")[2]
    tab = Tab(server)
    ids = [str(uuid4()) for _ in range(N_WRITES)]
    acknowledged: list[str] = []

    def write():
        for id in ids:
            tab.send(id)
            acknowledged.append(id)

    writer = threading.Thread(target=write)
    writer.start()
    for kill in range(N_KILLS):
        wait_for(lambda kill=kill: len(acknowledged) > kill * N_WRITES // (N_KILLS + 1), within_s=180)
        time.sleep(rng.uniform(0, 0.15))
        before = list(acknowledged)
        kill_all(server)
        state, found = stored(folder)
        assert state == "ok"
        assert {id.replace("-", "") for id in before} <= set(found), "acknowledged means stored"
        server = Server(folder, port=port)
    writer.join(120)
    try:
        state, found = stored(folder)
        assert state == "ok"
        assert sorted(found) == sorted(id.replace("-", "") for id in ids), "nothing lost, nothing double"
    finally:
        server.stop()
    wait_for(lambda: not processes_using(folder), within_s=30)


def test_two_tabs_that_write_at_once_lose_nothing(tmp_path):
    server = Server(tmp_path / "data")
    try:
        tabs = [Tab(server), Tab(server)]
        own = [[str(uuid4()) for _ in range(25)] for _ in tabs]
        shared = [str(uuid4()) for _ in range(25)]

        def write(tab, ids):
            for mine, ours in zip(ids, shared, strict=True):
                tab.send(mine)
                tab.send(ours)

        threads = [threading.Thread(target=write, args=pair) for pair in zip(tabs, own, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        state, found = stored(server.folder)
        assert state == "ok"
        wanted = [id.replace("-", "") for ids in (*own, shared) for id in ids]
        assert sorted(found) == sorted(wanted), "what both sent is there once"
    finally:
        server.stop()


def test_words_of_the_diary_are_in_no_log(tmp_path):
    server = Server(tmp_path / "data")
    try:
        visitor = Visitor(server)
        page = visitor.read("/more/questions")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
        for address, fields in {
            "/entries/new/event": {"on": "2026-03-01", "what": "canary-in-an-event"},
            "/entries/new/treatment": {"on": "no date", "method": "canary-in-a-mistake"},
            "/more/questions/add": {"label": "canary-question"},
            "/nothing/canary-address": {"x": "canary-form"},
        }.items():
            body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
            visitor.read(address, data=body, headers={"Origin": server.base}, method="POST")
        with sqlite3.connect(server.folder / "philtrum.sqlite3") as database:
            database.execute('UPDATE diary_entry SET data = \'{"kind": "canary-broken"}\'')
        database.close()
        assert visitor.read("/more/")[0] == 500, "the fault that this test needs"
    finally:
        server.stop()
    assert "RecordError" in server.said(), "what went wrong, and where, is logged"
    assert "plain.py" in server.said()
    assert "canary" not in server.said()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to limit a running process")
def test_a_full_disk_refuses_the_tap_keeps_what_is_there_and_takes_it_when_there_is_room(tmp_path):
    """No file of the server may grow, which is what a full disk looks like to it."""
    import resource

    server = Server(tmp_path / "data")
    try:
        tab, ids = Tab(server), [str(uuid4()) for _ in range(3)]
        tab.send(ids[0])
        for id in ids[1:]:
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            with pytest.raises(AssertionError, match="no answer"):
                tab.send(id, within_s=0.5)
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            assert tab.send(id) == 1
        assert stored(server.folder) == ("ok", sorted(id.replace("-", "") for id in ids))
    finally:
        server.stop()
