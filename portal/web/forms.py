"""What every form shares."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms.widgets import Select


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


class Form(FlaskForm):  # type: ignore[misc]
    """A form that a template can always ask for its token, even where CSRF is off (tests)."""

    csrf_token: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "csrf_token" in self._fields:
            self.csrf_token.widget = _hidden_without_id
        else:
            self.csrf_token = Markup("")
