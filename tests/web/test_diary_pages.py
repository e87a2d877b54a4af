"""What a person sees and does on the diary's pages, without a browser."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.diary.diaries import BERLIN, evening, spell

from philtrum.advice.advice import advise
from philtrum.diary.exchange import render_diary
from philtrum.diary.medicines import DoseChange, Medicine, Site, Treatment
from philtrum.diary.records import CheckIn, Episode, Event, Exposure, Factor, local_day
from philtrum.web.diary import redflags, store

pytestmark = pytest.mark.django_db
ZONE = "Europe/Berlin"


@pytest.fixture(autouse=True)
def in_berlin(browser):
    """Alice's browser is in Berlin."""
    browser.cookies["philtrum-zone"] = ZONE


def now():
    return datetime.now(UTC)


def here_today():
    return local_day(now(), ZONE)


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def log(browser, **sent):
    return browser.post(reverse("diary-log"), {"id": str(uuid4()), **sent})


def details(**changed):
    return {"started_at": "2026-03-01T22:00", "ending": "unknown", "strength": "", "note": ""} | changed


class TestTheButton:
    def test_one_tap_writes_down_that_it_is_twitching_now(self, browser, alice):
        before = now()
        answer = log(browser)
        (episode,) = store.records_of(alice)
        assert before <= episode.started_at <= now()
        assert (episode.ending, episode.logged, episode.zone) == ("ongoing", "at_once", ZONE)
        assert answer.status_code == 302
        page = text(browser.get(answer["Location"]))
        assert "Written down" in page
        assert "Undo" in page
        assert "Twitching since" in page

    def test_the_same_tap_sent_twice_is_written_down_once(self, browser, alice):
        id = str(uuid4())
        for _ in range(3):
            browser.post(reverse("diary-log"), {"id": id})
        assert len(store.records_of(alice)) == 1

    @pytest.mark.parametrize("minutes", [5, 15, 60])
    def test_a_chip_writes_down_that_it_was_some_minutes_ago(self, browser, alice, minutes):
        log(browser, minutes_ago=minutes)
        (episode,) = store.records_of(alice)
        assert (now() - episode.started_at).total_seconds() == pytest.approx(60 * minutes, abs=5)
        assert (episode.ending, episode.logged) == ("unknown", "recalled")

    def test_a_held_press_is_a_spell_with_its_length(self, browser, alice):
        log(browser, held_s="12.5")
        (episode,) = store.records_of(alice)
        assert episode.duration_s == pytest.approx(12.5)

    def test_a_tap_that_waited_in_the_browser_keeps_its_time(self, browser, alice):
        tapped_at = now() - timedelta(hours=7)
        log(browser, at=tapped_at.isoformat())
        (episode,) = store.records_of(alice)
        assert episode.started_at == tapped_at
        assert episode.logged == "at_once"

    @pytest.mark.parametrize(
        "sent",
        [{"at": "tomorrow"}, {"at": "2100-01-01T00:00:00Z"}, {"at": "1999-01-01T00:00:00Z"}, {"held_s": "-5"},
         {"held_s": "nan"}, {"minutes_ago": "-5"}, {"id": "no id"}],
    )  # fmt: skip
    def test_what_makes_no_sense_is_a_tap_now(self, browser, alice, sent):
        log(browser, **sent)
        (episode,) = store.records_of(alice)
        assert (now() - episode.started_at).total_seconds() < 5

    def test_scripts_get_an_answer_of_their_own(self, browser):
        id = str(uuid4())
        answer = browser.post(reverse("diary-log"), {"id": id}, headers={"accept": "application/json"})
        assert answer.json() == {"ok": True, "id": id}

    def test_undo_takes_it_back(self, browser, alice):
        log(browser)
        (episode,) = store.records_of(alice)
        answer = browser.post(reverse("diary-undo", args=[episode.id]), follow=True)
        assert "Undone" in text(answer)
        assert store.records_of(alice) == []

    @pytest.mark.parametrize(("how", "ending"), [("now", "ended"), ("unknown", "unknown"), ("came_and_went",) * 2])
    def test_a_spell_that_goes_on_can_end_in_three_ways(self, browser, alice, how, ending):
        log(browser, at=(now() - timedelta(minutes=3)).isoformat())
        (episode,) = store.records_of(alice)
        browser.post(reverse("diary-stop", args=[episode.id]), {"how": how})
        (episode,) = store.records_of(alice)
        assert episode.ending == ending
        if ending == "ended":
            assert episode.duration_s == pytest.approx(180, abs=5)
        assert "Twitching since" not in text(browser.get("/"))

    def test_ending_a_spell_twice_keeps_its_first_end(self, browser, alice):
        log(browser)
        (episode,) = store.records_of(alice)
        browser.post(reverse("diary-stop", args=[episode.id]), {"how": "now"})
        (ended,) = store.records_of(alice)
        browser.post(reverse("diary-stop", args=[episode.id]), {"how": "unknown"})
        assert store.records_of(alice) == [ended]

    def test_a_second_spell_during_the_first_is_taken_and_both_point_at_each_other(self, browser, alice):
        first, second = spell("2026-03-01 22:00", "2026-03-01 23:00"), spell("2026-03-01 22:30")
        for record in (first, second):
            store.add(alice, record)
        page = text(browser.get(reverse("diary-entry", args=[second.id])))
        assert "At the same time:" in page
        assert str(first.id) in page


class TestDetails:
    def test_everything_may_be_told_and_is_kept(self, browser, alice, add_clip):
        episode = spell("2026-03-01 22:00")
        store.add(alice, episode)
        clip = add_clip(added_at=episode.started_at + timedelta(minutes=5))
        sent = details(
            ending="ended",
            ended_at="2026-03-01T22:04",
            places=["upper_left", "upper_middle"],
            strength="7",
            movements=["twitch_burst"],
            companions=["eyelid_twitch", "poor_sleep"],
            clips=[str(clip.id)],
            note="in the bus",
        )
        assert browser.post(reverse("diary-entry", args=[episode.id]), sent).status_code == 302
        (kept,) = store.records_of(alice)
        assert (kept.duration_s, kept.side, kept.strength) == (240, "left", 7)
        assert kept.movements == ("twitch_burst",)
        assert kept.companions == ("eyelid_twitch", "poor_sleep")
        assert kept.clips == (clip.id,)
        assert kept.logged == "at_once", "details that come later do not make it recalled"
        page = browser.get(reverse("diary-entry", args=[episode.id])).content.decode()
        assert 'value="upper_left" checked' in page
        assert 'value="7" checked' in page
        assert 'value="eyelid_twitch" checked' in page

    def test_times_are_those_of_the_zone_in_which_it_happened(self, browser, alice):
        episode = spell("2026-03-01 22:00", zone="Asia/Tokyo")
        store.add(alice, episode)
        page = browser.get(reverse("diary-entry", args=[episode.id])).content.decode()
        assert 'value="2026-03-01T22:00"' in page
        browser.post(reverse("diary-entry", args=[episode.id]), details(started_at="2026-03-01T21:30"))
        (kept,) = store.records_of(alice)
        assert kept.started_at == episode.started_at - timedelta(minutes=30)
        assert kept.zone == "Asia/Tokyo"

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"started_at": ""}, "required"),
            ({"started_at": "2199-01-01T10:00"}, "record-in-future"),
            ({"ending": "ended", "ended_at": "2026-03-01T21:00"}, "record-ends-before-start"),
            ({"ending": "ended"}, "record-end-missing"),
            ({"started_at": "yesterday"}, "2026-03-31 22:15"),
            ({"companions": ["made_up"]}, "not one of the available choices"),
        ],
    )
    def test_what_cannot_be_right_is_told_beside_the_field_and_nothing_changes(self, browser, alice, sent, said):
        episode = spell("2026-03-01 22:00")
        store.add(alice, episode)
        answer = browser.post(reverse("diary-entry", args=[episode.id]), details(**sent, note="typed so far"))
        assert answer.status_code == 422
        assert said in text(answer) or said == "not one of the available choices"
        assert "typed so far" in text(answer), "nothing typed is lost"
        assert store.records_of(alice) == [episode]

    def test_a_spell_of_another_time_is_written_down_as_recalled(self, browser, alice):
        day = date(2026, 3, 1)
        browser.post(reverse("diary-new-episode", args=[day]), {"id": str(uuid4()), **details()})
        (episode,) = store.records_of(alice)
        assert (episode.day, episode.logged) == (day, "recalled")

    def test_history_shows_every_version(self, browser, alice):
        episode = spell("2026-03-01 22:00", note="first words")
        store.add(alice, episode)
        browser.post(reverse("diary-entry", args=[episode.id]), details(note="second words"))
        page = text(browser.get(reverse("diary-history", args=[episode.id])))
        assert page.index("second words") < page.index("first words")

    def test_removing_asks_first_and_can_be_undone(self, browser, alice):
        episode = spell("2026-03-01 22:00")
        store.add(alice, episode)
        assert "Remove this entry?" in text(browser.get(reverse("diary-remove", args=[episode.id])))
        assert store.records_of(alice) == [episode]
        answer = browser.post(reverse("diary-remove", args=[episode.id]), follow=True)
        assert "was removed" in text(answer)
        assert store.records_of(alice) == []
        browser.post(reverse("diary-bring-back", args=[episode.id]))
        assert store.records_of(alice) == [episode]

    def test_a_hostile_note_is_only_text(self, browser, alice):
        episode = spell("2026-03-01 22:00", note="<script>alert(1)</script>")
        store.add(alice, episode)
        for address in (reverse("diary-entry", args=[episode.id]), reverse("diary-month", args=[episode.day])):
            assert "<script>alert" not in browser.get(address).content.decode()


class TestTheEvening:
    def send(self, browser, day, **sent):
        return browser.post(reverse("diary-check-in", args=[day]), sent)

    def test_no_twitch_today_is_an_answer_of_its_own(self, browser, alice):
        self.send(browser, here_today(), has_twitched="no", answer_sleep_hours="7", answer_stress="2")
        (kept,) = store.records_of(alice)
        assert kept.has_twitched is False
        assert kept.answers == {"sleep_hours": 7, "stress": 2}
        assert "shade-quiet today" not in text(browser.get("/"))
        assert "shade-quiet" in text(browser.get("/"))

    def test_every_answer_is_optional_and_what_is_open_stays_open(self, browser, alice):
        self.send(browser, here_today())
        (kept,) = store.records_of(alice)
        assert kept.has_twitched is None
        assert kept.answers == {}

    def test_a_typed_number_holds_before_a_chosen_one(self, browser, alice):
        self.send(browser, here_today(), answer_caffeine_mg="95", other_caffeine_mg="130")
        (kept,) = store.records_of(alice)
        assert kept.answers == {"caffeine_mg": 130}
        assert 'name="other_caffeine_mg" inputmode="decimal" value="130"' in text(browser.get("/"))

    def test_yesterdays_answers_are_hints_and_never_values(self, browser, alice):
        yesterday = here_today() - timedelta(days=1)
        store.add(alice, CheckIn(day=yesterday, zone=ZONE, answers={"sleep_hours": 6, "stress": 5}))
        page = browser.get("/").content.decode()
        assert "The day before: 6 h" in text(browser.get("/"))
        assert re.search(r'class="choice hinted"><input type="radio" name="answer_sleep_hours" value="6">', page)
        assert "checked" not in page

    def test_changing_an_answer_keeps_the_old_one_in_the_history(self, browser, alice):
        day = here_today()
        self.send(browser, day, has_twitched="no")
        self.send(browser, day, has_twitched="yes", n_episodes="3")
        entry = store.entries_of(alice, "check_in").get()
        assert (entry.record.has_twitched, entry.record.n_episodes) == (True, 3)
        assert [revision.record.has_twitched for revision in entry.revisions.all()] == [False]

    def test_answers_to_questions_that_are_no_longer_asked_stay(self, browser, alice):
        day = here_today()
        store.add(alice, CheckIn(day=day, zone=ZONE, answers={"water_l": 2}))
        self.send(browser, day, answer_stress="4")
        assert store.check_in_of(alice, day).answers == {"water_l": 2, "stress": 4}

    def test_an_answer_can_be_taken_back(self, browser, alice):
        day = here_today()
        self.send(browser, day, answer_stress="4", has_twitched="no")
        self.send(browser, day, answer_stress="", has_twitched="")
        assert store.check_in_of(alice, day).answers == {}

    def test_an_answer_that_cannot_be_is_told_and_the_rest_is_not_lost(self, browser, alice):
        answer = self.send(browser, here_today(), other_sleep_hours="99", note="a long text")
        assert answer.status_code == 422
        assert "record-answer-range" in text(answer)
        assert "a long text" in text(answer)
        assert store.records_of(alice) == []

    def test_after_a_spell_was_logged_the_question_is_answered_already(self, browser):
        log(browser)
        page = text(browser.get("/"))
        assert "1 spell is written down for this day." in page
        assert 'type="radio" name="has_twitched"' not in page

    def test_the_usual_evening_takes_five_taps(self, browser):
        """No twitch, three answers, save."""
        page = browser.get("/").content.decode()
        form = page[page.index('class="check-in"') : page.index("</form>", page.index('class="check-in"'))]
        questions = {name for name in re.findall(r'type="radio" name="(\w+)"', form)}
        assert len(questions) + 1 == 5

    def test_a_new_diary_is_not_reproached_with_yesterday(self, browser, alice):
        assert "Yesterday is still open" not in text(browser.get("/"))
        store.add(alice, spell("2026-03-01 22:00"))
        assert "Yesterday is still open" in text(browser.get("/"))

    def test_tomorrow_cannot_be_answered(self, browser):
        tomorrow = here_today() + timedelta(days=1)
        assert self.send(browser, tomorrow).status_code == 404
        assert browser.get(reverse("diary-day", args=[tomorrow])).status_code == 404

    def test_today_is_the_date_of_the_persons_own_zone(self, browser, alice):
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            browser.cookies["philtrum-zone"] = zone
            assert browser.get("/").context["day"] == datetime.now(ZoneInfo(zone)).date()
        browser.cookies["philtrum-zone"] = "Mars/Olympus"
        assert browser.get("/").status_code == 200


class TestRedFlags:
    def test_a_grave_sign_is_told_at_once_before_everything_else(self, browser, alice):
        log(browser)
        (episode,) = store.records_of(alice)
        sent = details(
            started_at=f"{now().astimezone(ZoneInfo(ZONE)):%Y-%m-%dT%H:%M}", companions=["face_droop_sudden"]
        )
        page = text(browser.post(reverse("diary-entry", args=[episode.id]), sent, follow=True))
        assert "alarm-emergency" in page
        assert page.index("alarm-emergency") < page.index('id="big"')
        assert "Call an ambulance now" in page[page.index("alarm-emergency") :]

    def test_words_in_a_note_of_the_evening_are_not_missed(self, browser):
        sent = {"note": "my face suddenly drooped on one side and speech was slurred"}
        page = text(browser.post(reverse("diary-check-in", args=[here_today()]), sent, follow=True))
        assert "alarm-emergency" in page

    def test_a_usual_spell_alarms_nobody(self, browser):
        log(browser)
        assert 'class="alarm' not in text(browser.get("/"))

    def test_twitching_for_more_than_two_weeks_is_told_calmly(self, browser, alice):
        for k in range(0, 22, 3):
            store.add(alice, Episode(started_at=now() - timedelta(days=k), zone=ZONE))
        page = text(browser.get("/"))
        assert "more than two weeks" in page
        assert 'class="alarm' not in page

    def test_who_has_sought_help_is_not_alarmed_again_until_there_is_a_new_sign(self, browser, alice):
        def droop():
            store.add(alice, Episode(started_at=now(), zone=ZONE, companions=("face_droop_sudden",)))

        droop()
        assert "alarm-emergency" in text(browser.get("/"))
        browser.post(reverse("diary-sought"))
        assert 'class="alarm' not in text(browser.get("/"))
        droop()
        assert "alarm-emergency" in text(browser.get("/"))

    def test_the_newest_clip_is_weighed_with_the_diary_on_its_own_page_too(self, browser, add_clip, monkeypatch):
        weighed = []

        def spy(facts, **options):
            weighed.append(facts)
            return advise(facts | {"associated_symptoms": ["face_droop_sudden"]}, **options)

        monkeypatch.setattr(redflags, "advise", spy)
        clip = add_clip()
        page = text(browser.get(reverse("clip", args=[clip.id])))
        assert weighed[0]["measurement"]["clip"] == clip.measurement["clip"]
        assert page.index("alarm-emergency") < page.index("<h1")

    def test_an_import_with_ids_of_another_version_still_gives_its_warning(self, browser, alice):
        episode = Episode(started_at=now(), zone=ZONE, companions=("face_droop_sudden", "a_sign_of_tomorrow"))
        store.take_in(alice, [episode])
        assert "alarm-emergency" in text(browser.get("/"))


class TestMonthAndDay:
    def test_missing_quiet_and_twitching_days_look_and_read_differently(self, browser, alice):
        store.take_in(alice, [spell("2026-03-02 22:00"), evening("2026-03-03", has_twitched=False)])
        store.add(alice, evening("2026-03-04", answers={"stress": 3}))
        page = text(browser.get(reverse("diary-month", args=[date(2026, 3, 1)])))
        for day, shade, words in [
            (1, "unknown", "nothing written down"),
            (2, "1", "1 spell"),
            (3, "quiet", "no twitch"),
            (4, "open", "not known whether it twitched"),
        ]:
            assert re.search(rf'shade-{shade}" href="/days/2026-03-0{day}/">.*?{day} March: {words}', page), day
        assert "It is known for 2 of 31 days." in page

    def test_a_month_lists_its_entries_day_by_day_newest_first(self, browser, alice):
        store.take_in(alice, [spell("2026-03-02 22:00", note="older"), spell("2026-03-05 22:00", note="newer")])
        store.add(alice, spell("2026-04-05 22:00", note="another month"))
        page = text(browser.get(reverse("diary-month", args=[date(2026, 3, 1)])))
        assert page.index("newer") < page.index("older")
        assert "another month" not in page

    def test_a_day_shows_all_that_is_written_down_for_it(self, browser, alice, add_clip):
        day = date(2026, 3, 2)
        coffee = Exposure(factor="caffeine_mg", amount=95, started_at=now().replace(2026, 3, 2, 8), zone=BERLIN)
        store.take_in(alice, [spell("2026-03-02 22:00"), coffee, Event(on=day, what="New job")])
        add_clip(added_at=datetime(2026, 3, 2, 12, tzinfo=UTC))
        page = text(browser.get(reverse("diary-day", args=[day])))
        for words in ("22:00", "Caffeine 95 mg", "New job", "Clip:"):
            assert words in page

    @pytest.mark.parametrize("address", ["/days/2026-02-30/", "/calendar/2026-13/", "/days/0000-01-01/"])
    def test_a_date_that_does_not_exist_is_not_found(self, browser, address):
        assert browser.get(address).status_code == 404


class TestMedicinesAndMore:
    def test_a_medicine_is_written_down_changed_and_stopped(self, browser, alice):
        sent = {"name": "Sertraline", "dose": "50 mg", "started_on": "2026-01-10"}
        browser.post(reverse("diary-new", args=["medicine"]), {"id": str(uuid4()), **sent})
        (medicine,) = store.records_of(alice)
        address = reverse("diary-entry", args=[medicine.id])
        browser.post(address, {**sent, "change_on": "2026-02-01", "change_dose": "100 mg"})
        browser.post(address, {**sent, "stopped_on": "2026-03-01"})
        (medicine,) = store.records_of(alice)
        assert medicine.changes == (DoseChange(on=date(2026, 2, 1), dose="100 mg"),)
        assert medicine.stopped_on == date(2026, 3, 1)
        page = text(browser.get(reverse("diary-more")))
        assert "Sertraline" in page
        assert "speak to the person who prescribed it" in text(browser.get(address))

    def test_a_treatment_keeps_its_sites(self, browser, alice):
        sent = {"on": "2026-03-01", "method": "botulinum toxin", "product": "Botox", "units": "5",
                "sites": "upper lip left, 2.5\nchin"}  # fmt: skip
        browser.post(reverse("diary-new", args=["treatment"]), sent)
        (treatment,) = store.records_of(alice)
        assert treatment.sites == (Site(place="upper lip left", units=2.5), Site(place="chin"))
        page = browser.get(reverse("diary-entry", args=[treatment.id])).content.decode()
        assert "upper lip left, 2.5\nchin" in page
        browser.post(reverse("diary-entry", args=[treatment.id]), sent)
        assert store.records_of(alice) == [treatment]

    def test_a_dose_and_an_event_are_written_down(self, browser, alice):
        browser.post(reverse("diary-new", args=["dose"]), {"taken_at": "2026-03-01T08:00", "medicine": "Magnesium"})
        browser.post(reverse("diary-new", args=["event"]), {"on": "2026-03-01", "what": "New job"})
        assert {type(record).__name__ for record in store.records_of(alice)} == {"Dose", "Event"}

    @pytest.mark.parametrize(
        ("kind", "sent", "said"),
        [
            ("medicine", {"name": ""}, "required"),
            ("medicine", {"name": "A", "change_dose": "5 mg"}, "record-change-without-day"),
            (
                "medicine",
                {"name": "A", "started_on": "2026-03-02", "stopped_on": "2026-03-01"},
                "record-medicine-order",
            ),
            ("treatment", {"on": "2026-03-01", "method": "x", "units": "-3"}, "record-units-range"),
            ("event", {"on": "nonsense", "what": "x"}, "valid date"),
        ],
    )
    def test_what_cannot_be_right_is_told(self, browser, alice, kind, sent, said):
        answer = browser.post(reverse("diary-new", args=[kind]), sent)
        assert answer.status_code == 422
        assert said in text(answer)
        assert store.records_of(alice) == []

    def test_an_unknown_kind_is_not_found(self, browser):
        assert browser.get(reverse("diary-new", args=["dream"])).status_code == 404

    def test_at_most_five_questions_can_be_asked(self, browser, alice):
        six = ["sleep_hours", "caffeine_mg", "stress", "alcohol_units", "screen_hours", "water_l"]
        answer = browser.post(reverse("diary-factors"), {"factor": six})
        assert answer.status_code == 422
        assert store.records_of(alice) == []
        browser.post(reverse("diary-factors"), {"factor": six[:5]})
        assert [question["factor"].key for question in browser.get("/").context["questions"]] == six[:5]

    def test_a_question_of_ones_own_is_asked_and_answered(self, browser, alice):
        sent = {"label": "Dark chocolate", "answered_as": "amount", "unit": "g"}
        browser.post(reverse("diary-add-factor"), sent)
        assert "Dark chocolate" in text(browser.get("/"))
        browser.post(reverse("diary-check-in", args=[here_today()]), {"other_dark_chocolate": "20"})
        assert store.check_in_of(alice, here_today()).answers == {"dark_chocolate": 20}
        assert browser.post(reverse("diary-add-factor"), sent).status_code == 422

    def test_a_sixth_question_of_ones_own_sleeps_until_there_is_room(self, browser, alice):
        for name in ("A", "B", "C"):
            browser.post(reverse("diary-add-factor"), {"label": name})
        own = {record.key: record.is_active for record in store.records_of(alice, "factor")}
        assert own == {"a": True, "b": True, "c": True} or own["c"] is False
        assert len(browser.get("/").context["questions"]) <= 5

    def test_the_reminder_says_nothing_about_health_and_floats_through_zones(self, browser):
        answer = browser.get(reverse("diary-reminder"), {"at": "21:15"})
        lines = answer.content.decode().split("\r\n")
        assert f"DTSTART:{here_today():%Y%m%d}T211500" in lines, "no zone: the clock of wherever the person is"
        assert "RRULE:FREQ=DAILY" in lines
        assert not re.search("twitch|lip|health", answer.content.decode(), re.IGNORECASE)
        assert "T203000" in browser.get(reverse("diary-reminder"), {"at": "nonsense"}).content.decode()


class TestData:
    def test_everything_can_be_saved_and_read_in_again(self, browser, alice):
        records = [spell("2026-03-01 22:00"), evening("2026-03-01"), Medicine(name="A"), Treatment(on=date(2026, 3, 1)),
                   Factor(key="chocolate", label="Chocolate")]  # fmt: skip
        store.take_in(alice, records)
        saved = browser.get(reverse("diary-export"))
        assert re.search(r'filename="philtrum-diary-\d{4}-\d\d-\d\d\.zip"', saved["Content-Disposition"])
        store.delete_all(alice)
        upload = SimpleUploadedFile("diary.zip", saved.content)
        page = text(browser.post(reverse("diary-import"), {"file": upload}))
        assert "5 added" in page
        assert sorted(map(repr, store.records_of(alice))) == sorted(map(repr, records))

    def test_reading_in_twice_adds_nothing(self, browser, alice):
        packed = render_diary([spell("2026-03-01 22:00")])
        for said in ("1 added", "0 added"):
            upload = SimpleUploadedFile("diary.zip", packed)
            assert said in text(browser.post(reverse("diary-import"), {"file": upload}))

    @pytest.mark.parametrize(
        ("name", "content", "id"),
        [("x.zip", b"PK\x05\x06" + b"\0" * 18, "import-file-unknown"), ("x.csv", b"hello", "diary-"),
         ("../../x.json", b"{}", "diary-file-other")],
    )  # fmt: skip
    def test_a_file_that_cannot_be_read_in_is_told_and_nothing_stays(
        self, browser, alice, data_folder, name, content, id
    ):
        answer = browser.post(reverse("diary-import"), {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 422
        assert id in text(answer)
        assert store.records_of(alice) == []
        assert list((data_folder / "uploads").iterdir()) == []

    def test_no_file_is_told(self, browser):
        assert "import-no-file" in text(browser.post(reverse("diary-import")))

    def test_deleting_all_takes_two_steps(self, browser, alice):
        store.add(alice, spell("2026-03-01 22:00"))
        address = reverse("diary-delete-all")
        assert "1 entry" in text(browser.get(address))
        assert browser.post(address).status_code == 422
        assert len(store.records_of(alice)) == 1
        browser.post(address, {"sure": "delete"})
        assert store.records_of(alice) == []

    def test_one_row_per_day_is_handed_out(self, browser, alice):
        store.add(alice, evening("2026-03-03", has_twitched=False))
        assert browser.get(reverse("diary-export-days")).content == b"date,episodes,minutes\n2026-03-03,0,0\n"


class TestCharts:
    def test_an_empty_diary_leads_to_the_button_instead_of_an_empty_chart(self, browser):
        page = text(browser.get(reverse("diary-charts")))
        assert "<svg" not in page
        assert "To today" in page

    @pytest.mark.parametrize("days", ["30", "90", "365", "0", "nonsense"])
    def test_every_span_is_drawn(self, browser, alice, days):
        store.add(alice, CheckIn(day=here_today(), zone=ZONE, has_twitched=False, answers={"stress": 3}))
        page = text(browser.get(reverse("diary-charts"), {"days": days}))
        assert page.count("day-chart") == 2
        assert "Stress" in page

    def test_spells_medicines_treatments_and_clips_are_in_one_chart(self, browser, alice, add_clip):
        day = here_today() - timedelta(days=3)
        store.take_in(
            alice,
            [
                Episode(
                    started_at=now() - timedelta(days=2), zone=ZONE, places=("upper_left",), companions=("fatigue",)
                ),
                Medicine(name="Sertraline", started_on=day),
                Treatment(on=day, product="Botox"),
                Event(on=day, what="New job"),
            ],
        )
        add_clip()
        page = text(browser.get(reverse("diary-charts")))
        for words in ("Sertraline", "botulinum toxin Botox", "New job", "Measured in clips", "your left", "tiredness"):
            assert words in page


class TestFilmIt:
    def test_a_clip_filmed_for_a_spell_is_linked_to_it(self, browser, alice):
        episode = spell("2026-03-01 22:00")
        store.add(alice, episode)
        page = text(browser.get(reverse("film-it"), {"episode": str(episode.id)}))
        assert "linked to the spell of 1 Mar, 22:00" in page
        upload = SimpleUploadedFile("lip.mp4", b"\x00\x00\x00\x18ftypisom")
        answer = browser.post(reverse("clip-add"), {"clip": upload, "episode": str(episode.id)})
        (kept,) = store.records_of(alice)
        assert [str(id) for id in kept.clips] == [answer["Location"].split("/")[2]]

    def test_a_spell_of_another_person_is_not_linked(self, browser, charlie):
        episode = spell("2026-03-01 22:00")
        store.add(charlie, episode)
        upload = SimpleUploadedFile("lip.mp4", b"\x00\x00\x00\x18ftypisom")
        assert browser.post(reverse("clip-add"), {"clip": upload, "episode": str(episode.id)}).status_code == 302
        assert store.records_of(charlie) == [episode]
