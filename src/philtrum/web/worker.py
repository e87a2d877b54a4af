"""The worker beside the server: measures queued clips, one after the other.

`python -m philtrum.web.worker` is started by the server, which holds the other
end of its standard input. When that closes, because the server stopped or was
killed, the worker stops measuring, puts the clip back into the queue and ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import django

from philtrum.web import data
from philtrum.web.instance import Lock

_PREDECESSOR_PATIENCE_S = 60.0


def main() -> None:
    """Take over what an earlier worker left behind, then work until the server is gone."""
    folder = data.data_dir()
    data.prepare(folder)
    lock = Lock(folder / "worker.lock")
    if not lock.take(patience_s=_PREDECESSOR_PATIENCE_S):
        sys.exit("Another worker is still busy with this data.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "philtrum.web.settings"
    django.setup()

    from django.core.management import call_command

    from philtrum.web.clips import tasks

    threading.Thread(target=_stop_with_server, args=[tasks.stopping], daemon=True).start()
    tasks.take_over()
    call_command("db_worker", "--interval=0.3", "--no-startup-delay", "--no-reload", verbosity=0)
    lock.release()


def _stop_with_server(stopping: threading.Event) -> None:
    # The bare descriptor: Python cannot end while a thread reads from its buffered standard input.
    while os.read(0, 1):
        pass
    stopping.set()
    signal.raise_signal(signal.SIGTERM)  # asks the loop of `db_worker` to end after the current task


if __name__ == "__main__":
    main()
