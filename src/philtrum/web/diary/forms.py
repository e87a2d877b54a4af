"""Forms of the diary: from what a person chose to a record, and back. Every field but the first is optional."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from philtrum.diary.checks import LONGEST_NAME, LONGEST_NOTE, RecordError
from philtrum.diary.medicines import Dose, DoseChange, Medicine, Site, Treatment
from philtrum.diary.records import PLACES, CheckIn, Episode, Event, Record
from philtrum.web.diary.words import ENDINGS, movements, symptoms

_CLOCK_AHEAD = timedelta(minutes=5)  # a telephone's clock may run a little ahead of ours
_LOCAL = "%Y-%m-%dT%H:%M"


class RecordForm(forms.Form):
    """A form that makes one record; `id` keeps the record's identity, `zone` its place on earth."""

    def __init__(self, *args: Any, record_id: UUID, zone: str, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.record_id = record_id
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        """Make the record; what it refuses is told beside the field."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.made: Record = self.make(cleaned)
            except RecordError as error:
                field = error.field if error.field in self.fields else None
                self.add_error(field, f"{error.what} {error.next_step} [{error.id}]")
        return cleaned

    def make(self, cleaned: Mapping[str, Any]) -> Record:
        """Return the record that the answers describe."""
        raise NotImplementedError

    def in_zone(self, moment: datetime) -> datetime:
        """Return the moment that clocks of the form's zone show; of a doubled hour the first."""
        return moment.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def past(self, moment: datetime, field: str) -> datetime:
        """Return a moment of the form in UTC; refuse one in the future."""
        found = self.in_zone(moment)
        if found > datetime.now(UTC) + _CLOCK_AHEAD:
            raise RecordError("record-in-future", "This lies in the future.", "Check date and time.", field)
        return found


class LocalMoment(forms.DateTimeField):
    """A date with a time as clocks show it, without a zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=[_LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """Read the clock time as it stands; Django would take it for the server's zone."""
        if value in self.empty_values:
            return None
        for known in self.input_formats or ():
            try:
                return datetime.strptime(value, known)  # noqa: DTZ007 - the form knows the zone
            except (ValueError, TypeError):
                continue
        raise forms.ValidationError(_("Write it as 2026-03-31 22:15."), code="invalid")


def day_field(**kwargs: Any) -> forms.DateField:
    """Return a field for a date."""
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def note_field() -> forms.CharField:
    """Return a field for the person's own words."""
    return forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def name_field(label: Any, *, required: bool = True, **attributes: str) -> forms.CharField:
    """Return a field for a few words."""
    widget = forms.TextInput(attrs=attributes)
    return forms.CharField(label=label, required=required, max_length=LONGEST_NAME, widget=widget)


class EpisodeForm(RecordForm):
    """A spell of twitching, with all that may be known about it."""

    started_at = LocalMoment(label=_("It began"))
    ending = forms.ChoiceField(label=_("How it ended"), choices=ENDINGS, widget=forms.RadioSelect)
    ended_at = LocalMoment(label=_("It stopped at"), required=False)
    places = forms.MultipleChoiceField(label=_("Where"), required=False, choices=[(place, place) for place in PLACES])
    strength = forms.TypedChoiceField(
        label=_("How strong"),
        required=False,
        choices=[("", "?"), *((n, str(n)) for n in range(11))],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    movements = forms.MultipleChoiceField(label=_("What it looked like"), required=False)
    companions = forms.MultipleChoiceField(label=_("What came with it"), required=False)
    clips = forms.TypedMultipleChoiceField(label=_("Clips that show it"), required=False, coerce=UUID)
    note = note_field()

    def __init__(self, *args: Any, logged: str = "recalled", clips: Iterable[UUID] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logged = logged
        self.fields["movements"].choices = list(movements().items())  # type: ignore[attr-defined]
        self.fields["companions"].choices = list(symptoms().items())  # type: ignore[attr-defined]
        self.fields["clips"].choices = [(str(id), str(id)) for id in clips]  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(record: Episode) -> dict[str, Any]:
        """Return a record's answers, times by the clocks of its zone."""
        here = ZoneInfo(record.zone)
        return {
            "started_at": record.started_at.astimezone(here).strftime(_LOCAL),
            "ended_at": record.ended_at.astimezone(here).strftime(_LOCAL) if record.ended_at else "",
            "ending": record.ending,
            "places": list(record.places),
            "strength": "" if record.strength is None else record.strength,
            "movements": list(record.movements),
            "companions": list(record.companions),
            "clips": [str(id) for id in record.clips],
            "note": record.note,
        }

    def make(self, cleaned: Mapping[str, Any]) -> Episode:
        """Return the episode."""
        ended_at = cleaned["ended_at"]
        if cleaned["ending"] not in ("ended", "came_and_went"):
            ended_at = None
        return Episode(
            id=self.record_id,
            started_at=self.past(cleaned["started_at"], "started_at"),
            zone=self.zone,
            ending=cleaned["ending"],
            ended_at=self.past(ended_at, "ended_at") if ended_at else None,
            logged="at_once" if self.logged == "at_once" else "recalled",
            places=tuple(cleaned["places"]),
            strength=cleaned["strength"],
            movements=tuple(cleaned["movements"]),
            companions=tuple(cleaned["companions"]),
            note=cleaned["note"],
            clips=tuple(cleaned["clips"]),
        )


class CheckInForm(RecordForm):
    """The evening answers of one day; one field per factor that is asked about."""

    has_twitched = forms.TypedChoiceField(
        required=False,
        choices=[("no", _("No twitch")), ("yes", _("Yes"))],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    n_episodes = forms.IntegerField(required=False, min_value=0, max_value=1000)
    note = note_field()

    def __init__(self, *args: Any, day: date, factors: Sequence[str], known: CheckIn | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day
        self.known = known
        self.factors = factors
        for key in factors:
            self.fields[f"answer_{key}"] = forms.FloatField(required=False)
            self.fields[f"other_{key}"] = forms.FloatField(required=False)

    def make(self, cleaned: Mapping[str, Any]) -> CheckIn:
        """Return the check-in; answers to factors that were not asked about stay as they are."""
        answers = dict(self.known.answers) if self.known else {}
        for key in self.factors:
            typed, chosen = cleaned.get(f"other_{key}"), cleaned.get(f"answer_{key}")
            answers.pop(key, None)
            answer = chosen if typed is None else typed
            if answer is not None:
                answers[key] = float(answer)
        base = self.known or CheckIn(id=self.record_id, day=self.day, zone=self.zone)
        n_episodes = cleaned["n_episodes"] if cleaned["has_twitched"] else None
        return replace(
            base,
            has_twitched=cleaned["has_twitched"],
            n_episodes=n_episodes or None,
            minutes=base.minutes if cleaned["has_twitched"] else None,
            answers=answers,
            note=cleaned["note"],
        )


class MedicineForm(RecordForm):
    """A medicine or remedy over time."""

    name = name_field(_("Medicine or remedy"), autocomplete="off")
    dose = name_field(_("Dose, as you take it"), required=False)
    started_on = day_field(label=_("Taken since (leave open if for very long)"), required=False)
    change_on = day_field(label=_("Dose changed on"), required=False)
    change_dose = name_field(_("New dose"), required=False)
    stopped_on = day_field(label=_("First day without it"), required=False)
    note = note_field()

    def __init__(self, *args: Any, changes: tuple[DoseChange, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes = changes

    @staticmethod
    def initial_of(record: Medicine) -> dict[str, Any]:
        """Return a record's answers; a change is added, not edited."""
        return {name: getattr(record, name) for name in ("name", "dose", "started_on", "stopped_on", "note")}

    def make(self, cleaned: Mapping[str, Any]) -> Medicine:
        """Return the medicine, with one change of dose more where one was given."""
        changes = self.changes
        if cleaned["change_on"]:
            changes = (*changes, DoseChange(on=cleaned["change_on"], dose=cleaned["change_dose"]))
        elif cleaned["change_dose"]:
            raise RecordError("record-change-without-day", "The change of dose has no day.", "Give it.", "change_on")
        kept = {name: cleaned[name] for name in ("name", "dose", "started_on", "stopped_on", "note")}
        return Medicine(id=self.record_id, changes=changes, **kept)


class DoseForm(RecordForm):
    """One taking of a medicine."""

    taken_at = LocalMoment(label=_("Taken at"))
    medicine = name_field(_("Medicine or remedy"))
    amount = name_field(_("How much"), required=False)
    note = note_field()

    @staticmethod
    def initial_of(record: Dose) -> dict[str, Any]:
        """Return a record's answers."""
        taken_at = record.taken_at.astimezone(ZoneInfo(record.zone)).strftime(_LOCAL)
        return {"taken_at": taken_at, "medicine": record.medicine, "amount": record.amount, "note": record.note}

    def make(self, cleaned: Mapping[str, Any]) -> Dose:
        """Return the dose."""
        taken_at = self.past(cleaned["taken_at"], "taken_at")
        kept = {name: cleaned[name] for name in ("medicine", "amount", "note")}
        return Dose(id=self.record_id, taken_at=taken_at, zone=self.zone, **kept)


class TreatmentForm(RecordForm):
    """A treatment of muscle or nerve on a day."""

    on = day_field(label=_("Day"))
    method = name_field(_("What was done"))
    product = name_field(_("Product"), required=False)
    units = forms.FloatField(label=_("Units in all"), required=False)
    sites = forms.CharField(
        label=_("Where, one place per line, with its units: upper lip left, 2.5"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = note_field()

    @staticmethod
    def initial_of(record: Treatment) -> dict[str, Any]:
        """Return a record's answers, its sites as lines."""
        lines = (f"{site.place}, {site.units:g}" if site.units else site.place for site in record.sites)
        kept = {name: getattr(record, name) for name in ("on", "method", "product", "units", "note")}
        return kept | {"sites": "\n".join(lines)}

    def make(self, cleaned: Mapping[str, Any]) -> Treatment:
        """Return the treatment."""
        kept = {name: cleaned[name] for name in ("on", "method", "product", "units", "note")}
        sites = tuple(_site(line) for line in cleaned["sites"].splitlines() if line.strip())
        return Treatment(id=self.record_id, sites=sites, **kept)


class EventForm(RecordForm):
    """Something of note on a day."""

    on = day_field(label=_("Day"))
    what = name_field(_("What happened"))
    note = note_field()

    @staticmethod
    def initial_of(record: Event) -> dict[str, Any]:
        """Return a record's answers."""
        return {name: getattr(record, name) for name in ("on", "what", "note")}

    def make(self, cleaned: Mapping[str, Any]) -> Event:
        """Return the event."""
        return Event(id=self.record_id, **{name: cleaned[name] for name in ("on", "what", "note")})


FORMS: Mapping[str, Callable[..., RecordForm]] = {
    "medicine": MedicineForm,
    "dose": DoseForm,
    "treatment": TreatmentForm,
    "event": EventForm,
}
"""The kinds that share one page; a spell and a check-in have pages of their own."""


def _site(line: str) -> Site:
    place, _comma, units = line.strip().rpartition(",")
    try:
        return Site(place=place.strip(), units=float(units)) if place else Site(place=line.strip())
    except ValueError as error:
        if isinstance(error, RecordError):
            raise
        return Site(place=line.strip())
