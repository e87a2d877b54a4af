"""Rows of the diary: one table for every kind of record, and one for what each of them was before.

A row holds its record as plain data (`philtrum.diary.plain`); the other columns
only find and order rows.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from philtrum.diary.plain import record_from_plain
from philtrum.diary.records import Record


class Entry(models.Model):
    """One record of a person's diary."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    record_id = models.UUIDField()
    """Made where the record was made; sending it twice stores it once."""
    kind = models.CharField(max_length=12)
    day = models.DateField(null=True)
    """The person's own date; None for what belongs to no single day."""
    moment = models.DateTimeField(null=True)
    """When on that day, where it has a time."""
    data = models.JSONField()
    saved_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)
    """Removed entries stay for "bring back" and so that no import brings them back; deleting all deletes them."""

    class Meta:
        """Ids are the person's own; a day has one check-in."""

        constraints = (
            models.UniqueConstraint(fields=("owner", "record_id"), name="one_entry_per_record"),
            models.UniqueConstraint(
                fields=("owner", "day"),
                condition=models.Q(kind="check_in", removed_at__isnull=True),
                name="one_check_in_per_day",
            ),
        )
        indexes = (
            models.Index(fields=("owner", "day", "kind"), name="entries_of_day"),
            models.Index(fields=("owner", "kind", "moment"), name="entries_of_kind"),
        )

    def __str__(self) -> str:
        return f"Entry {self.record_id}"

    @property
    def record(self) -> Record:
        """The record that this row holds."""
        return record_from_plain(self.data)

    @property
    def is_removed(self) -> bool:
        """The entry was removed, and can be brought back."""
        return self.removed_at is not None


class Revision(models.Model):
    """What an entry was before it was changed."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="revisions")
    data = models.JSONField()
    saved_at = models.DateTimeField()
    """When this version was written."""
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-replaced_at", "-id")

    def __str__(self) -> str:
        return f"Revision of {self.replaced_at:%Y-%m-%d %H:%M}"

    @property
    def record(self) -> Record:
        """The record as it was."""
        return record_from_plain(self.data)


class Sought(models.Model):
    """The person said that they sought help for what was written down until then."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Newest first."""

        ordering = ("-at",)

    def __str__(self) -> str:
        return f"Help sought on {self.at:%Y-%m-%d}"
