"""What every form shares."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup


class Form(FlaskForm):  # type: ignore[misc]
    """A form that a template can always ask for its token, even where CSRF is off (tests)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "csrf_token" not in self._fields:
            self.csrf_token = Markup("")
