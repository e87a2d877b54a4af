"""Running `philtrum web` as a person does: as a process of its own, on a data folder of its own."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

COMMAND = (sys.executable, "-c", "from philtrum.web.command import web; web()", "--no-browser", "--port")
T = TypeVar("T")
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/\S+")


class Server:
    """A running `philtrum web`."""

    def __init__(self, folder: Path, *, port: str = "0") -> None:
        self.folder = folder
        self.command = (*COMMAND, port)
        self.log = folder.with_suffix(".log")
        self.environment = os.environ | {"PHILTRUM_DATA": str(folder)}
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        with self.log.open("ab") as log:
            self.start = log.tell()
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)
        self.link = wait_for(lambda: LINK.search(self.said()), within_s=30).group()
        self.base = self.link.partition("/sign-in/")[0]

    def said(self) -> str:
        """Return what this server has printed and logged."""
        return self.log.read_bytes()[self.start :].decode()

    def new_link(self) -> str:
        """Run `philtrum web` a second time and return its link."""
        ran = subprocess.run(self.command, env=self.environment, check=True, capture_output=True, text=True, timeout=60)
        return LINK.search(ran.stdout).group()

    def stop(self, how: int = signal.SIGINT) -> int:
        """End the server and return its exit code."""
        self.process.send_signal(how)
        return self.process.wait(90)  # a busy machine: it lets the worker end in order, and the requests


class Visitor:
    """A browser without scripts: follows links and sends forms."""

    def __init__(self, server: Server) -> None:
        self.base = server.base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.read(server.new_link())

    def read(self, address: str, **options: object) -> tuple[int, str]:
        """Return status and text of a page."""
        url = address if address.startswith("http") else self.base + address
        try:
            with self.opener.open(urllib.request.Request(url, **options), timeout=30) as answer:  # noqa: S310
                self.address = answer.url.removeprefix(self.base)
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode("utf-8", "replace")

    def upload(self, path: Path, *, name: str | None = None, **fields: str) -> tuple[int, str]:
        """Send the form for clips with a file."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.read("/film/")[1]).group(1)
        parts = [
            f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {"csrfmiddlewaretoken": token, **fields}.items()
        ]
        head = f'--edge\r\nContent-Disposition: form-data; name="clip"; filename="{name or path.name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), path.read_bytes(), b"\r\n--edge--\r\n"])
        headers = {"Content-Type": "multipart/form-data; boundary=edge", "Origin": self.base}
        return self.read("/clips/", data=body, headers=headers, method="POST")

    def wait_for_result(self, address: str, *, within_s: float = 120) -> str:
        """Return the page of a clip once it is finished."""

        def finished() -> str | None:
            page = self.read(address)[1]
            return None if "Measuring your clip" in page else page

        return wait_for(finished, within_s=within_s)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Run `philtrum web` for the length of a test."""
    server = Server(folder)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def wait_for(look: Callable[[], T | None], *, within_s: float) -> T:
    """Return what `look` finds, looking again and again."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {within_s} s")


def processes_using(folder: Path) -> list[str]:
    """Return the command lines of running processes that work on a data folder."""
    mark = f"PHILTRUM_DATA={folder}\0".encode()
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdecimal() and mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found
