"""What is typed to correct a session."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.models import RecruitmentState
from portal.trainings.rules import Taken
from portal.web.forms import Form

_MOST_SEATS = 999
LEVEL_LABELS = ((1, _l("avec aide")), (2, _l("sans aide")), (3, _l("peut montrer")))


class SeatsForm(Form):
    """Seats, and where recruitment stands."""

    recruitment = RadioField(
        _l("Recrutement"),
        validators=[InputRequired(_l("Dites où en est le recrutement."))],
    )
    seats = IntegerField(
        _l("Places en tout"),
        description=_l("Laissez vide si vous ne savez pas."),
        validators=[
            Optional(),
            NumberRange(1, _MOST_SEATS, _l("Donnez un nombre de 1 à 999, ou rien.")),
        ],
    )
    seats_left = IntegerField(
        _l("Places libres"),
        description=_l("Laissez vide si vous ne savez pas : la place sera « à demander »."),
        validators=[
            Optional(),
            NumberRange(0, _MOST_SEATS, _l("Donnez un nombre de 0 à 999, ou rien.")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recruitment.choices = [SelectChoice(*pair) for pair in RecruitmentState.choices()]

    def validate_seats_left(self, field: IntegerField) -> None:
        """Refuse more seats left than there are."""
        full = self.recruitment.data == RecruitmentState.FULL.value
        if self.seats.data is not None and (field.data or 0) > self.seats.data and not full:
            raise ValidationError(_l("Il ne peut pas rester plus de places qu’il n’y en a."))


class ItemForm(Form):
    """An item (« skill:code » or « credential:code »), where it stands, and its level."""

    item = StringField(
        _l("Compétence ou habilitation"),
        validators=[
            InputRequired(_l("Choisissez une compétence ou une habilitation.")),
            Length(max=100),
        ],
    )
    taken = RadioField(
        _l("Ce que c’est pour cette session"),
        choices=[
            SelectChoice(Taken.TAUGHT.value, _l("enseigné")),
            SelectChoice(Taken.DELIVERED.value, _l("délivré")),
            SelectChoice(Taken.REQUIRED.value, _l("demandé à l’entrée")),
        ],
        validators=[InputRequired(_l("Dites ce que c’est pour cette session."))],
    )
    level = RadioField(
        _l("Niveau"),
        choices=[SelectChoice(str(value), label) for value, label in LEVEL_LABELS],
        default="2",
        validators=[Optional()],
    )

    @property
    def kind(self) -> str:
        """« skill » or « credential »."""
        return (self.item.data or "").partition(":")[0]

    @property
    def code(self) -> str:
        """The code after the kind."""
        return (self.item.data or "").partition(":")[2]

    @property
    def chosen_level(self) -> int | None:
        """The level of a skill; a credential has none."""
        return int(self.level.data) if self.kind == "skill" and self.level.data else None
