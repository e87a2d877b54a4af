"""Face networks: the files that philtrum needs beside its own code.

They come out of MediaPipe's wheel (Apache-2.0) when philtrum is built or set
up, and are not committed. This module is the one place that knows their names,
checksums and folder. The build hook (`hatch_build.py`) loads it by its path,
before anything is installed, so it stands on the standard library alone.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).with_suffix("")
"""Where the networks lie: `networks/` beside this file."""


class Network(NamedTuple):
    """One file, where it stands in the wheel, and what it must be."""

    member: str
    """Path inside the wheel."""
    sha256: str


WHEEL: Final = "mediapipe==0.10.21"
WHEEL_SHA256: Final = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
# The wheel is opened, never installed, so one platform's wheel serves every machine.
WHEEL_TAGS: Final = {
    "platform": "manylinux_2_28_x86_64",
    "python-version": "3.11",
    "implementation": "cp",
}

FILES: Final = {
    "face_detection_short_range.tflite": Network(
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    "face_landmark.tflite": Network(
        "mediapipe/modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
    "LICENSE": Network(
        "mediapipe-0.10.21.dist-info/LICENSE",
        "8707eef0533987efc5b155d64761eeb6e20793f50b9bd1a68dad1cf4719d0ed8",
    ),
}


def is_whole(name: str, content: bytes) -> bool:
    """Say whether `content` is the file `name`, byte for byte."""
    return hashlib.sha256(content).hexdigest() == FILES[name].sha256


def read_network(name: str, *, folder: Path = FOLDER) -> bytes:
    """Read one face network, and check that it is the one philtrum was tested with.

    Parameters
    ----------
    name : str
        A name in `FILES`, for example ``face_landmark.tflite``.
    folder : Path
        Where to look; tests give another folder.

    Returns
    -------
    bytes
        The network in TensorFlow Lite's format.

    Raises
    ------
    SetupError: ``networks-missing`` (no such file, or another content).
    """
    from philtrum.errors import SetupError

    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise SetupError("networks-missing", f"The face network {name} is not installed.", _NEXT_STEP) from error
    if not is_whole(name, content):
        found = f"The face network {name} is damaged: its {len(content)} bytes have another checksum than expected."
        raise SetupError("networks-missing", found, _NEXT_STEP)
    return content


_NEXT_STEP: Final = (
    "Run `make setup` in a clone of philtrum, or else `python -m pip install --force-reinstall --no-deps philtrum`."
)
