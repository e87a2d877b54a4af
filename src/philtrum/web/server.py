"""Starting and stopping philtrum's web server and the worker beside it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

import click

from philtrum.web.instance import Lock
from philtrum.web.opening import bring_up_to_date, open_store

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

_HOST = "127.0.0.1"
_PORT_FILE = "port"
_WORKER_PATIENCE_S = 10.0
_RESTART_AFTER_S = 1.0
_ASK_AGAIN_AFTER_S = 0.5


def run(port: int, *, opens_browser: bool, profile_name: str = "") -> None:
    """Serve until stopped; if a server already runs on this data, only print a new sign-in link for it.

    Parameters
    ----------
    port : int
        Port on 127.0.0.1; if it is taken, any free one is used.
    opens_browser : bool
        Open the sign-in link in the browser.
    profile_name : str
        Whose link; without a name, that of the one person of this machine.

    Raises
    ------
    SetupError: ``data-folder-unusable``, ``data-from-newer-version``.
    ProfileError: ``profile-unknown``.
    """
    folder = open_store()
    lock = Lock(folder / "server.lock")
    if not lock.take():
        _show_link(int((folder / _PORT_FILE).read_text(encoding="ascii")), profile_name, opens_browser=opens_browser)
        return
    bring_up_to_date()
    _collect_static_files()
    application = _load_application()
    _check_profile(profile_name)
    listener = _listen(port)
    bound_port: int = listener.getsockname()[1]
    (folder / _PORT_FILE).write_text(str(bound_port), encoding="ascii")
    with contextlib.suppress(SystemExit), _worker(), _until_stopped():
        _show_link(bound_port, profile_name, opens_browser=opens_browser)
        click.echo("Press Ctrl-C to stop.")
        _serve(application, listener)


def _collect_static_files() -> None:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    if os.name == "posix":  # elsewhere this option would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError:
        listener.bind((_HOST, 0))
    listener.listen()  # before the link is shown: a browser that is faster than us waits instead of being refused
    return listener


def _show_link(port: int, profile_name: str, *, opens_browser: bool) -> None:
    from philtrum.web.access.ownership import profile
    from philtrum.web.access.signin import VALID_FOR, make_link

    link = f"http://{_HOST}:{port}{make_link(profile(profile_name))}"
    minutes = int(VALID_FOR.total_seconds() // 60)
    click.echo(f"philtrum is ready. Open this link; it works once, within {minutes} minutes:\n\n    {link}\n")
    if opens_browser:
        webbrowser.open(link)


def _check_profile(name: str) -> None:
    from philtrum.web.access.ownership import profile

    profile(name)


def _load_application() -> WSGIHandler:
    """Load all of the application, pages included, so that the first request and an early Ctrl-C find it ready."""
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    application = get_wsgi_application()
    list(get_resolver().reverse_dict)
    return application


def _serve(application: WSGIHandler, listener: socket.socket) -> None:
    import waitress

    server = waitress.create_server(application, sockets=[listener], threads=8, ident=None)
    server.run()  # returns on SystemExit
    server.close()


@contextlib.contextmanager
def _until_stopped() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is inside; ask again until it has ended.

    Python drops an exception that a signal raises while a finalizer runs, so asking once is not always enough.
    """
    has_ended = threading.Event()

    def ask_again(number: int) -> None:
        while not has_ended.wait(_ASK_AGAIN_AFTER_S):
            signal.raise_signal(number)

    def stop(number: int, _frame: FrameType | None) -> None:
        if has_ended.is_set():
            return
        if not any(thread.name == "ask-again" for thread in threading.enumerate()):
            threading.Thread(target=ask_again, args=[number], name="ask-again", daemon=True).start()
        raise SystemExit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        yield
    finally:
        has_ended.set()


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    """Keep a worker running beside the server; it ends when the pipe to it closes, however we end."""
    stopping = threading.Event()
    starting = threading.Lock()  # so that we never stop between the start of a worker and knowing of it
    current: list[subprocess.Popen[bytes]] = []

    def keep_running() -> None:
        while True:
            with starting:
                if stopping.is_set():
                    return
                current[:] = [_start_worker()]
            current[0].wait()
            stopping.wait(_RESTART_AFTER_S)

    keeper = threading.Thread(target=keep_running, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        with starting:
            stopping.set()
        for worker in current:
            _end(worker)
        keeper.join(_WORKER_PATIENCE_S)


def _start_worker() -> subprocess.Popen[bytes]:
    # -P: no module is taken from the folder in which philtrum was started.
    # A session of its own, so that Ctrl-C reaches it through us and in order.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "philtrum.web.worker"], stdin=subprocess.PIPE, start_new_session=True
    )


def _end(worker: subprocess.Popen[bytes]) -> None:
    if worker.stdin:
        worker.stdin.close()
    try:
        worker.wait(_WORKER_PATIENCE_S)
    except subprocess.TimeoutExpired:
        worker.kill()
