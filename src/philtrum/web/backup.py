r"""Backups: all of a data folder in one file that only a passphrase opens.

Format, in this order::

    "philtrum backup 1\n"    so that a person who finds the file knows what it is
    16 bytes                 salt
    7 bytes                  start of every nonce
    pieces                   a tar of the folder, encrypted in pieces of 1 MiB + 16 bytes

The key is scrypt (RFC 7914) of the passphrase with N = 2^17, r = 8, p = 1, the
strength that OWASP names. Each piece is AES-256-GCM; its nonce is the start, a
counter of 4 bytes and one byte that is 1 in the last piece only (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): pieces cannot be
exchanged, left out or cut off unnoticed, and memory stays flat.

The database is copied by SQLite itself, so a running server does not disturb
it. The key that signs sessions is not part of a backup: after a restore
everybody signs in anew.
"""

from __future__ import annotations

import secrets
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from philtrum.errors import PhiltrumError
from philtrum.web.instance import Lock

LEAST_PASSPHRASE = 10

_MAGIC = b"philtrum backup 1\n"
_SALT_BYTES, _START_BYTES, _PIECE_BYTES, _TAG_BYTES = 16, 7, 1 << 20, 16
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**17, 8, 1  # OWASP Password Storage Cheat Sheet, 2023
_DATABASE = "philtrum.sqlite3"
_FOLDERS = ("clips",)


class BackupError(PhiltrumError, ValueError):
    """A backup that cannot be made or read back."""


def write_backup(folder: Path, file: BinaryIO, passphrase: str) -> None:
    """Write all that a data folder holds into a file, encrypted.

    Parameters
    ----------
    folder : Path
        The data folder; philtrum may be running on it.
    file : binary file
        Where to write; it is a backup only when all of it is written.
    passphrase : str
        At least `LEAST_PASSPHRASE` characters. Nobody can open the file without it.

    Raises
    ------
    BackupError: ``backup-passphrase-short``, ``backup-nothing-there``.
    """
    if len(passphrase) < LEAST_PASSPHRASE:
        what = f"The passphrase has {len(passphrase)} characters; at least {LEAST_PASSPHRASE} are needed."
        raise BackupError("backup-passphrase-short", what, "Use four or five unrelated words.")
    if not (folder / _DATABASE).is_file():
        what = "There is nothing to back up yet."
        raise BackupError("backup-nothing-there", what, "Start philtrum once: philtrum web.")
    salt, start = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_START_BYTES)
    file.write(_MAGIC + salt + start)
    sealed = _Sealer(file, _key(passphrase, salt), start)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        snapshot = Path(work) / _DATABASE
        _copy_database(folder / _DATABASE, snapshot)
        with tarfile.open(fileobj=cast(BinaryIO, sealed), mode="w|") as pack:
            pack.add(snapshot, _DATABASE, filter=_owners_alone)
            for name in _FOLDERS:
                if (folder / name).is_dir():
                    pack.add(folder / name, name, filter=_owners_alone)
    sealed.finish()


def restore_backup(file: BinaryIO, passphrase: str, folder: Path, *, replaces: bool = False) -> Path | None:
    """Read a backup into a data folder; nothing is changed unless all of it can be read.

    Parameters
    ----------
    file : binary file
        A backup.
    passphrase : str
        The one it was made with.
    folder : Path
        The data folder; it may be absent.
    replaces : bool
        Put the backup in the place of data that are there; they are moved aside.

    Returns
    -------
    Path or None
        Where the earlier data are now.

    Raises
    ------
    BackupError: ``backup-not-one``, ``backup-wrong-passphrase``, ``backup-damaged``, ``restore-data-present``,
        ``restore-in-use``.
    """
    if (folder / _DATABASE).exists() and not replaces:
        what = "There are data of philtrum already."
        raise BackupError("restore-data-present", what, "Add --replace to put the backup in their place.")
    lock = Lock(folder / "server.lock")
    if folder.is_dir() and not lock.take():
        raise BackupError("restore-in-use", "philtrum is running on these data.", "Stop it with Ctrl-C first.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-restore-") as work:
            restored = Path(work) / "data"
            restored.mkdir(mode=0o700)
            _unpack(file, passphrase, restored)
            _check_database(restored / _DATABASE)
            return _put_in_place(restored, folder)
    finally:
        lock.release()


def _put_in_place(restored: Path, folder: Path) -> Path | None:
    aside = None
    if folder.exists():
        aside = folder.with_name(f"{folder.name}-before-{datetime.now().astimezone():%Y%m%d-%H%M%S}")
        folder.rename(aside)
    restored.rename(folder)
    if aside is not None and not (aside / _DATABASE).exists():  # a folder of locks and nothing else
        for leftover in aside.glob("*.lock"):
            leftover.unlink()
        with suppress(OSError):
            aside.rmdir()
            return None
    return aside


def _owners_alone(part: tarfile.TarInfo) -> tarfile.TarInfo:
    """Drop the name of the person's account, and let only the owner read what is restored."""
    part.uid = part.gid = 0
    part.uname = part.gname = ""
    part.mode = 0o700 if part.isdir() else 0o600
    return part


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _check_database(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as database:
            state = database.execute("PRAGMA integrity_check").fetchone()[0] if path.is_file() else "missing"
    except sqlite3.DatabaseError:
        state = "unreadable"
    if state != "ok":
        raise _damaged()


def _unpack(file: BinaryIO, passphrase: str, folder: Path) -> None:
    if file.read(len(_MAGIC)) != _MAGIC:
        what = "This file is no backup of philtrum."
        raise BackupError("backup-not-one", what, "Choose a file that `philtrum backup` has written.")
    salt, start = file.read(_SALT_BYTES), file.read(_START_BYTES)
    try:
        opened = cast(BinaryIO, _Opener(file, _key(passphrase, salt), start))
        with tarfile.open(fileobj=opened, mode="r|") as pack:
            pack.extractall(folder, filter=_plain_and_owners_alone)  # noqa: S202 - filtered, and of our own making
    except tarfile.TarError as error:
        raise _damaged() from error


def _plain_and_owners_alone(part: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    """Take plain files and folders inside the folder only, as Python's own filter does, readable by the owner."""
    return _owners_alone(tarfile.data_filter(part, folder))


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt, 32, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P).derive(passphrase.encode())


def _nonce(start: bytes, number: int, *, is_last: bool) -> bytes:
    return start + number.to_bytes(4, "big") + bytes([is_last])


def _damaged() -> BackupError:
    what = "This backup is damaged or not whole."
    return BackupError("backup-damaged", what, "Use another copy of it; nothing was changed.")


class _Sealer:
    """A file to write into: what comes in goes out encrypted, piece by piece."""

    def __init__(self, file: BinaryIO, key: bytes, start: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._file, self._cipher, self._start = file, AESGCM(key), start
        self._waiting = bytearray()
        self._n_pieces = 0

    def write(self, content: bytes) -> int:
        self._waiting += content
        while len(self._waiting) > _PIECE_BYTES:  # the last piece is never empty, and is known only at the end
            self._seal(bytes(self._waiting[:_PIECE_BYTES]), is_last=False)
            del self._waiting[:_PIECE_BYTES]
        return len(content)

    def finish(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._start, self._n_pieces, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, piece, _MAGIC))
        self._n_pieces += 1


class _Opener:
    """A file to read from: pieces are checked and decrypted as they are asked for."""

    def __init__(self, file: BinaryIO, key: bytes, start: bytes) -> None:
        self._pieces = self._open(file, key, start)
        self._waiting = bytearray()

    def read(self, n_bytes: int) -> bytes:
        while len(self._waiting) < n_bytes:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._waiting += piece
        content = bytes(self._waiting[:n_bytes])
        del self._waiting[:n_bytes]
        return content

    @staticmethod
    def _open(file: BinaryIO, key: bytes, start: bytes) -> Iterator[bytes]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        cipher, number = AESGCM(key), 0
        piece = file.read(_PIECE_BYTES + _TAG_BYTES)
        while piece:
            following = file.read(_PIECE_BYTES + _TAG_BYTES)
            try:
                yield cipher.decrypt(_nonce(start, number, is_last=not following), piece, _MAGIC)
            except (InvalidTag, ValueError) as error:
                if number == 0:
                    what = "The passphrase does not open this backup."
                    next_step = "Try again; if it is surely right, the file is damaged."
                    raise BackupError("backup-wrong-passphrase", what, next_step) from error
                raise _damaged() from error
            piece, number = following, number + 1
        if number == 0:
            raise _damaged()
