"""The forms of a pathway: agreement, refusal, end, and the change of a step."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, FloatField, RadioField, StringField, TextAreaField
from wtforms import Form as BaseForm
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal.models import AgreementChannel, BreakdownReason, PathwayStep
from portal.pathways.rules import DECLINE_REASONS, MOST_WEEKLY_HOURS
from portal.people.forms.fields import (
    CommuneField,
    Day,
    EnumSelect,
    choice,
    choices_of,
    not_in_future,
    not_in_past,
    plausible_year,
    strip,
)
from portal.web.forms import Form

# The person has no access to the portal yet: an agreement is always heard by somebody.
_CHANNELS = tuple(c for c in AgreementChannel if c is not AgreementChannel.PORTAL)


def _given(field: Day) -> date:
    """The date of a field that had to be filled in."""
    if field.data is None:
        raise ValueError("the form is not valid")
    return field.data


class ActionForm(Form):
    """A button alone: the token, nothing to fill in."""


class AgreementForm(Form):
    """The person said yes, to whom, when, how, and in which words."""

    channel = RadioField(_l("Comment la personne a-t-elle dit oui\u00a0?"), [InputRequired()])
    on = Day(_l("Quel jour\u00a0?"), [not_in_future, plausible_year], required=True)
    words = TextAreaField(
        _l("Ses mots"),
        [DataRequired(), Length(min=2, max=2000)],
        filters=[strip],
        description=_l("Ce que la personne a dit, en une phrase."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel.choices = choices_of(_CHANNELS)

    @property
    def day(self) -> date:
        """When, once the form is valid."""
        return _given(self.on)

    @property
    def said(self) -> str:
        """The words of the person."""
        return self.words.data or ""

    @property
    def chosen_channel(self) -> AgreementChannel:
        """How the person said yes."""
        return AgreementChannel(self.channel.data)


class DeclineForm(Form):
    """The person does not want this pathway."""

    reason = RadioField(_l("Pourquoi n’est-ce pas pour cette personne\u00a0?"), [InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = choices_of(DECLINE_REASONS)

    @property
    def chosen(self) -> BreakdownReason:
        """Why."""
        return BreakdownReason(self.reason.data)


class BreakForm(Form):
    """The pathway stops before its goal."""

    reason = EnumSelect(
        _l("Pourquoi le parcours s’arrête-t-il\u00a0?"),
        BreakdownReason,
        empty=_l("Choisissez"),
        validators=[InputRequired()],
    )


class ReachForm(Form):
    """The person is hired."""

    on = Day(_l("Date de l’embauche"), [not_in_future, plausible_year], required=True)

    @property
    def day(self) -> date:
        """When, once the form is valid."""
        return _given(self.on)


class SessionForm(Form):
    """Another session for a training step."""

    session = RadioField(_l("Choisissez une autre session"), [InputRequired()])

    def offer_sessions(self, labels: dict[str, str]) -> None:
        """The sessions to choose from, by their public id."""
        self.session.choices = [choice(name, label) for name, label in labels.items()]


def _ends_after_start(form: BaseForm, field: Field) -> None:
    start: date | None = form["start"].data
    if field.data and start and field.data < start:
        raise ValidationError(_("La fin est avant le début."))


class ImmersionForm(Form):
    """Other dates for an immersion."""

    start = Day(_l("Premier jour"), [not_in_past, plausible_year], required=True)
    end = Day(_l("Dernier jour"), [_ends_after_start, plausible_year], required=True)

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day, once the form is valid."""
        return _given(self.start), _given(self.end)


class HireForm(Form):
    """Another day for the hire."""

    start = Day(_l("Jour de l’embauche"), [not_in_past, plausible_year], required=True)

    @property
    def day(self) -> date:
        """When, once the form is valid."""
        return _given(self.start)


class Hours(FloatField):
    """Hours a week, with a comma or a point."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read « 17,5 »."""
        try:
            super().process_formdata([value.replace(",", ".") for value in valuelist])
        except ValueError:
            raise ValueError(_("Écrivez un nombre d’heures. Exemple\u00a0: 17,5.")) from None


class OtherStepForm(Form):
    """A step that no catalogue knows: a workshop, a visit, an appointment."""

    title = StringField(
        _l("Quelle étape\u00a0?"),
        [DataRequired(), Length(max=200)],
        filters=[strip],
        description=_l("Par exemple\u00a0: atelier numérique, visite d’un chantier."),
    )
    start = Day(_l("Premier jour"), [not_in_past, plausible_year], required=True)
    end = Day(_l("Dernier jour"), [_ends_after_start, plausible_year], required=True)
    weekly_hours = Hours(
        _l("Heures par semaine"),
        [
            Optional(),
            NumberRange(
                min=0.5,
                max=MOST_WEEKLY_HOURS,
                message=_l("Entre une demi-heure et 48 heures par semaine."),
            ),
        ],
        description=_l("Laissez vide si vous ne savez pas encore."),
    )
    organisation = StringField(_l("Avec quelle structure\u00a0?"), [Optional(), Length(max=200)])
    commune = CommuneField(_l("Où\u00a0?"))

    def fill(self, step: PathwayStep) -> None:
        """Show the step as it is."""
        self.title.data, self.start.data, self.end.data = step.title, step.start, step.end
        self.weekly_hours.data, self.organisation.data = step.weekly_hours, step.responsible_text
        self.commune.data = step.commune.label if step.commune else ""

    def values(self) -> dict[str, Any]:
        """The step as it is kept."""
        return {
            "title": self.title.data,
            "start": self.start.data,
            "end": self.end.data,
            "weekly_hours": self.weekly_hours.data,
            "responsible_text": strip(self.organisation.data),
            "commune": self.commune.commune,
            "conditions": {},
        }
