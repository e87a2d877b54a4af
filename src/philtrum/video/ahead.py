"""Ahead: let one part of the work run in a thread of its own, a few items ahead of the rest."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
_PATIENCE_S = 0.1


@contextmanager
def read_ahead(items: Iterable[Item], n_ahead: int) -> Generator[Iterator[Item]]:
    """Read items in a thread, at most `n_ahead` of them before they are asked for.

    An error of the source comes out where its item would have come. When the
    context ends, reading has ended too.
    """
    queue: Queue[tuple[Item] | BaseException | None] = Queue(n_ahead)
    is_over = Event()

    def read() -> None:
        end: BaseException | None = None
        try:
            for item in items:
                queue.put((item,))
                if is_over.is_set():
                    break
        except BaseException as error:  # raised again by the reader
            end = error
        queue.put(end)

    def take() -> Iterator[Item]:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item[0]

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        yield take()
    finally:
        is_over.set()
        while reader.is_alive():
            with suppress(Empty):
                queue.get(timeout=_PATIENCE_S)
        reader.join()
