"""Addresses of the advice app; they hold ids of the knowledge, never an answer."""

from __future__ import annotations

from django.urls import path

from philtrum.web.advice.pages import check_up, understand

urlpatterns = [
    path("check-up/", check_up.check_up, name="check-up"),
    path("check-up/questions/<slug:question_id>", check_up.question, name="check-up-question"),
    path("check-up/result", check_up.result, name="check-up-result"),
    path("check-up/answers", check_up.answers, name="check-up-answers"),
    path("check-up/again", check_up.again, name="check-up-again"),
    path("check-up/delete", check_up.delete, name="check-up-delete"),
    path("emergency/", check_up.emergency, name="emergency"),
    path("understand/", understand.index, name="understand"),
    path("understand/movements", understand.movements, name="understand-movements"),
    path("understand/causes/<slug:cause_id>", understand.cause, name="understand-cause"),
    path("understand/medicines/<slug:group_id>", understand.medicines, name="understand-medicines"),
    path("understand/remedies/<slug:remedy_id>", understand.remedy, name="understand-remedy"),
    path("understand/claims-of-the-web", understand.myths, name="understand-myths"),
    path("understand/sources", understand.sources, name="understand-sources"),
]
