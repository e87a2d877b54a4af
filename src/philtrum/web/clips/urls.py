"""Addresses of the clips app."""

from __future__ import annotations

from django.urls import path

from philtrum.web.clips import views

urlpatterns = [
    path("film/", views.film_it, name="film-it"),
    path("clips/", views.add, name="clip-add"),
    path("clips/<uuid:clip_id>/", views.show, name="clip"),
    path("clips/<uuid:clip_id>/progress", views.progress, name="clip-progress"),
    path("clips/<uuid:clip_id>/cancel", views.cancel, name="clip-cancel"),
    path("clips/<uuid:clip_id>/remove", views.remove, name="clip-remove"),
    path("clips/<uuid:clip_id>/review", views.review, name="clip-review"),
    path("clips/<uuid:clip_id>/video", views.video, name="clip-video"),
    path("clips/<uuid:clip_id>/film", views.film, name="clip-film"),
    path("clips/<uuid:clip_id>/film/progress", views.film_progress, name="clip-film-progress"),
    path("clips/<uuid:clip_id>/measurement.json", views.measurement_file, name="clip-measurement"),
    path("clips/<uuid:clip_id>/trace.csv", views.trace_file, name="clip-trace"),
]
