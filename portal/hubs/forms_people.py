"""Forms about the people of a cohort: answers, meetings, selection, what is said of pairs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from portal import clock
from portal.hubs.moves import Leaving
from portal.hubs.selection import Decision
from portal.models import AgreementChannel, ExitReason, Organisation
from portal.web.filters import date_short
from portal.web.forms import Form

_CHANNELS = (
    AgreementChannel.PHONE,
    AgreementChannel.MEETING,
    AgreementChannel.SMS,
    AgreementChannel.EMAIL,
)
_HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"
_SAY_HOUR = _l("Une heure s’écrit 09:30.")


class LeavingForm(Form):
    """Why somebody leaves, what comes next and who takes it: asked when the choice is an exit."""

    reason = SelectField(
        _l("Raison"),
        choices=lambda: [
            SelectChoice("", _l("Choisir")),
            *(SelectChoice(reason.value, reason.label) for reason in ExitReason),
        ],
        validators=[Optional()],
    )
    next_step = StringField(_l("Ce qui suit pour la personne"), [Optional(), Length(max=500)])
    owner = SelectField(_l("Qui s’en charge"), validators=[Optional()])

    def offer_owners(self, owners: Iterable[Organisation]) -> None:
        """Let one of these structures take the next step."""
        self.owners = {row.public_id: row for row in owners}
        self.owner.choices = [
            SelectChoice("", _("Choisir")),
            *(SelectChoice(key, row.name) for key, row in self.owners.items()),
        ]

    def ends(self) -> bool:
        """Whether what was chosen is an exit."""
        return True

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """An exit says its three things (T-HUB-04)."""
        if not super().validate(*args, **kwargs):
            return False
        if not self.ends():
            return True
        asked = (
            (self.reason, _("Choisissez une raison.")),
            (self.next_step, _("Dites ce qui suit pour la personne.")),
            (self.owner, _("Dites qui s’en charge.")),
        )
        for field, message in asked:
            if not (field.data or "").strip():
                field.errors = [*field.errors, message]
        return not any(field.errors for field, _message in asked)

    @property
    def leaving(self) -> Leaving | None:
        """What the exit says; None when the choice is no exit."""
        if not self.ends():
            return None
        return Leaving(
            ExitReason(self.reason.data),
            self.next_step.data or "",
            self.owners[self.owner.data],
        )


class AnswerForm(LeavingForm):
    """What the person answered, how and when."""

    answer = RadioField(
        _l("Que dit la personne\u00a0?"),
        choices=lambda: [
            SelectChoice("yes", _l("Oui, cela l’intéresse")),
            SelectChoice("no", _l("Pas pour elle")),
        ],
        validators=[InputRequired(_l("Dites ce que la personne a répondu."))],
    )
    channel = RadioField(
        _l("Comment l’a-t-elle dit\u00a0?"),
        choices=lambda: [SelectChoice(c.value, c.label) for c in _CHANNELS],
        validators=[InputRequired(_l("Dites comment la personne a répondu."))],
    )
    on = DateField(_l("Le"), default=clock.today, validators=[InputRequired(_l("Donnez la date."))])

    def ends(self) -> bool:
        """« Pas pour elle »."""
        return bool(self.answer.data == "no")

    @property
    def day(self) -> date:
        """The day of the answer; ask once the form is valid."""
        return self.on.data or clock.today()

    def validate_on(self, field: Any) -> None:
        """An answer is not to come."""
        if field.data and field.data > clock.today():
            raise ValidationError(_("La date de la réponse est à venir."))


class MeetingForm(Form):
    """A slot of an information meeting."""

    on = DateField(_l("Date"), validators=[InputRequired(_l("Donnez la date."))])
    start_hour = StringField(
        _l("Début"),
        [InputRequired(_l("Donnez l’heure.")), Regexp(_HOUR, message=_SAY_HOUR)],
        render_kw={"type": "time"},
    )
    end_hour = StringField(
        _l("Fin (facultative)"),
        [Optional(), Regexp(_HOUR, message=_SAY_HOUR)],
        render_kw={"type": "time"},
    )
    place = StringField(_l("Lieu"), [InputRequired(_l("Dites où.")), Length(max=255)])
    capacity = IntegerField(
        _l("Nombre de personnes"),
        [
            InputRequired(_l("Dites combien de personnes.")),
            NumberRange(1, 500, message=_l("Entre 1 et 500 personnes.")),
        ],
        default=20,
    )

    def __init__(self, *args: Any, training_from: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.training_from = training_from

    def validate_on(self, field: Any) -> None:
        """A meeting is planned ahead, and before the training it tells of."""
        if field.data and field.data < clock.today():
            raise ValidationError(_("Cette date est passée."))
        if field.data and self.training_from and field.data >= self.training_from:
            raise ValidationError(
                _(
                    "La formation commence le %(day)s\u00a0: la réunion vient avant.",
                    day=date_short(self.training_from),
                )
            )

    def validate_end_hour(self, field: Any) -> None:
        """It ends after it began."""
        if field.data and self.start_hour.data and field.data <= self.start_hour.data:
            raise ValidationError(_("La fin vient après le début."))


class NotesForm(Form):
    """What was seen and heard at the selection."""

    exercise = TextAreaField(
        _l("Exercice de mise en situation"),
        [Optional(), Length(max=2000)],
        render_kw={"rows": 3},
        description=_l("Ce que la personne a fait, seule ou avec aide. Pas de CV, pas de santé."),
    )
    motivation = TextAreaField(
        _l("Motivation"),
        [Optional(), Length(max=2000)],
        render_kw={"rows": 3},
        description=_l("Ce que la personne en dit, avec ses mots."),
    )


class DecisionForm(LeavingForm):
    """A decision after the exercise."""

    decision = RadioField(
        _l("Décision"),
        choices=lambda: [SelectChoice(d.value, d.label) for d in Decision],
        validators=[InputRequired(_l("Choisissez une décision."))],
    )

    def ends(self) -> bool:
        """« Réorientée » and « non retenue »."""
        return bool(self.decision.data) and Decision(self.decision.data).ends
