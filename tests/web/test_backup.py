"""Backups: whole or refused, opened by the passphrase only, and in place only when all of it could be read."""

from __future__ import annotations

import io
import sqlite3
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from philtrum import cli
from philtrum.web import backup
from philtrum.web.backup import BackupError, restore_backup, write_backup
from philtrum.web.instance import Lock

PASSPHRASE = "correct horse battery staple"  # noqa: S105
VIDEO = bytes(range(256)) * 12_000  # three pieces


@pytest.fixture(autouse=True)
def quick_key(monkeypatch):
    """Derive keys fast; one test below looks at the true strength."""
    monkeypatch.setattr(backup, "_SCRYPT_N", 2**4)


@pytest.fixture
def folder(tmp_path):
    """Return a data folder with a diary and a kept clip, as its owner alone can read it."""
    path = tmp_path / "data"
    (path / "clips" / "one").mkdir(parents=True)
    (path / "clips" / "one" / "video").write_bytes(VIDEO)
    (path / "secret-key").write_text("secret")
    write_rows(path, ["monday", "tuesday"])
    return path


def write_rows(folder, words):
    with sqlite3.connect(folder / "philtrum.sqlite3") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS words (word TEXT)")
        database.executemany("INSERT INTO words VALUES (?)", [(word,) for word in words])
    database.close()


def rows(folder):
    with sqlite3.connect(folder / "philtrum.sqlite3") as database:
        found = [word for (word,) in database.execute("SELECT word FROM words")]
    database.close()
    return found


def backed_up(folder, passphrase=PASSPHRASE):
    file = io.BytesIO()
    write_backup(folder, file, passphrase)
    return file.getvalue()


def restored(content, folder, passphrase=PASSPHRASE, **options):
    return restore_backup(io.BytesIO(content), passphrase, folder, **options)


def test_what_is_restored_is_what_was_there(folder, tmp_path):
    assert restored(backed_up(folder), tmp_path / "new") is None
    assert rows(tmp_path / "new") == ["monday", "tuesday"]
    assert (tmp_path / "new" / "clips" / "one" / "video").read_bytes() == VIDEO
    assert not (tmp_path / "new" / "secret-key").exists(), "sessions of the old machine do not open the new one"


def test_what_is_restored_is_the_owners_alone(folder, tmp_path):
    (folder / "clips" / "one" / "video").chmod(0o666)
    restored(backed_up(folder), tmp_path / "new")
    for path in (tmp_path / "new", *(tmp_path / "new").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_backup_tells_nothing_without_its_passphrase(folder):
    content = backed_up(folder)
    for word in (b"monday", b"philtrum.sqlite3", b"clips", VIDEO[:64]):
        assert word not in content
    assert content.startswith(b"philtrum backup 1\n")
    assert backed_up(folder) != backed_up(folder), "never the same key or nonce twice"


def test_rows_that_are_written_during_the_backup_do_not_break_it(folder, tmp_path):
    with sqlite3.connect(folder / "philtrum.sqlite3") as writer:
        writer.execute("INSERT INTO words VALUES ('wednesday')")
        content = backed_up(folder)
    writer.close()
    restored(content, tmp_path / "new")
    assert rows(tmp_path / "new") == ["monday", "tuesday"], "as it was before the unfinished change"


def test_the_wrong_passphrase_opens_nothing_and_changes_nothing(folder, tmp_path):
    content = backed_up(folder)
    with pytest.raises(BackupError, match="backup-wrong-passphrase"):
        restored(content, tmp_path / "new", "correct horse battery stable")
    assert not (tmp_path / "new").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["data"], "no half-restored folder is left"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content[:-1000],
        lambda content: content[: 41 + 2 * (backup._PIECE_BYTES + 16)],  # whole pieces, but the last is missing
        lambda content: content + b"x",
        lambda content: content[:-500] + bytes([content[-500] ^ 1]) + content[-499:],
        lambda content: content[:41] + content[41 + backup._PIECE_BYTES + 16 :],
    ],
    ids=["a byte short", "cut off", "last piece missing", "a byte too many", "a bit turned", "first piece missing"],
)
def test_a_damaged_backup_is_refused_as_a_whole(folder, tmp_path, spoil):
    with pytest.raises(BackupError, match=r"backup-damaged|backup-wrong-passphrase"):
        restored(spoil(backed_up(folder)), folder, replaces=True)
    assert rows(folder) == ["monday", "tuesday"]
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@settings(deadline=None, max_examples=40)
@given(content=st.binary(max_size=300))
def test_any_other_file_is_refused(tmp_path_factory, content):
    target = tmp_path_factory.mktemp("restore") / "new"
    with pytest.raises(BackupError, match=r"backup-not-one|backup-damaged|backup-wrong-passphrase"):
        restored(content, target)
    with pytest.raises(BackupError, match=r"backup-damaged|backup-wrong-passphrase"):
        restored(b"philtrum backup 1\n" + content, target)
    assert not target.exists()


def test_pieces_of_another_backup_with_the_same_passphrase_do_not_fit(folder, tmp_path):
    one, other = backed_up(folder), backed_up(folder)
    size = 41 + backup._PIECE_BYTES + 16
    with pytest.raises(BackupError, match="backup-damaged"):
        restored(one[:size] + other[size:], tmp_path / "new")


def test_data_that_are_there_are_replaced_only_on_request_and_moved_aside(folder):
    content = backed_up(folder)
    write_rows(folder, ["thursday"])
    with pytest.raises(BackupError, match="restore-data-present"):
        restored(content, folder)
    aside = restored(content, folder, replaces=True)
    assert rows(folder) == ["monday", "tuesday"]
    assert rows(aside) == ["monday", "tuesday", "thursday"]
    assert aside.parent == folder.parent


def test_nothing_is_restored_under_a_running_philtrum(folder):
    content = backed_up(folder)
    lock = Lock(folder / "server.lock")
    assert lock.take()
    try:
        with pytest.raises(BackupError, match="restore-in-use"):
            restored(content, folder, replaces=True)
    finally:
        lock.release()


def test_a_short_passphrase_and_an_empty_folder_are_refused(folder, tmp_path):
    with pytest.raises(BackupError, match="backup-passphrase-short"):
        backed_up(folder, "too short")
    with pytest.raises(BackupError, match="backup-nothing-there"):
        backed_up(tmp_path)


def test_guessing_a_passphrase_costs_what_owasp_names(monkeypatch):
    monkeypatch.undo()
    assert (backup._SCRYPT_N, backup._SCRYPT_R, backup._SCRYPT_P) == (2**17, 8, 1)
    assert len(backup._key(PASSPHRASE, b"salt" * 4)) == 32


def test_the_commands_write_check_and_restore(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    phrase = ["--passphrase-file", str(tmp_path / "passphrase")]
    file = str(tmp_path / "my.backup")
    monkeypatch.setenv("PHILTRUM_DATA", str(folder))
    assert cli.main(["backup", "--out", file, *phrase]) == cli.OK
    assert cli.main(["restore", file, "--check", *phrase]) == cli.OK
    assert "whole" in capsys.readouterr().out
    assert cli.main(["restore", file, *phrase]) == cli.BAD_INPUT
    assert "[restore-data-present]" in capsys.readouterr().err
    monkeypatch.setenv("PHILTRUM_DATA", str(tmp_path / "elsewhere"))
    assert cli.main(["restore", file, *phrase]) == cli.OK
    assert rows(tmp_path / "elsewhere") == ["monday", "tuesday"]


def test_a_backup_that_fails_leaves_no_file(tmp_path, monkeypatch, capsys):
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    monkeypatch.setenv("PHILTRUM_DATA", str(tmp_path / "nothing"))
    arguments = ["backup", "--out", str(tmp_path / "my.backup"), "--passphrase-file", str(tmp_path / "passphrase")]
    assert cli.main(arguments) == cli.BAD_INPUT
    assert "[backup-nothing-there]" in capsys.readouterr().err
    assert not (tmp_path / "my.backup").exists()
