"""Forms of the register: a need of a project, and what becomes of the needs of a trade."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from portal.models import NeedEndReason
from portal.people.forms.fields import CommuneField, EnumSelect, strip
from portal.web.forms import Form

_MOST_JOBS = 2000


class NeedForm(Form):
    """How many places would answer a gap, and where."""

    jobs = IntegerField(
        _l("Combien de places répondraient au besoin"),
        [
            InputRequired(_l("Donnez un nombre.")),
            NumberRange(
                min=1, max=_MOST_JOBS, message=_l("Donnez un nombre entre 1 et 2\u00a0000.")
            ),
        ],
    )
    place = CommuneField(_l("Commune"), required=True)
    note = TextAreaField(
        _l("Ce qu’il faut savoir"),
        [Length(max=1000)],
        filters=[strip],
        render_kw={"rows": 3},
        description=_l("Le métier, les gestes, les dates. Aucun nom de personne."),
    )


class SteeringForm(Form):
    """What becomes of the needs of a trade."""

    move = RadioField(_l("Ce que vous en faites"), [InputRequired(_l("Choisissez."))])
    reason = EnumSelect(_l("Pourquoi, si vous les clôturez"), NeedEndReason, empty=_l("Choisir"))
