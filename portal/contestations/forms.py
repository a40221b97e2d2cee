"""The answer to a person who does not agree."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.web.forms import Form


class AnswerForm(Form):
    """Plain words, required."""

    answer = TextAreaField(
        _l("Votre réponse, en mots simples"),
        [
            DataRequired(_l("Écrivez la réponse que la personne lira.")),
            Length(
                max=4000, message=_l("La réponse est trop longue\u00a0: 4\u202f000 signes au plus.")
            ),
        ],
        description=_l("Des phrases courtes. Dites ce qui change, ou pourquoi rien ne change."),
    )
