"""The catalogues of the person's pages: whole, exact, and compiled as they are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import ModuleType

import pytest
from babel.messages import Catalog
from flask import Flask
from flask_babel import force_locale

from portal.clock import PARIS
from portal.recipients import saying_dates
from portal.web.language import DEFAULT, LANGUAGES
from tests.support.catalogues import tool

TRANSLATED = sorted(set(LANGUAGES) - {DEFAULT})
PLURALS = {"en": 2, "ar": 6, "uk": 3}


def test_every_language_of_the_space_has_its_catalogue() -> None:
    assert sorted(tool().LANGUAGES) == TRANSLATED


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_complete_exact_and_without_guesses(language: str) -> None:
    if not any(m.id and m.string and any(m.string) for m in tool().read(language)):
        pytest.skip(f"the catalogue {language} is with its translators")
    assert tool().problems(language) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_served_is_the_compiled_catalogue(language: str) -> None:
    path = tool().po_path(language)
    assert path.with_suffix(".mo").read_bytes() == tool().compiled(tool().read(language))


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_plural_forms_are_those_of_the_language(language: str) -> None:
    assert tool().read(language).num_plurals == PLURALS[language]


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> ModuleType:
    """The tool on sources of three strings, and its catalogues in a folder of its own."""
    module = tool()
    monkeypatch.setattr(module, "CATALOGUES", tmp_path)
    monkeypatch.setattr(module, "TEMPLATE", tmp_path / "recipients.pot")  # type: ignore[operator]
    sources = Catalog(charset="utf-8")
    sources.add("Bonjour %(name)s.", locations=[("a.html", 1)])
    sources.add(("%(num)s jour", "%(num)s jours"), locations=[("a.html", 2)])
    monkeypatch.setattr(module, "extract", lambda: sources)
    return module


def _write(module: ModuleType, hello: str, days: tuple[str, ...], *, fuzzy: bool = False) -> None:
    catalogue = module.read("uk")
    catalogue["Bonjour %(name)s."].string = hello
    catalogue[("%(num)s jour", "%(num)s jours")].string = days
    if fuzzy:
        catalogue["Bonjour %(name)s."].flags.add("fuzzy")
    path = module.po_path("uk")
    path.write_bytes(module.as_text(catalogue))
    path.with_suffix(".mo").write_bytes(module.compiled(module.read("uk")))


THREE = ("%(num)s день", "%(num)s дні", "%(num)s днів")


def test_a_whole_catalogue_has_no_problem(scratch: ModuleType) -> None:
    scratch.update()
    _write(scratch, "Добрий день, %(name)s.", THREE)
    assert scratch.problems("uk") == []
    scratch.update()
    assert scratch.problems("uk") == []
    assert scratch.read("uk")["Bonjour %(name)s."].string == "Добрий день, %(name)s."


def test_updating_twice_changes_no_file(scratch: ModuleType) -> None:
    scratch.update()
    before = {path: path.read_bytes() for path in scratch.CATALOGUES.rglob("*.*")}
    scratch.update()
    assert {path: path.read_bytes() for path in scratch.CATALOGUES.rglob("*.*")} == before
    assert len(before) == 7


@pytest.mark.parametrize(
    ("hello", "days", "fuzzy", "problem"),
    [
        ("", THREE, False, "not translated"),
        ("Добрий день, %(nom)s.", THREE, False, "placeholders differ"),
        ("Добрий день.", THREE, False, "placeholders differ"),
        ("Добрий день, %(name)s.", ("%(num)s день", "", ""), False, "not translated"),
        ("Добрий день, %(name)s.", THREE, True, "fuzzy"),
    ],
)
def test_what_a_translator_must_mend_is_said(
    scratch: ModuleType, hello: str, days: tuple[str, ...], fuzzy: bool, problem: str
) -> None:
    scratch.update()
    _write(scratch, hello, days, fuzzy=fuzzy)
    found = scratch.problems("uk")
    assert any(problem in line for line in found)


def test_a_string_that_is_new_and_a_catalogue_not_compiled_are_said(scratch: ModuleType) -> None:
    scratch.update()
    _write(scratch, "Добрий день, %(name)s.", THREE)
    scratch.extract().add("Au revoir.", locations=[("a.html", 3)])
    scratch.po_path("uk").with_suffix(".mo").write_bytes(b"old")
    assert [line.partition(": ")[2] for line in scratch.problems("uk")] == [
        "'Au revoir.': not in the catalogue",
        "messages.mo is not the compiled messages.po",
    ]
    assert scratch.check() == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ("vendredi 12 mars", "lundi 1er mars 2027", "7\u00a0h\u00a030")),
        ("en", ("Friday 12 March", "Monday 1 March 2027", "7:30")),
        ("ar", ("الجمعة، 12 مارس", "الاثنين، 1 مارس 2027", "7:30")),
        ("uk", ("пʼятниця, 12 березня", "понеділок, 1 березня 2027", "7:30")),
    ],
)
def test_days_and_hours_are_said_in_the_language_with_the_digits_of_france(
    app: Flask, language: str, said: tuple[str, str, str]
) -> None:
    with app.test_request_context(), force_locale(language):
        shown = (
            saying_dates.day(date(2027, 3, 12)),
            saying_dates.day_with_year(date(2027, 3, 1)),
            saying_dates.hour("07:30"),
        )
    assert shown == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ("5\u00a0min", "1\u00a0h", "1\u00a0h\u00a005")),
        ("en", ("5 min", "1 hr", "1 hr 5 min")),
        ("ar", ("5 دقائق", "ساعة", "ساعة و5 دقائق")),
        ("uk", ("5 хв", "1 год", "1 год 5 хв")),
    ],
)
def test_durations_are_said_in_the_language(
    app: Flask, language: str, said: tuple[str, str, str]
) -> None:
    with app.test_request_context(), force_locale(language):
        shown = tuple(saying_dates.duration(minutes) for minutes in (5, 60, 65))
    assert shown == said


def test_an_instant_is_said_in_paris_and_nothing_is_said_of_nothing(app: Flask) -> None:
    late = datetime(2027, 3, 12, 0, 30, tzinfo=PARIS).astimezone(UTC)
    with app.test_request_context():
        assert saying_dates.day(late) == "vendredi 12 mars"
        assert saying_dates.hour(late) == "0\u00a0h\u00a030"
        assert (saying_dates.day(None), saying_dates.hour(None)) == ("", "")
