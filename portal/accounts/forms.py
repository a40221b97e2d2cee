"""Forms of accounts."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from portal.accounts.addresses import checked_address
from portal.accounts.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from portal.errors import InputError
from portal.models import Account, Organisation, Role
from portal.web.forms import Form

_PASSWORD_HINT = _l(
    "Au moins %(n)d caractères. Une phrase courte que personne d’autre ne connaît convient bien.",
    n=MINIMUM_LENGTH,
)


class SignInForm(Form):
    """Address and password."""

    email = EmailField(_l("Adresse électronique"), [InputRequired(), Length(max=255)])
    password = PasswordField(_l("Mot de passe"), [InputRequired(), Length(max=MAXIMUM_LENGTH)])
    suite = HiddenField()


class NewPasswordForm(Form):
    """A password chosen, typed twice."""

    password = PasswordField(
        _l("Nouveau mot de passe"),
        [InputRequired(), Length(max=MAXIMUM_LENGTH)],
        description=_PASSWORD_HINT,
    )
    again = PasswordField(
        _l("Le même, une seconde fois"),
        [
            InputRequired(),
            EqualTo("password", _l("Les deux mots de passe ne sont pas les mêmes.")),
        ],
    )


class ChangePasswordForm(NewPasswordForm):
    """The present password, then the new one."""

    current = PasswordField(
        _l("Mot de passe actuel"), [InputRequired(), Length(max=MAXIMUM_LENGTH)]
    )


class CodeForm(Form):
    """Six digits of an application, or a spare code."""

    code = StringField(_l("Code à six chiffres"), [InputRequired(), Length(max=20)])


class StopCodesForm(Form):
    """The present password, before the second step is removed."""

    current = PasswordField(_l("Mot de passe"), [InputRequired(), Length(max=MAXIMUM_LENGTH)])


class PasskeyForm(Form):
    """What one calls a device, and the present password."""

    label = StringField(_l("Nom de cet appareil"), [Length(max=60)])
    password = PasswordField(
        _l("Votre mot de passe"), [InputRequired(), Length(max=MAXIMUM_LENGTH)]
    )


class PlaceForm(Form):
    """A role in a structure."""

    organisation = SelectField(_l("Structure"), [InputRequired()])
    role = SelectField(_l("Rôle"), [InputRequired()], choices=Role.choices)

    def offer(self, organisations: Sequence[Organisation]) -> None:
        """Set the structures one may choose from."""
        self.organisation.choices = [(o.public_id, o.name) for o in organisations]


class NewAccountForm(PlaceForm):
    """A named account."""

    first_name = StringField(_l("Prénom"), [InputRequired(), Length(max=100)])
    last_name = StringField(_l("Nom"), [InputRequired(), Length(max=100)])
    email = EmailField(
        _l("Adresse électronique"),
        [InputRequired(), Length(max=255)],
        description=_l("À son nom : ni accueil@, ni contact@."),
    )

    def validate_email(self, field: EmailField) -> None:
        """Say beside the field what is wrong with the address."""
        try:
            checked_address(field.data or "")
        except InputError as error:
            raise ValidationError(str(error)) from error


class ReassignForm(Form):
    """Who will follow the people of somebody who leaves."""

    organisation = HiddenField()
    colleague = SelectField(_l("Confier à"), [InputRequired()])

    def offer(self, colleagues: Sequence[Account]) -> None:
        """Set the colleagues one may choose from."""
        self.colleague.choices = [(a.public_id, a.full_name) for a in colleagues]
