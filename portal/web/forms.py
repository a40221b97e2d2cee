"""What every form shares."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup


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
