"""Log lines without a person's words: of a fault only its kind and the places in the code it went through."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from types import TracebackType

_Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlacesOnly(logging.Formatter):
    """Writes a fault as its type and `file:line in function`; its text may quote the diary, so that is left out."""

    def formatException(self, ei: _Fault) -> str:  # noqa: N802 - logging's name
        """Return the type of the fault and the calls that led to it."""
        if ei[0] is None:
            return ""
        calls = traceback.extract_tb(ei[2])
        places = (f"  {Path(call.filename).name}:{call.lineno} in {call.name}" for call in calls)
        return "\n".join([ei[0].__name__, *places])

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's name
        """Leave out the lines of code: the fault's own places are enough."""
        return ""
