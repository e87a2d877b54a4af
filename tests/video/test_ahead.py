"""Reading ahead gives the same items as reading, and ends when asked to."""

import threading
import time

import pytest

from philtrum.video.ahead import read_ahead


def test_items_come_in_order():
    with read_ahead(range(100), 3) as items:
        assert list(items) == list(range(100))


def test_at_most_so_many_items_are_read_before_they_are_asked_for():
    read = []

    def source():
        for n in range(50):
            read.append(n)
            yield n

    with read_ahead(source(), 3) as items:
        next(items)
        time.sleep(0.2)
        assert len(read) <= 1 + 3 + 1  # given, waiting, in the hand


def test_an_error_comes_out_where_its_item_would_have_come():
    def source():
        yield 1
        raise ValueError("broken")

    with read_ahead(source(), 3) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="broken"):
            next(items)


def test_reading_has_ended_when_the_context_ends():
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt), read_ahead(iter(int, 1), 3) as items:
        next(items)
        raise KeyboardInterrupt
    assert threading.active_count() == before
