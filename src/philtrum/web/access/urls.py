"""Addresses of the access app."""

from __future__ import annotations

from django.urls import path

from philtrum.web.access.signin import sign_in

urlpatterns = [path("<str:token>", sign_in, name="sign-in")]
