"""Forms of introductions: each says who, when, how, or a reason from a closed list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from portal import clock
from portal.introductions import rules
from portal.models import AgreementChannel, OutcomeReason
from portal.web.forms import Form

_CHANNELS = (
    AgreementChannel.PHONE,
    AgreementChannel.MEETING,
    AgreementChannel.SMS,
    AgreementChannel.EMAIL,
)


def _reasons(reasons: Sequence[OutcomeReason]) -> list[SelectChoice]:
    return [
        SelectChoice("", _l("Choisir")),
        *(SelectChoice(reason.value, reason.label) for reason in reasons),
    ]


class AgreementForm(Form):
    """How and when the person said yes."""

    channel = RadioField(
        _l("Comment la personne a-t-elle dit oui ?"),
        choices=lambda: [SelectChoice(c.value, c.label) for c in _CHANNELS],
        validators=[InputRequired(_l("Dites comment la personne a donné son accord."))],
    )
    on = DateField(_l("Le"), default=clock.today, validators=[InputRequired(_l("Donnez la date."))])


class MeetingForm(Form):
    """When the employer and the person meet."""

    on = DateField(_l("Date de la rencontre"), validators=[InputRequired(_l("Donnez la date."))])


class ReasonForm(Form):
    """A reason, and a few words for the structure alone."""

    reason = SelectField(_l("Raison"), validators=[InputRequired(_l("Choisissez une raison."))])
    text = StringField(_l("Précision (facultative)"), validators=[Optional(), Length(max=500)])


class DeclineForm(ReasonForm):
    """« Pas pour moi », and whether the trade itself is set aside."""

    dislikes_trade = BooleanField(_l("Ne plus lui proposer ce métier"))


REASON_CHOICES: dict[str, Sequence[OutcomeReason]] = {
    "pas-pour-moi": rules.DECLINE_REASONS,
    "non-retenue": rules.REFUSAL_REASONS,
    "clore": rules.CLOSING_REASONS,
}
_FORMS: dict[str, type[Form]] = {
    "accord": AgreementForm,
    "rencontre": MeetingForm,
    "autre-jour": MeetingForm,
    "pas-pour-moi": DeclineForm,
    "non-retenue": ReasonForm,
    "clore": ReasonForm,
}


def form_for(action: str, *, empty: bool = False) -> Form:
    """The form of an action, with ids of its own so that several stand on one page."""
    kwargs: dict[str, Any] = {"formdata": None} if empty else {}
    form = _FORMS.get(action, Form)(**kwargs)
    if action in REASON_CHOICES:
        form["reason"].choices = _reasons(REASON_CHOICES[action])
    _give_ids(form, action)
    return form


def _give_ids(form: PlainForm, prefix: str) -> None:
    for field in form:
        if field.name == "csrf_token":
            continue
        field.id = f"{prefix}-{field.name}"
        field.label.field_id = field.id
