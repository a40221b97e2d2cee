"""What is typed at the entrances."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from portal.web.forms import Form


class PersonCodeForm(Form):
    """The twelve digits of a sheet."""

    code = StringField(_l("Votre code"), [InputRequired(_l("Écrivez votre code."))])
    own_phone = BooleanField(_l("Ce téléphone est à moi"))


class SixDigitsForm(Form):
    """The six digits of a message."""

    code = StringField(_l("Le code du message"), [InputRequired(_l("Écrivez le code."))])
