"""Forms of immersions: the convention, a signature, the end, the tutor's two minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.immersions.states import CancelReason, RefusalReason
from portal.models import (
    ImmersionObject,
    ObjectivesOutcome,
    Organisation,
    SignatoryRole,
    SignatureMethod,
    Skill,
)
from portal.offers.employer_field import EmployerForm
from portal.people.forms.fields import (
    Day,
    EnumRadio,
    EnumSelect,
    choice,
    choices_of,
    not_in_future,
    not_in_past,
    plausible_year,
)
from portal.web.forms import Form

_ASKED = _l("À remplir.")
_LEVELS = (
    ("2", _l("sans aide")),
    ("1", _l("avec aide")),
    ("0", _l("pas encore")),
    ("", _l("pas vu")),
)


class Hours(FloatField):
    """A number of hours, with a comma or a point."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read « 24,5 » as French writes it; « nan » and « inf » are no hours."""
        try:
            super().process_formdata([text.strip().replace(",", ".") for text in valuelist])
        except ValueError:
            self.data = None
        if self.data is None or not 0 <= self.data <= 168:
            self.data = None
            if valuelist and valuelist[0].strip():
                raise ValueError(_("Écrivez un nombre d’heures. Exemple\u00a0: 35."))

    def _value(self) -> str:
        """« 35 », « 24,5 », or what was typed."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:g}".replace(".", ",")


class ImmersionForm(EmployerForm):
    """The convention. What the law says of it is judged apart, on the whole."""

    employer = StringField(
        _l("Entreprise"),
        [InputRequired(_ASKED), Length(max=200)],
        description=_l(
            "Son nom et son SIRET, par exemple «\u00a0Travaux Dubois 732 829 320 00074\u00a0»."
        ),
    )
    trade = StringField(
        _l("Métier à essayer"),
        [Optional(), Length(max=120)],
        description=_l("Les gestes du bilan viennent de ce métier."),
    )
    object = EnumRadio(_l("Objet"), ImmersionObject, validators=[InputRequired(_ASKED)])
    objectives = TextAreaField(
        _l("Objectifs"),
        [InputRequired(_ASKED), Length(max=1500)],
        render_kw={"rows": 2},
        description=_l("Ce que la personne et l’entreprise veulent savoir à la fin."),
    )
    start = Day(_l("Du"), [plausible_year, not_in_past], required=True)
    end = Day(_l("Au"), [plausible_year], required=True)
    presence_days = IntegerField(
        _l("Jours de présence"),
        [Optional(), NumberRange(1, 366)],
        description=_l("Laissez vide pour compter du lundi au vendredi."),
    )
    weekly_hours = Hours(_l("Heures par semaine"), [InputRequired(_ASKED)], default=35.0)
    schedule = TextAreaField(
        _l("Horaires"),
        [InputRequired(_ASKED), Length(max=500)],
        render_kw={"rows": 2},
        description=_l("Par exemple\u00a0: du lundi au vendredi, 8 h à 12 h et 13 h à 16 h."),
    )
    place = StringField(
        _l("Lieu"),
        [Optional(), Length(max=250)],
        description=_l("Si ce n’est pas l’adresse de l’entreprise."),
    )
    tasks = TextAreaField(
        _l("Tâches confiées"), [InputRequired(_ASKED), Length(max=3000)], render_kw={"rows": 5}
    )
    tutor_name = StringField(
        _l("Tuteur dans l’entreprise"), [InputRequired(_ASKED), Length(max=200)]
    )
    tutor_role = StringField(_l("Son métier"), [Optional(), Length(max=200)])
    tutor_contact = StringField(_l("Son téléphone ou son courriel"), [Optional(), Length(max=200)])
    prescriber = SelectField(_l("Prescripteur"), [Optional()])
    legal_representative = StringField(
        _l("Représentant légal"),
        [Optional(), Length(max=200)],
        description=_l("Seulement si la personne a moins de 18 ans."),
    )
    employed = BooleanField(_l("La personne a déjà un contrat de travail"))
    contract_suspended = BooleanField(_l("Ce contrat est suspendu pendant l’immersion"))
    current_employer_agreed = BooleanField(_l("Son employeur actuel est d’accord"))
    no_replacement_declared = BooleanField(
        _l("L’entreprise déclare ne remplacer personne, ni faire face à un surcroît d’activité")
    )

    def offer_prescribers(self, rows: Sequence[Organisation]) -> None:
        """The structures one may choose."""
        first = choice("", _("Choisir"))
        self.prescriber.choices = [first, *(choice(row.public_id, row.name) for row in rows)]

    @property
    def days(self) -> int:
        """Days of presence: those said, else the weekdays of the period."""
        if self.presence_days.data:
            return int(self.presence_days.data)
        if self.start.data is None or self.end.data is None:
            return 0
        return weekdays(self.start.data, self.end.data)


def weekdays(start: date, end: date) -> int:
    """Mondays to Fridays from a day to another; a year at most is counted."""
    length = min((end - start).days + 1, 366)
    return sum((start + timedelta(days=offset)).weekday() < 5 for offset in range(length))


class SignatureForm(Form):
    """Who signed, when, how."""

    role = RadioField(_l("Qui signe"), validators=[InputRequired(_l("Dites qui signe."))])
    name = StringField(_l("Nom du signataire"), [InputRequired(_ASKED), Length(max=200)])
    method = EnumSelect(_l("Comment"), SignatureMethod, default=SignatureMethod.PAPER.value)
    signed_on = Day(_l("Le"), [plausible_year, not_in_future], required=True)

    def offer_roles(self, roles: Sequence[SignatoryRole]) -> None:
        """Those who have not signed yet."""
        self.role.choices = choices_of(roles)


class RefusalForm(Form):
    """Why the prescriber refuses."""

    reason = EnumSelect(
        _l("Raison"), RefusalReason, empty=_l("Choisir"), validators=[InputRequired(_ASKED)]
    )


class CancelForm(Form):
    """Why it does not take place."""

    reason = EnumSelect(
        _l("Raison"), CancelReason, empty=_l("Choisir"), validators=[InputRequired(_ASKED)]
    )


_YES_NO = (("yes", _l("oui")), ("no", _l("non")))
_HIRE = (*_YES_NO, ("", _l("ne sait pas")))
_LIKED = (("yes", _l("oui")), ("no", _l("pas pour moi")), ("", _l("à demander")))


def _choices(pairs: Sequence[tuple[str, Any]]) -> list[Any]:
    return [choice(value, label) for value, label in pairs]


class AssessmentForm(Form):
    """The tutor's two minutes."""

    came = RadioField(
        _l("La personne est venue"),
        choices=lambda: _choices(_YES_NO),
        validators=[InputRequired(_ASKED)],
        default="yes",
    )
    objectives = EnumRadio(
        _l("Les objectifs"), ObjectivesOutcome, validators=[InputRequired(_ASKED)]
    )
    would_hire = RadioField(
        _l("L’entreprise l’embaucherait"), choices=lambda: _choices(_HIRE), default=""
    )
    ended_with_job = BooleanField(_l("Un contrat est signé ou promis"))
    last_day = Day(
        _l("Dernier jour venu, si ce n’est pas la fin prévue"), [plausible_year, not_in_future]
    )
    missed_hours = IntegerField(_l("Heures manquées"), [Optional(), NumberRange(0, 400)])
    note = TextAreaField(
        _l("À retenir"),
        [Optional(), Length(max=1500)],
        render_kw={"rows": 2},
        description=_l("Des gestes et des faits. Jamais la santé ni la vie privée."),
    )
    by_name = StringField(_l("Qui fait ce bilan"), [InputRequired(_ASKED), Length(max=200)])
    liked = RadioField(
        _l("La personne, elle, veut continuer dans ce métier"),
        choices=lambda: _choices(_LIKED),
        default="",
    )

    def yes(self, name: str) -> bool | None:
        """An answer in three: yes, no, not said."""
        return {"yes": True, "no": False}.get(self[name].data or "")


def gesture_choices() -> list[tuple[str, str]]:
    """How a gesture was seen."""
    return [(value, str(label)) for value, label in _LEVELS]


def read_gestures(form: Any, skills: Sequence[Skill]) -> dict[str, int]:
    """What a posted form says of each gesture; « pas vu » says nothing."""
    levels = {"0": 0, "1": 1, "2": 2}
    said = {skill.code: form.get(f"geste-{number}", "") for number, skill in enumerate(skills)}
    return {code: levels[value] for code, value in said.items() if value in levels}


def not_after_end(end: date) -> Any:
    """The last day come is one of the period."""

    def check(_form: Any, field: Field) -> None:
        if field.data and field.data > end:
            raise ValidationError(_("L’immersion s’arrête avant ce jour."))

    return check
