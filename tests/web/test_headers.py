"""Headers and markup that keep a page to itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

WEB = Path(__file__).parents[2] / "src/philtrum/web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


def policy(response):
    return dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))


def test_pages_may_load_scripts_and_styles_from_themselves_only(browser):
    rules = policy(browser.get("/"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert not [rule for rule in rules.values() if "unsafe" in rule or "http" in rule]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/sign-in/guess", "/nothing"])
def test_every_answer_has_the_headers_also_without_a_session(path):
    response = Client().get(path)
    assert policy(response)["default-src"] == "'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=(self)" in response["Permissions-Policy"]
    assert "microphone=()" in response["Permissions-Policy"]
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_nothing_that_the_policy_would_block(path):
    text = path.read_text("utf-8")
    assert not re.search(r"\son\w+\s*=|hx-on|style\s*=|<style|js:|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"""(src|href)=["'](https?:)?//""", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_template_can_be_translated(path):
    text = re.sub(
        r"{%\s*blocktranslate.*?endblocktranslate\s*%}|{%.*?%}|{{.*?}}|<[^>]*>", " ", path.read_text(), flags=re.S
    )
    words = [word for word in re.findall(r"[A-Za-z]{2,}", text) if word not in {"philtrum", "mm", "nbsp"}]
    assert words == [], "put these into translate tags"
