"""Forms of cohorts, of their dates, and of what employers promise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.hubs.planning import MOST_WEEKS
from portal.hubs.rules import CohortEndReason
from portal.models import (
    CommitmentReason,
    ContractKind,
    ExitReason,
    LabelledEnum,
    MajorProject,
    MembershipState,
    Organisation,
)
from portal.web.forms import Form

_MOST_SEATS = 200
_NEEDED = _l("À remplir.")


def _choices(kind: type[LabelledEnum], empty: Any = None) -> list[SelectChoice]:
    first = [SelectChoice("", empty)] if empty is not None else []
    return first + [SelectChoice(value, label) for value, label in kind.choices()]


def _count(label: Any, most: int = _MOST_SEATS, **values: Any) -> IntegerField:
    message = _l("Un nombre entier entre 1 et %(most)s.", most=most)
    return IntegerField(
        label,
        validators=[InputRequired(_NEEDED), NumberRange(1, most, message)],
        render_kw={"min": 1, "max": most, "inputmode": "numeric"},
        **values,
    )


def _text(label: Any, most: int = 120, *, optional: bool = False, **values: Any) -> StringField:
    first = Optional() if optional else InputRequired(_NEEDED)
    return StringField(
        label,
        validators=[first, Length(max=most)],
        filters=[lambda text: " ".join(text.split()) if text else text],
        render_kw={"maxlength": most, "autocomplete": "off"},
        **values,
    )


class FrameForm(Form):
    """The frame of a cohort once its trade is known."""

    title = _text(_l("Nom de la cohorte"), description=_l("Le métier et le mois, par exemple."))
    seats = _count(_l("Places"))
    threshold = _count(
        _l("Seuil d’ouverture"),
        description=_l("La formation commence à partir de ce nombre de personnes admises."),
    )
    project = SelectField(_l("Grand projet"))

    def __init__(self, *args: Any, projects: Iterable[MajorProject], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project.choices = [SelectChoice("", _l("Aucun"))] + [
            SelectChoice(row.code, row.name) for row in projects
        ]

    def validate_threshold(self, field: IntegerField) -> None:
        """Refuse a threshold that no full cohort could reach."""
        if self.seats.data and field.data and field.data > self.seats.data:
            raise ValidationError(_l("Le seuil ne peut pas dépasser le nombre de places."))


class NewCohortForm(FrameForm):
    """A cohort to create: the trade is typed, then chosen when several answer."""

    occupation = _text(
        _l("Métier"),
        description=_l(
            "En vos mots\u00a0: «\u00a0maçon VRD\u00a0», «\u00a0conducteur de pelle\u00a0»"
        ),
    )


class SessionForm(Form):
    """A session that the catalogue does not have."""

    title = _text(_l("Intitulé de la formation"), 250)
    organiser = SelectField(_l("Organisme de formation"))
    organiser_name = _text(
        _l("Autre organisme"),
        optional=True,
        description=_l("Son nom, s’il n’est pas dans la liste."),
    )
    start = DateField(_l("Premier jour"), validators=[InputRequired(_NEEDED)])
    end = DateField(_l("Dernier jour"), validators=[InputRequired(_NEEDED)])
    place = _text(_l("Lieu"), description=_l("Commune ou code postal"))
    seats = _count(_l("Places de la session"))

    def __init__(self, *args: Any, organisers: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organiser.choices = [SelectChoice("", _l("Choisir"))] + [
            SelectChoice(row.public_id, row.name) for row in organisers
        ]

    def validate_end(self, field: DateField) -> None:
        """Refuse a session that ends before it starts."""
        if self.start.data and field.data and field.data < self.start.data:
            raise ValidationError(_l("Le dernier jour vient après le premier."))

    def validate_organiser(self, field: SelectField) -> None:
        """Ask for one organiser, known or named."""
        if not field.data and not self.organiser_name.data:
            raise ValidationError(_l("Choisissez un organisme, ou donnez son nom."))


class PhaseForm(Form):
    """Where a phase is put."""

    start = DateField(_l("Commence le"), validators=[InputRequired(_NEEDED)])
    weeks = _count(_l("Dure (semaines)"), MOST_WEEKS)


class CommitmentForm(Form):
    """What an employer promises."""

    jobs = _count(_l("Postes promis"), 99)
    contract = SelectField(_l("Contrat"), choices=lambda: _choices(ContractKind))
    contract_months = IntegerField(
        _l("Durée (mois)"),
        description=_l("Laissez vide pour un CDI."),
        validators=[Optional(), NumberRange(1, 60, _l("Un nombre de mois entre 1 et 60."))],
    )
    tutor_name = _text(_l("Tuteur dans l’entreprise"), optional=True)
    note = TextAreaField(
        _l("À savoir"), validators=[Optional(), Length(max=1000)], render_kw={"rows": 2}
    )


class NewCommitmentForm(CommitmentForm):
    """A promise to note: the employer is typed, then chosen when several look alike."""

    employer = _text(_l("Entreprise"), 250, description=_l("Nom, SIRET, ou les deux"))


class _Prefixed(Form):
    """A form that shares its page with others: its fields are told apart by a prefix."""

    PREFIX = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix=self.PREFIX, **kwargs)


class LossForm(_Prefixed):
    """Jobs that an employer takes back."""

    PREFIX = "perte-"

    jobs = IntegerField(
        _l("Postes qui restent"),
        description=_l("0 si l’employeur se retire."),
        validators=[InputRequired(_NEEDED), NumberRange(0, 99, _l("Un nombre de 0 à 99."))],
        render_kw={"min": 0, "max": 99},
    )
    reason = SelectField(
        _l("Raison"),
        choices=lambda: _choices(CommitmentReason, _l("Choisir")),
        validators=[InputRequired(_l("Dites pourquoi."))],
    )


class PlacesForm(Form):
    """A wave of immersions of an employer."""

    wave = _count(_l("Vague"), 6)
    start = DateField(_l("Du"), validators=[InputRequired(_NEEDED)])
    end = DateField(_l("Au"), validators=[InputRequired(_NEEDED)])
    capacity = IntegerField(
        _l("Places"),
        description=_l("0 pour retirer la vague."),
        validators=[InputRequired(_NEEDED), NumberRange(0, 99, _l("Un nombre de 0 à 99."))],
        render_kw={"min": 0, "max": 99},
    )

    def validate_end(self, field: DateField) -> None:
        """Refuse a wave that ends before it starts."""
        if self.start.data and field.data and field.data < self.start.data:
            raise ValidationError(_l("Le dernier jour vient après le premier."))


class OverrideForm(_Prefixed):
    """Why a cohort opens with fewer jobs than seats."""

    PREFIX = "derogation-"

    reason = TextAreaField(
        _l("Pourquoi ouvrir maintenant\u00a0?"),
        description=_l("Votre raison et votre nom restent affichés en tête de la cohorte."),
        validators=[InputRequired(_l("Dites pourquoi.")), Length(max=500)],
        render_kw={"rows": 2},
    )


class CancelForm(_Prefixed):
    """Why a cohort is cancelled."""

    PREFIX = "annulation-"

    reason = SelectField(
        _l("Raison"),
        choices=lambda: _choices(CohortEndReason, _l("Choisir")),
        validators=[InputRequired(_l("Dites pourquoi."))],
    )


OWN_PRESCRIBER, THE_HUB = "prescriber", "hub"


class LeavingForm(Form):
    """An exit: why, what comes next, and who takes it (T-HUB-04)."""

    target = RadioField(_l("Ce qui se passe"), validators=[InputRequired(_NEEDED)])
    reason = SelectField(
        _l("Raison"),
        choices=lambda: _choices(ExitReason, _l("Choisir")),
        validators=[InputRequired(_l("Dites pourquoi."))],
    )
    next_step = TextAreaField(
        _l("Ce qui suit"),
        description=_l(
            "Une action précise\u00a0: «\u00a0rendez-vous le 12 avec le référent\u00a0»"
        ),
        validators=[InputRequired(_l("Dites ce qui suit.")), Length(max=500)],
        render_kw={"rows": 2},
    )
    owner = RadioField(
        _l("Qui s’en charge"),
        choices=lambda: [
            SelectChoice(OWN_PRESCRIBER, _l("La structure qui a proposé la personne")),
            SelectChoice(THE_HUB, _l("Le hub")),
        ],
        validators=[InputRequired(_l("Dites qui s’en charge."))],
    )

    def __init__(self, *args: Any, targets: Iterable[MembershipState], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target.choices = [SelectChoice(state.value, state.label) for state in targets]
