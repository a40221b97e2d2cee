"""Forms of the Imports screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectMultipleField, SubmitField
from wtforms.validators import InputRequired

from portal.models import ImportKind, LinkState
from portal.web.forms import Form


class UploadForm(Form):
    """What the file is, and the file."""

    kind = RadioField(
        _l("Que contient le fichier\u00a0?"),
        [InputRequired(_l("Choisissez ce que contient le fichier."))],
        choices=ImportKind.choices,
    )
    file = FileField(_l("Fichier"), [FileRequired(_l("Choisissez un fichier."))])


class LinksForm(Form):
    """The links chosen in the list, and what is decided of them."""

    links = SelectMultipleField(_l("Liens"), validate_choice=False)
    decision = SubmitField()

    @property
    def chosen_state(self) -> LinkState | None:
        """What the button that was pressed asks for."""
        value = self.decision.raw_data[0] if self.decision.raw_data else ""
        return {"confirmed": LinkState.CONFIRMED, "refused": LinkState.REFUSED}.get(value)
