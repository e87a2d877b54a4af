"""philtrum: record, measure and understand twitching of the upper lip.

>>> import philtrum
>>> measurement = philtrum.measure("lip.mp4")  # doctest: +SKIP

Names are loaded on first use, so that `import philtrum` stays under 0.1 s.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from philtrum.advice.advice import Advice as Advice
    from philtrum.advice.advice import advise as advise
    from philtrum.errors import PhiltrumError as PhiltrumError
    from philtrum.video.measure import measure as measure
    from philtrum.video.measurement import Measurement as Measurement

_HOME = {
    "Advice": "philtrum.advice.advice",
    "Measurement": "philtrum.video.measurement",
    "PhiltrumError": "philtrum.errors",
    "advise": "philtrum.advice.advice",
    "measure": "philtrum.video.measure",
}

__all__ = ["Advice", "Measurement", "PhiltrumError", "__version__", "advise", "measure"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("philtrum")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'philtrum' has no attribute {name!r}")
