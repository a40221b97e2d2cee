"""What a professional writes about the accesses they give."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional

from portal.doors.contacts import contact_phone
from portal.web.forms import Form

_MOST = Length(max=120, message=_l("Le texte est trop long."))


class ContactForm(Form):
    """Somebody of an establishment."""

    name = StringField(_l("Nom"), [InputRequired(_l("Écrivez un nom.")), _MOST])
    job = StringField(_l("Fonction"), [Optional(), _MOST])
    phone = StringField(
        _l("Téléphone mobile"),
        [Optional(), Length(max=32, message=_l("Le numéro est trop long."))],
    )
    email = StringField(
        _l("Courriel"),
        [Optional(), Email(_l("Cette adresse n’est pas complète.")), _MOST],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields, and one way to write to them at least."""
        if not super().validate(extra_validators):
            return False
        if self.phone.data or self.email.data:
            return True
        self.phone.errors = [_("Écrivez un téléphone ou un courriel.")]
        return False

    def values(self) -> dict[str, Any]:
        """What is recorded."""
        return {
            "name": (self.name.data or "").strip(),
            "job": (self.job.data or "").strip() or None,
            "phone": contact_phone(self.phone.data),
            "email": (self.email.data or "").strip() or None,
        }


class BesideForm(Form):
    """Opening the space with the person."""

    agreed = BooleanField(
        _l("La personne est d’accord, elle l’a dit"),
        [InputRequired(_l("Demandez d’abord à la personne si elle est d’accord."))],
    )
