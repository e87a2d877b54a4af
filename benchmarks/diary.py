"""Server time of every page with ten years of a diary: 20 000 spells and 3 650 check-ins.

    .venv/bin/python benchmarks/diary.py

Prints the best of three requests per page, without the network and the browser.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from datetime import UTC, date, datetime, timedelta

N_SPELLS, N_DAYS = 20_000, 3_650
ZONE = "Europe/London"


def main() -> None:
    """Fill a diary of its own, open each page and print how long the server took."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PHILTRUM_DATA"] = folder
        from philtrum.web.opening import bring_up_to_date, open_store

        open_store()
        bring_up_to_date()
        from django.conf import settings

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        fill()
        for path in paths():
            print(f"{server_ms(path):6.0f} ms  {path}")


def fill() -> None:
    """Write ten years down, and print how long taking them in took."""
    from philtrum.diary.records import CheckIn, Episode
    from philtrum.web.access.ownership import local_person
    from philtrum.web.diary.store import take_in

    rng = random.Random(1)  # noqa: S311 - days, not secrets
    now = datetime.now(UTC)
    diary: list[CheckIn | Episode] = [
        CheckIn(
            day=date.today() - timedelta(days=k),  # noqa: DTZ011 - any recent day will do
            zone=ZONE,
            answers={"sleep_hours": rng.uniform(4, 9), "stress": rng.randrange(11), "caffeine_mg": 95.0},
        )
        for k in range(N_DAYS)
    ]
    for _ in range(N_SPELLS):
        start = now - timedelta(minutes=rng.randrange(N_DAYS * 1440))
        end = start + timedelta(minutes=3)
        diary.append(Episode(started_at=start, ended_at=end, ending="ended", zone=ZONE, places=("upper_left",)))
    start_s = time.perf_counter()
    take_in(local_person(), diary)
    print(f"{time.perf_counter() - start_s:6.1f} s   taking in {len(diary)} entries")


def paths() -> list[str]:
    """Return the pages to open."""
    from philtrum.web.diary.models import Entry

    spell = Entry.objects.filter(kind="episode").order_by("-moment")[0]
    today = date.today()  # noqa: DTZ011 - as above
    return [
        *("/", f"/days/{today}/", "/calendar/", f"/entries/{spell.record_id}/", "/more/", "/more/questions"),
        *("/charts/?days=30", "/charts/?days=90", "/charts/?days=365", "/charts/?days=0"),
        *("/more/data/days.csv", "/more/data/export.zip"),
    ]


def server_ms(path: str) -> float:
    """Return the best of three times for a page, in ms."""
    from django.test import Client

    from philtrum.web.access.ownership import local_person

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(local_person())
    times = []
    for _ in range(3):
        start_s = time.perf_counter()
        answer = client.get(path)
        times.append(time.perf_counter() - start_s)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
    return 1000 * min(times)


if __name__ == "__main__":
    main()
