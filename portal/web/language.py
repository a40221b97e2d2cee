"""The language of a page: French, except the recipient's pages, in the one they chose."""

from __future__ import annotations

from functools import lru_cache

from babel.support import NullTranslations
from flask import Flask, g, request
from flask_babel import Domain, get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from portal.web.doorstep import person_visitor

#: Code: (its own name, direction of writing). The recipient's pages exist in all of them.
LANGUAGES = {
    "fr": ("Français", "ltr"),
    "en": ("English", "ltr"),
    "ar": ("العربية", "rtl"),
    "uk": ("Українська", "ltr"),
}
DEFAULT = "fr"
COOKIE = "ecluse-langue"

#: The blueprints whose pages are translated.
TRANSLATED_BLUEPRINTS = frozenset({"recipients", "doorstep"})


def is_language(code: str | None) -> bool:
    """Whether the recipient's pages exist in it."""
    return code in LANGUAGES


def is_of_recipients() -> bool:
    """Whether the page is one of those; an address that leads nowhere has no blueprint."""
    return request.blueprint in TRANSLATED_BLUEPRINTS or request.path.startswith("/moi/")


def choose_language() -> str:
    """The language of this request: what the page was told, the visit, the cookie, French."""
    if not is_of_recipients():
        return DEFAULT
    visitor = person_visitor()
    wanted = (
        g.get("language"),
        visitor.row.language if visitor else None,
        request.cookies.get(COOKIE),
        visitor.person.language if visitor else None,
    )
    return next((code for code in wanted if code is not None and is_language(code)), DEFAULT)


def direction_of(code: str) -> str:
    """« rtl » for Arabic, else « ltr »."""
    return LANGUAGES.get(code, LANGUAGES[DEFAULT])[1]


class _French(NullTranslations):
    """The texts as they are written; French counts nothing as one: « 0 place », « 2 places »."""

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        """What gettext says without a catalogue follows English: « 0 places »."""
        return singular if abs(number) < 2 else plural


_FRENCH = _French()


class _Words(Domain):  # type: ignore[misc]
    """The catalogues, and French, which has none."""

    def get_translations(self) -> NullTranslations:
        """The words of the language of the request."""
        locale = get_locale()
        if locale is None or locale.language == DEFAULT:
            return _FRENCH
        translations: NullTranslations = super().get_translations()
        return translations


@lru_cache(maxsize=8192)
def _words(_language: str, text: str) -> Markup:
    """A text of a template in the language of the request: the catalogues never change.

    It is markup, as Jinja has it: written in the template or its translation, never typed.
    """
    return Markup(get_translations().ugettext(text))  # noqa: S704


@pass_eval_context
def _gettext(context: EvalContext, text: str, /, **variables: object) -> str:
    """What templates call ``_``: as Flask-Babel's, which asks three times who is there."""
    locale = get_locale()
    words = _words(locale.language if locale else DEFAULT, text)
    if not context.autoescape:
        return str(words) % variables
    return words % variables if "%" in words else words


def init_app(app: Flask) -> None:
    """Give pages their words; a page says some two hundred."""
    app.extensions["babel"].instance.domain_instance = _Words()
    app.jinja_env.globals.update(_=_gettext, gettext=_gettext)
