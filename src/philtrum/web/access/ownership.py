"""Rows belong to a person; every look-up of a row goes through here."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from philtrum.errors import PhiltrumError

Row = TypeVar("Row", bound=Model)

LONGEST_NAME = 40

_LOCAL_NAME = "local"
_PROFILE = "profile:"  # a colon cannot stand in what people choose themselves on other systems, so nothing collides


class ProfileError(PhiltrumError, ValueError):
    """A profile that is not there, or a name that cannot be one."""


def local_person() -> User:
    """Return the one person of this machine, made on first use; they have no password and need none."""
    person, is_new = get_user_model().objects.get_or_create(username=_LOCAL_NAME)
    if is_new:
        person.set_unusable_password()
        person.save()
    return person


def profile(name: str) -> User:
    """Return the person of a profile; without a name, the one person of this machine.

    Raises
    ------
    ProfileError: ``profile-unknown``.
    """
    if not name:
        return local_person()
    found = profiles().filter(username=_username(name)).first()
    if found is None:
        known = ", ".join(person.first_name for person in profiles()) or "none so far"
        what = f"There is no profile {name[:LONGEST_NAME]!r}; there are: {known}."
        raise ProfileError("profile-unknown", what, "Make it with `philtrum profile add NAME`.")
    return found


def profiles() -> QuerySet[User]:
    """Return the people who have a profile of their own, by name; the one person of this machine is not among them."""
    return get_user_model().objects.filter(username__startswith=_PROFILE).order_by("first_name")


def add_profile(name: str) -> User:
    """Make a profile: a person with a diary and clips of their own.

    Raises
    ------
    ProfileError: ``profile-name``, ``profile-twice``.
    """
    shown = " ".join(name.split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        what = f"A profile cannot be called {shown[:LONGEST_NAME]!r}."
        raise ProfileError("profile-name", what, f"Use 1 to {LONGEST_NAME} letters.")
    if profiles().filter(username=_username(shown)).exists():
        raise ProfileError("profile-twice", f"There is a profile {shown!r} already.", "Use another name, or that one.")
    person = get_user_model()(username=_username(shown), first_name=shown)
    person.set_unusable_password()
    person.save()
    return person


def _username(name: str) -> str:
    return _PROFILE + " ".join(name.split()).casefold()


def signed_in(request: HttpRequest) -> User:
    """Return the person behind a request that has passed the gate."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def all_owned(model: type[Row], request: HttpRequest) -> QuerySet[Row]:
    """Return the rows that the signed-in person may see."""
    return model._default_manager.filter(owner=signed_in(request))


def one_owned(model: type[Row], request: HttpRequest, row_id: object) -> Row:
    """Return one row, or answer 404: a stranger's row and no row look the same."""
    return get_object_or_404(all_owned(model, request), pk=row_id)
