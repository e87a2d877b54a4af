"""Opening the store: the one data folder with its database, brought up to this version's tables."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import django

from philtrum.errors import SetupError
from philtrum.web import data


def open_store() -> Path:
    """Prepare the data folder and Django, and return the folder; call `bring_up_to_date` before rows are read.

    Raises
    ------
    SetupError: ``data-folder-unusable``.
    """
    folder = data.data_dir()
    data.prepare(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "philtrum.web.settings"
    django.setup()
    return folder


def bring_up_to_date() -> None:
    """Bring the tables to this version; each step is all or nothing.

    Raises
    ------
    SetupError: ``data-from-newer-version``.
    """
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    if {name for name in loader.applied_migrations if name not in loader.disk_migrations}:
        raise SetupError(
            "data-from-newer-version",
            "Your data was written by a newer version of philtrum than this one.",
            "Install the newer version again; nothing was changed.",
        )
    call_command("migrate", interactive=False, verbosity=0)
    # The models of every earlier version are garbage now; collecting it later could swallow a Ctrl-C in a finalizer.
    del loader
    gc.collect()
