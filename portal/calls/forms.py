"""What is written when a call was made, or nobody answered."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length, Optional

from portal.web.forms import Form


class DoneForm(Form):
    """« C’est fait », and what came of it."""

    outcome = StringField(
        _l("Ce qui a été dit"),
        [
            DataRequired(_l("Notez en quelques mots ce qui a été dit.")),
            Length(max=300, message=_l("300 signes au plus.")),
        ],
    )


class NotReachedForm(Form):
    """« Pas joint »: a note is welcome, never asked for."""

    note = StringField(
        _l("Note (facultative)"), [Optional(), Length(max=300, message=_l("300 signes au plus."))]
    )
