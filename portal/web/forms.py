"""What every form shares."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_wtf import FlaskForm
from flask_wtf.i18n import Translations
from markupsafe import Markup, escape
from wtforms.widgets import Select

_NUMBER = "Écrivez un nombre, en chiffres."
#: What WTForms says of a value it cannot read, in words anybody understands.
_IN_FRENCH = {
    "Not a valid integer value.": _NUMBER,
    "Not a valid decimal value.": _NUMBER,
    "Not a valid date value.": "Donnez une date qui existe.",
    "Not a valid time value.": "Donnez une heure, comme 07:30.",
    "Not a valid choice.": "Choisissez dans la liste.",
    "This field is required.": "À remplir.",
}


class LongSelect(Select):
    """A select of a hundred choices or more: each is put together at once, with the same words."""

    # The published types are those of an older release, where an option came in three pieces.
    @classmethod
    def render_option(cls, choice: Any, **attributes: Any) -> Markup:  # type: ignore[override]
        """One choice: its value, what it says, and whether it is the one chosen."""
        if attributes or choice.render_kw:
            whole: Markup = super().render_option(choice, **attributes)
            return whole
        chosen = "selected " if choice.selected else ""
        value, words = escape(choice.value), escape(choice.label or choice.value)
        return Markup(f'<option {chosen}value="{value}">{words}</option>')  # noqa: S704 -- escaped


def _hidden_without_id(field: Any, **_attributes: Any) -> Markup:
    """A page may hold several forms: an id on their tokens would be there twice."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(field.name, field._value())


class _Words(Translations):  # type: ignore[misc]
    """What WTForms says by itself; on a French page, in our words and with our apostrophes."""

    def gettext(self, string: str) -> str:
        said: str = super().gettext(string)
        locale = get_locale()
        if locale is None or locale.language != "fr":
            return said
        return _IN_FRENCH.get(string, said.replace("'", "’"))


class Form(FlaskForm):  # type: ignore[misc]
    """A form that a template can always ask for its token, even where CSRF is off (tests)."""

    class Meta:
        """How WTForms speaks."""

        def get_translations(self, _form: FlaskForm) -> Translations:
            """The words of the language of the page."""
            return _Words()

    csrf_token: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "csrf_token" in self._fields:
            self.csrf_token.widget = _hidden_without_id
        else:
            self.csrf_token = Markup("")
