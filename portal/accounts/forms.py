"""Forms of accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from portal.web.forms import Form


class SignInForm(Form):
    """Address and password."""

    email = EmailField(_l("Adresse électronique"), [InputRequired(), Length(max=255)])
    password = PasswordField(_l("Mot de passe"), [InputRequired(), Length(max=1000)])
    suite = HiddenField()
