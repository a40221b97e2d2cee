"""The form of « Je ne suis pas d’accord »: words, or none."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.web.forms import Form


class ContestForm(Form):
    """What the person says, if they wish to write it."""

    text = TextAreaField(
        _l("Que voulez-vous nous dire\u00a0?"),
        [Length(max=2000, message=_l("Votre texte est trop long. Gardez l’essentiel."))],
    )
