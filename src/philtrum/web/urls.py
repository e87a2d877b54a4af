"""Every address of philtrum."""

from __future__ import annotations

from django.urls import include, path

from philtrum.web.api import api

urlpatterns = [
    path("api/", api.urls),
    path("sign-in/", include("philtrum.web.access.urls")),
    path("", include("philtrum.web.advice.urls")),
    path("", include("philtrum.web.clips.urls")),
    path("", include("philtrum.web.diary.urls")),
    path("", include("philtrum.web.drivers.urls")),
]

handler404 = "philtrum.web.access.gate.not_found"
handler500 = "philtrum.web.access.gate.broken"
