"""Addresses of the page on what drives the twitching."""

from __future__ import annotations

from django.urls import path

from philtrum.web.drivers import views

urlpatterns = [path("what-drives-it/", views.what_drives_it, name="what-drives-it")]
