"""Who the person is, what they want, and why a file is opened or closed."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal import clock
from portal.models import AccessReason, AgreementChannel, ContactPreference, Person
from portal.people.forms.fields import (
    CheckboxList,
    CommuneField,
    Day,
    EnumRadio,
    EnumSelect,
    PhoneField,
    choice,
    mode_choices,
    plausible_year,
    strip,
)
from portal.people.queries.files import Identity
from portal.people.rules import OBJECTION, is_plausible_birth
from portal.web.filters import clock_time
from portal.web.forms import Form

_HOURS = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30)]


def _hour_choices() -> list[Any]:
    return [choice("", _("Indifférent")), *(choice(h, clock_time(h)) for h in _HOURS)]


def _education_choices() -> list[Any]:
    labels = (
        _("À demander"),
        _("1. Lecture et écriture à consolider"),
        _("2. Fin de primaire"),
        _("3. CAP, BEP"),
        _("4. Bac"),
        _("5. Bac + 2"),
        _("6. Bac + 3 ou 4"),
        _("7. Bac + 5"),
        _("8. Doctorat"),
    )
    return [choice(str(level or ""), label) for level, label in enumerate(labels)]


class ReasonForm(Form):
    """Why one opens the file of a person one does not follow."""

    reason = EnumRadio(_l("Votre raison"), AccessReason, validators=[InputRequired()])


class IdentityForm(Form):
    """Who the person is and how to reach them."""

    first_name = StringField(_l("Prénom"), [DataRequired(), Length(max=80)])
    last_name = StringField(_l("Nom"), [DataRequired(), Length(max=80)])
    birth_date = Day(
        _l("Date de naissance"),
        description=_l(
            "Elle sert aux seuls âges fixés par la loi. Elle ne compte jamais dans les listes."
        ),
    )
    phone = PhoneField(_l("Téléphone"))
    email = EmailField(
        _l("Adresse électronique"),
        [Optional(), Email(message=_l("Cette adresse n’est pas complète.")), Length(max=255)],
    )
    commune = CommuneField(_l("Commune"))
    contact_preference = EnumSelect(
        _l("Préfère être jointe par"), ContactPreference, default=ContactPreference.PHONE.value
    )

    def validate_birth_date(self, field: Field) -> None:
        """At least sixteen, at most a hundred years old."""
        if field.data and not is_plausible_birth(field.data, clock.today()):
            raise ValidationError(
                _("Vérifiez cette date\u00a0: une personne accompagnée a au moins 16 ans.")
            )

    def identity(self) -> Identity:
        """What the form says, once valid."""
        return Identity(
            first_name=(self.first_name.data or "").strip(),
            last_name=(self.last_name.data or "").strip(),
            birth_date=self.birth_date.data,
            phone=self.phone.data,
            email=strip(self.email.data),
            contact_preference=self.contact_preference.chosen,
            commune=self.commune.commune,
        )

    def fill(self, person: Person) -> None:
        """Show what is known."""
        for name in ("first_name", "last_name", "birth_date", "phone", "email"):
            self[name].data = getattr(person, name)
        self.commune.data = person.commune.label if person.commune else ""
        self.contact_preference.data = person.contact_preference.value


class PlaceForm(Form):
    """Where the person lives, asked where it is missed."""

    commune = CommuneField(_l("Commune"), required=True)


class NewPersonForm(IdentityForm):
    """A new file: the person knows of it, and may agree to be shared."""

    informed = BooleanField(
        _l("La personne est informée que ces informations sont enregistrées"),
        [InputRequired(message=_l("Dites-le à la personne avant d’enregistrer."))],
        description=_l("Elle peut les lire, les corriger et s’y opposer."),
    )
    shared = BooleanField(
        _l("La personne est d’accord pour que sa carte soit partagée dans le département"),
        description=_l(
            "La carte montre le prénom, l’initiale, la commune et ce qu’elle sait faire."
        ),
    )
    shared_channel = EnumSelect(
        _l("Accord donné"), AgreementChannel, default=AgreementChannel.MEETING.value
    )
    other_person = BooleanField(_l("Ce n’est aucune de ces personnes"))


class ProjectForm(Form):
    """What the person wants, when and how far."""

    project = TextAreaField(
        _l("Son projet, avec ses mots"),
        [Length(max=4000)],
        render_kw={"rows": 5},
        description=_l("Ce qu’elle cherche, ce qui compte pour elle."),
    )
    available_from = Day(_l("Disponible à partir du"), [plausible_year])
    full_time = SelectField(
        _l("Temps de travail"),
        choices=lambda: [
            choice("", _("À demander")),
            choice("full", _("Temps plein possible")),
            choice("part", _("Temps partiel")),
        ],
    )
    not_before = SelectField(_l("Pas avant"), choices=_hour_choices)
    not_after = SelectField(_l("Pas après"), choices=_hour_choices)
    modes = CheckboxList(_l("Se déplace"), choices=mode_choices)
    max_minutes = IntegerField(
        _l("Trajet au plus (minutes)"),
        [InputRequired(), NumberRange(5, 240, message=_l("Entre 5 et 240 minutes."))],
        default=60,
    )
    education_level = SelectField(
        _l("Niveau de formation"),
        choices=_education_choices,
    )

    def validate_not_after(self, field: Field) -> None:
        """The day ends after it begins."""
        if field.data and self.not_before.data and field.data <= self.not_before.data:
            raise ValidationError(_("La fin de journée est avant le début."))

    def fill(self, person: Person) -> None:
        """Show what is known."""
        for name in ("project", "available_from", "max_minutes"):
            self[name].data = getattr(person, name)
        self.modes.data = person.mode_list
        self.full_time.data = {True: "full", False: "part", None: ""}[person.full_time]
        self.not_before.data = person.not_before or ""
        self.not_after.data = person.not_after or ""
        self.education_level.data = str(person.education_level or "")

    def apply(self, person: Person) -> None:
        """Write what the form says on the row."""
        person.project = strip(self.project.data)
        person.available_from = self.available_from.data
        person.max_minutes = self.max_minutes.data or 60
        person.modes = "|".join(self.modes.data or [])
        person.full_time = {"full": True, "part": False}.get(self.full_time.data)
        person.not_before = self.not_before.data or None
        person.not_after = self.not_after.data or None
        person.education_level = int(self.education_level.data or 0) or None


ARCHIVE_REASONS = {
    "job": _l("en emploi, accompagnement terminé"),
    "moved": _l("a déménagé hors du territoire"),
    "request": _l("à sa demande"),
    "no_news": _l("sans nouvelle malgré plusieurs essais"),
    "mistake": _l("dossier créé par erreur ou en double"),
    OBJECTION: _l("s’oppose à l’usage de ses données"),
}


class ArchiveForm(Form):
    """Why the file closes."""

    reason = SelectField(
        _l("Raison"),
        [InputRequired()],
        choices=lambda: [
            choice("", _("Choisir")),
            *(choice(code, str(label)) for code, label in ARCHIVE_REASONS.items()),
        ],
    )
