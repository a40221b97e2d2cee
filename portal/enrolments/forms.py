"""Forms of positionings: each asks who, when, how, or a reason from a closed list (INV-10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal import clock
from portal.enrolments import rules
from portal.enrolments.attending import HALF_DAYS, monday_of
from portal.models import AgreementChannel, EnrollmentReason, Scheme
from portal.web.forms import Form

_CHANNELS = (
    AgreementChannel.MEETING,
    AgreementChannel.PHONE,
    AgreementChannel.SMS,
    AgreementChannel.EMAIL,
)


class AgreementForm(Form):
    """How and when the person said yes."""

    channel = RadioField(
        _l("Comment la personne a-t-elle dit oui ?"),
        choices=lambda: [SelectChoice(c.value, c.label) for c in _CHANNELS],
        validators=[InputRequired(_l("Dites comment la personne a donné son accord."))],
    )
    on = DateField(_l("Le"), default=clock.today, validators=[InputRequired(_l("Donnez la date."))])


class PositionForm(Form):
    """The reference that OUIFORM gave, if there is one."""

    external_ref = StringField(
        _l("Référence OUIFORM"),
        description=_l("Facultative : elle peut être ajoutée ensuite."),
        validators=[Optional(), Length(max=64)],
    )


class DayForm(Form):
    """On which day."""

    on = DateField(_l("Le"), default=clock.today, validators=[InputRequired(_l("Donnez la date."))])


class ReasonForm(Form):
    """A reason of the closed list."""

    reason = SelectField(_l("Raison"), validators=[InputRequired(_l("Choisissez une raison."))])


class BreakdownForm(ReasonForm):
    """An exit: the last day of presence, and a few words for the structure."""

    last_present_on = DateField(_l("Dernier jour de présence"), validators=[Optional()])
    note = TextAreaField(_l("Précision (facultative)"), validators=[Optional(), Length(max=500)])


class WeekForm(Form):
    """Half-days of a week."""

    monday = DateField(
        _l("Semaine du lundi"),
        default=lambda: monday_of(clock.today()),
        validators=[InputRequired(_l("Donnez le lundi de la semaine."))],
    )
    due = IntegerField(
        _l("Demi-journées prévues"),
        default=HALF_DAYS,
        validators=[InputRequired(_l("Donnez un nombre.")), NumberRange(0, 14)],
    )
    attended = IntegerField(
        _l("Demi-journées de présence"),
        validators=[InputRequired(_l("Donnez un nombre.")), NumberRange(0, 14)],
    )
    unexplained = IntegerField(
        _l("Absences sans motif"),
        default=0,
        validators=[InputRequired(_l("Donnez un nombre.")), NumberRange(0, 14)],
    )


class BlockForm(Form):
    """A block of the certification."""

    block = StringField(
        _l("Bloc"), validators=[InputRequired(_l("Nommez le bloc.")), Length(max=255)]
    )
    obtained = RadioField(
        _l("Résultat"),
        choices=lambda: [SelectChoice("oui", _l("Obtenu")), SelectChoice("non", _l("Pas encore"))],
        validators=[InputRequired(_l("Choisissez un résultat."))],
    )
    on = DateField(_l("Le"), default=clock.today, validators=[InputRequired(_l("Donnez la date."))])


class CertifiedForm(DayForm):
    """The whole certification, said plainly since it certifies skills and licences."""

    sure = BooleanField(
        _l("La certification entière est obtenue"),
        validators=[InputRequired(_l("Cochez pour confirmer."))],
    )


class SchemeForm(Form):
    """Who pays for the session."""

    scheme = SelectField(
        _l("Dispositif"),
        choices=lambda: [
            SelectChoice("", _l("à préciser")),
            *(SelectChoice(one.value, one.label) for one in Scheme),
        ],
        validators=[Optional()],
    )


class ImportForm(Form):
    """A CSV of positionings."""

    file = FileField(
        _l("Fichier CSV des positionnements"),
        validators=[FileRequired(_l("Choisissez un fichier."))],
    )


REASONS: dict[str, Sequence[EnrollmentReason]] = {
    "annuler": rules.CANCEL_REASONS,
    "non-retenir": rules.NOT_SELECTED_REASONS,
    "abandon": rules.DROP_REASONS,
    "exclusion": rules.EXCLUSION_REASONS,
}
_FORMS: dict[str, type[Form]] = {
    "accord": AgreementForm,
    "positionner": PositionForm,
    "reference": PositionForm,
    "annuler": ReasonForm,
    "non-retenir": ReasonForm,
    "entree": DayForm,
    "terminer": DayForm,
    "abandon": BreakdownForm,
    "exclusion": BreakdownForm,
    "semaine": WeekForm,
    "bloc": BlockForm,
    "evaluation": DayForm,
    "certification": CertifiedForm,
}


def form_for(action: str, *, empty: bool = False, where: str = "") -> Form:
    """The form of an action; its names hold the action and its ids the place it stands in.

    So several stand on a page, and several share one ``<form>``, told apart by the button pressed.
    """
    kwargs: dict[str, Any] = {"formdata": None} if empty else {}
    form = _FORMS.get(action, Form)(prefix=action, **kwargs)
    if action in REASONS:
        form["reason"].choices = [
            SelectChoice("", _l("Choisir")),
            *(SelectChoice(reason.value, reason.label) for reason in REASONS[action]),
        ]
    for field in form:
        if not field.name.endswith("csrf_token"):
            field.id = f"{where}{field.name}"
            field.label.field_id = field.id
    return form
