"""Forms of the employer's space: a tap, a date, two minutes."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.employers.following import ANSWERS, QUESTIONS
from portal.immersions.forms import Hours
from portal.introductions.rules import EMPLOYER_REASONS
from portal.models import ObjectivesOutcome
from portal.people.forms.fields import (
    Day,
    EnumRadio,
    choice,
    choices_of,
    not_in_past,
    plausible_year,
)
from portal.web.forms import Form

_ASKED = _l("À remplir.")
_HIRE = (("yes", _l("oui")), ("no", _l("non")), ("", _l("je ne sais pas")))


class DayForm(Form):
    """The day on which one meets."""

    on = Day(_l("Un autre jour"), [plausible_year, not_in_past], required=True)

    @property
    def day(self) -> date:
        """The day of a form that holds."""
        assert self.on.data is not None
        return self.on.data


class ReasonTapForm(Form):
    """Each reason is a button."""

    reason = RadioField(
        _l("Raison"),
        choices=lambda: choices_of(EMPLOYER_REASONS),
        validators=[InputRequired(_l("Choisissez une raison."))],
    )


class TryForm(Form):
    """Two weeks: when, with whom, to do what."""

    start = Day(_l("Du"), [plausible_year, not_in_past], required=True)
    end = Day(_l("Au"), [plausible_year], required=True)
    weekly_hours = Hours(_l("Heures par semaine"), [InputRequired(_ASKED)], default=35.0)
    schedule = StringField(_l("Horaires"), [DataRequired(_ASKED), Length(max=500)])
    tutor_name = StringField(
        _l("Qui accompagne la personne chez vous"), [DataRequired(_ASKED), Length(max=200)]
    )
    tutor_contact = StringField(_l("Son téléphone"), [Optional(), Length(max=200)])
    tasks = TextAreaField(
        _l("Ce que la personne fera"),
        [DataRequired(_ASKED), Length(max=3000)],
        render_kw={"rows": 5},
    )
    no_replacement = BooleanField(
        _l("La personne ne remplace aucun salarié, et ne sert pas à un surcroît d’activité")
    )

    @property
    def period(self) -> tuple[date, date]:
        """The first day and the last, of a form that holds."""
        assert self.start.data is not None
        assert self.end.data is not None
        return self.start.data, self.end.data


class AssessForm(Form):
    """Three faces and a few gestures."""

    absent = BooleanField(_l("La personne n’est pas venue"))
    objectives = EnumRadio(
        _l("Alors, cet essai\u00a0?"), ObjectivesOutcome, validators=[Optional()]
    )
    would_hire = RadioField(
        _l("Vous l’embaucheriez"),
        choices=lambda: [choice(value, str(label)) for value, label in _HIRE],
        default="",
    )
    by_name = StringField(_l("Votre nom"), [DataRequired(_ASKED), Length(max=200)])

    def validate(self, extra_validators: Any = None) -> bool:
        """A face is asked of who received the person."""
        valid: bool = super().validate(extra_validators)
        if not self.absent.data and not self.objectives.data:
            self.objectives.errors = [*self.objectives.errors, str(_l("Choisissez un visage."))]
            return False
        return valid

    @property
    def outcome(self) -> ObjectivesOutcome:
        """What the face means; nothing is reached when nobody came."""
        return ObjectivesOutcome(self.objectives.data or ObjectivesOutcome.NOT_REACHED)

    @property
    def hire(self) -> bool | None:
        """Yes, no, not said."""
        return {"yes": True, "no": False}.get(self.would_hire.data or "")


def _question(name: str) -> RadioField:
    return RadioField(
        _l(QUESTIONS[name]),
        choices=lambda: [choice(value, str(_l(text))) for value, text in ANSWERS.items()],
        validators=[Optional()],
    )


class NewsForm(Form):
    """The four questions."""

    gone = BooleanField(_l("La personne ne travaille plus ici"))
    on_time = _question("on_time")
    work = _question("work")
    team = _question("team")
    goes_on = _question("goes_on")

    @property
    def answers(self) -> dict[str, str]:
        """What was answered to each question."""
        return {name: self[name].data for name in QUESTIONS if self[name].data}

    def validate(self, extra_validators: Any = None) -> bool:
        """All four, unless the person has left."""
        valid: bool = super().validate(extra_validators)
        missing = [] if self.gone.data else [name for name in QUESTIONS if not self[name].data]
        for name in missing:
            self[name].errors = [*self[name].errors, str(_ASKED)]
        return valid and not missing
