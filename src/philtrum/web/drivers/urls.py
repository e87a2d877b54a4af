"""Addresses of the answers from a person's own days."""

from __future__ import annotations

from django.urls import path

from philtrum.web.drivers import views

urlpatterns = [
    path("what-drives-it/", views.what_drives_it, name="what-drives-it"),
    path("treatments/", views.treatments, name="treatments"),
]
