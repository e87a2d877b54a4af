"""Rows belong to a person; every look-up of a row goes through here."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

Row = TypeVar("Row", bound=Model)

_LOCAL_NAME = "local"


def local_person() -> User:
    """Return the one person of this machine, made on first use; they have no password and need none."""
    person, is_new = get_user_model().objects.get_or_create(username=_LOCAL_NAME)
    if is_new:
        person.set_unusable_password()
        person.save()
    return person


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
