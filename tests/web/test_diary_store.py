"""What the diary's store promises: nothing lost, nothing double, nothing of another person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError
from tests.diary.diaries import evening, spell

from philtrum.diary.checks import RecordError
from philtrum.web.diary import store
from philtrum.web.diary.models import Entry, Revision

pytestmark = pytest.mark.django_db


def test_what_was_sent_twice_is_stored_once(alice):
    episode = spell("2026-03-01 22:00")
    assert store.add(alice, episode).pk == store.add(alice, replace(episode, note="sent again")).pk
    assert store.records_of(alice) == [episode]


def test_two_people_may_have_the_same_record(alice, charlie):
    episode = spell("2026-03-01 22:00")
    store.add(alice, episode)
    store.add(charlie, replace(episode, note="mine"))
    assert store.records_of(alice) == [episode]


def test_a_change_keeps_what_was_there_before(alice):
    episode = spell("2026-03-01 22:00")
    store.add(alice, episode)
    entry = store.change(alice, replace(episode, note="stronger than usual"))
    assert [revision.record for revision in entry.revisions.all()] == [episode]
    assert store.records_of(alice)[0].note == "stronger than usual"


def test_saving_without_a_change_writes_no_history(alice):
    episode = spell("2026-03-01 22:00")
    store.add(alice, episode)
    store.change(alice, episode)
    assert not Revision.objects.exists()


def test_an_entry_of_another_person_cannot_be_changed_or_removed(alice, charlie):
    episode = spell("2026-03-01 22:00")
    store.add(alice, episode)
    with pytest.raises(Entry.DoesNotExist):
        store.change(charlie, replace(episode, note="x"))
    store.remove(charlie, episode.id)
    assert store.delete_all(charlie) == 0
    assert store.records_of(alice) == [episode]


def test_what_was_removed_is_gone_and_can_be_brought_back(alice):
    episode = spell("2026-03-01 22:00")
    store.add(alice, episode)
    store.remove(alice, episode.id)
    assert store.records_of(alice) == []
    assert store.bring_back(alice, episode.id)
    assert not store.bring_back(alice, episode.id)
    assert store.records_of(alice) == [episode]


def test_a_late_copy_of_a_removed_entry_does_not_bring_it_back(alice):
    """A telephone may send its outbox again after "undo"."""
    episode = spell("2026-03-01 22:00")
    store.add(alice, episode)
    store.remove(alice, episode.id)
    store.add(alice, episode)
    assert store.records_of(alice) == []


def test_a_day_has_one_check_in(alice):
    store.put_check_in(alice, evening("2026-03-01", has_twitched=False))
    store.put_check_in(alice, evening("2026-03-01", has_twitched=True))
    (only,) = store.records_of(alice, "check_in")
    assert only.has_twitched is True
    with pytest.raises(RecordError, match="record-check-in-twice"):
        store.add(alice, evening("2026-03-01"))
    with pytest.raises(IntegrityError):
        Entry.objects.create(owner=alice, record_id=evening("2026-03-01").id, kind="check_in", day=only.day, data={})


def test_a_removed_check_in_does_not_come_back_over_a_newer_one(alice):
    old, new = evening("2026-03-01", has_twitched=False), evening("2026-03-01", has_twitched=True)
    store.add(alice, old)
    store.remove(alice, old.id)
    store.add(alice, new)
    assert not store.bring_back(alice, old.id)
    assert store.records_of(alice) == [new]


def test_records_of_some_days_and_kinds_are_found(alice):
    first, last = spell("2026-03-01 22:00"), spell("2026-03-05 22:00")
    for record in (last, first, evening("2026-03-03")):
        store.add(alice, record)
    assert store.records_of(alice, "episode") == [first, last]
    assert store.records_of(alice, "episode", first=date(2026, 3, 2)) == [last]
    assert store.records_of(alice, "episode", last=date(2026, 3, 2)) == [first]


def test_an_import_is_taken_in_once_and_what_was_removed_stays_removed(alice):
    records = [spell("2026-03-01 22:00"), evening("2026-03-01", answers={"stress": 3})]
    assert len(store.take_in(alice, records).added) == 2
    store.remove(alice, records[0].id)
    again = store.take_in(alice, records)
    assert again.added == again.changed == ()
    assert store.records_of(alice) == [records[1]]


def test_a_persons_own_export_brings_back_what_they_removed(alice):
    records = [spell("2026-03-01 22:00")]
    store.take_in(alice, records)
    store.remove(alice, records[0].id)
    merged = store.take_in(alice, records, revives=True)
    assert (merged.n_revived, merged.n_known) == (1, 0)
    assert store.records_of(alice) == records


def test_an_import_that_fails_in_the_middle_leaves_nothing(alice, monkeypatch):
    store.add(alice, evening("2026-03-01", has_twitched=False))
    monkeypatch.setattr(store, "_replace", lambda *_: 1 / 0)
    records = [spell("2026-03-01 22:00"), evening("2026-03-01", answers={"stress": 3})]
    with pytest.raises(ZeroDivisionError):
        store.take_in(alice, records)
    assert len(store.records_of(alice)) == 1


def test_deleting_all_leaves_no_row_of_the_person_and_all_of_the_others(alice, charlie):
    episode = spell("2026-03-01 22:00")
    for person in (alice, charlie):
        store.add(person, episode)
        store.change(person, replace(episode, note="secret"))
        store.remove(person, episode.id)
    assert store.delete_all(alice) == 1
    assert Entry.objects.filter(owner=alice).count() == 0
    assert Revision.objects.count() == 1
