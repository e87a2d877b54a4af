"""What can go wrong, told in a way that a person can act on.

Every error carries a stable id in words, one sentence that says what is wrong
(what was got, what was expected) and one that says what to do. The same id is
used by the command line, the API and the pages; `docs/errors.md` lists them
all, and a test compares that list with the code.

Children also inherit the built-in error that a caller would expect.
"""

from __future__ import annotations


class PhiltrumError(Exception):
    """An error with an id, what is wrong, and what to do next.

    Parameters
    ----------
    id : str
        Stable name in words, for example ``clip-not-a-video``.
    what : str
        One sentence: what was got and what was expected.
    next_step : str
        One sentence: what the reader should do.
    """

    def __init__(self, id: str, what: str, next_step: str) -> None:
        super().__init__(f"{what} {next_step} [{id}]")
        self.id = id
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        """Return both sentences and the id, on one line."""
        return f"{self.what} {self.next_step} [{self.id}]"


class ClipError(PhiltrumError, ValueError):
    """The given file cannot be used as a clip."""


class ClipNotFoundError(PhiltrumError, FileNotFoundError):
    """There is no file at the given path."""


class SetupError(PhiltrumError, RuntimeError):
    """The installation of philtrum is not complete or not configured."""
