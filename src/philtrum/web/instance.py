"""One server and one worker per data folder, by a lock that the system drops when its holder dies.

SQLite's own file lock is used, because it works the same on every system.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path


class Lock:
    """A lock that is held until this process ends or `release` is called.

    Parameters
    ----------
    path : Path
        The lock's file; it is made when missing and holds nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def take(self, *, patience_s: float = 0.0) -> bool:
        """Take the lock, waiting at most `patience_s` for it; return whether it is ours."""
        connection = sqlite3.connect(self._path, timeout=patience_s, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            connection.close()
            return False
        self._connection = connection
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._connection:
            self._connection.close()
            self._connection = None
