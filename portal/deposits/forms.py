"""The form of a need, in the employer's words, and those of the adviser who answers it."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    EmailField,
    Field,
    IntegerField,
    RadioField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import (
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal import clock
from portal.models.base import LabelledEnum
from portal.offers.siret import SiretError, checked_siret
from portal.offers.wording import find_discriminating
from portal.text import N_
from portal.web.forms import Form

_FARTHEST = timedelta(days=730)
_FEWEST_DIGITS = 9


class NeedForm(Form):
    """One need: what, how many, where, when, what to know on day one, what can be learned."""

    trade = StringField(_l("Quel métier\u00a0?"), [InputRequired(), Length(max=120)])
    posts = IntegerField(
        _l("Combien de personnes\u00a0?"), [InputRequired(), NumberRange(1, 99)], default=1
    )
    place = StringField(_l("Où est le travail\u00a0?"), [InputRequired(), Length(max=120)])
    commune = RadioField(
        _l("Quelle commune\u00a0?"), [Optional()], choices=[], validate_choice=False
    )
    start_wanted = DateField(_l("À partir de quand\u00a0?"), [Optional()])
    day_one = TextAreaField(
        _l("Que faut-il savoir faire dès le premier jour\u00a0?"), [Optional(), Length(max=1000)]
    )
    can_learn = TextAreaField(
        _l("Qu’est-ce qui peut s’apprendre\u00a0?"), [Optional(), Length(max=1000)]
    )
    more = TextAreaField(_l("Autre chose\u00a0?"), [Optional(), Length(max=1000)])
    # Nobody sees it: what fills it is a machine.
    website = StringField(_l("Ne rien écrire ici"), [Optional(), Length(max=200)])

    def offer_communes(self, choices: list[tuple[str, str]]) -> None:
        """The communes that the words may mean."""
        self.commune.choices = [SelectChoice(value, label) for value, label in choices]

    def validate_start_wanted(self, field: DateField) -> None:
        """A day to come, within two years."""
        today = clock.today()
        if field.data and not today <= field.data <= today + _FARTHEST:
            raise ValidationError(
                _("Donnez une date à venir, ou laissez vide\u00a0: dès que possible.")
            )

    def validate_trade(self, field: Field) -> None:
        """No wording that the law forbids."""
        _refuse_wording(field)

    validate_day_one = validate_trade
    validate_can_learn = validate_trade
    validate_more = validate_trade


class NewEmployerForm(NeedForm):
    """The same, from somebody who is not known yet."""

    employer = StringField(_l("Nom de l’entreprise"), [InputRequired(), Length(max=200)])
    siret = StringField(_l("Numéro SIRET, si vous l’avez"), [Optional(), Length(max=30)])
    contact = StringField(_l("Votre nom"), [InputRequired(), Length(max=120)])
    phone = TelField(_l("Votre téléphone"), [InputRequired(), Length(max=32)])
    email = EmailField(_l("Votre courriel"), [Optional(), Email(), Length(max=200)])

    def validate_siret(self, field: Field) -> None:
        """Fourteen digits with a right key."""
        digits = "".join(c for c in field.data or "" if c.isdigit())
        try:
            field.data = checked_siret(digits)
        except SiretError as error:
            raise ValidationError(str(error)) from error

    def validate_phone(self, field: Field) -> None:
        """Enough digits to be called."""
        if sum(c.isdigit() for c in field.data or "") < _FEWEST_DIGITS:
            raise ValidationError(_("Donnez un numéro complet\u00a0: un conseiller vous appelle."))


class DropReason(LabelledEnum):
    """Why a need is not made an offer."""

    UNREACHABLE = "unreachable", N_("employeur injoignable")
    FILLED = "filled", N_("besoin déjà couvert")
    KNOWN = "known", N_("besoin déjà connu")
    ELSEWHERE = "elsewhere", N_("relève d’une autre structure")
    NOT_A_NEED = "not_a_need", N_("ce n’était pas un besoin")


class DropForm(Form):
    """Why nothing follows."""

    reason = RadioField(
        _l("Pourquoi\u00a0?"),
        [InputRequired()],
        choices=lambda: [SelectChoice(value, label) for value, label in DropReason.choices()],
    )


class QualifyForm(Form):
    """Which employer it is, when the name alone does not tell."""

    establishment = RadioField(
        _l("Quelle entreprise\u00a0?"), [Optional()], choices=[], validate_choice=False
    )


def _refuse_wording(field: Field) -> None:
    found = find_discriminating(field.data or "")
    if found:
        raise ValidationError(
            _(
                "«\u00a0%(words)s\u00a0» est à reformuler (%(ground)s, %(article)s). %(proposal)s",
                words=found[0].excerpt,
                ground=found[0].ground.label,
                article=found[0].ground.article,
                proposal=found[0].proposal,
            )
        )
