"""The forms by which a person changes simple facts, or asks somebody to correct the others."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal.models import ContactPreference, Person
from portal.people.forms.fields import CheckboxList, choice, strip
from portal.phones import normalise_phone
from portal.recipients import my_data_words as words
from portal.recipients.saying_dates import hour
from portal.web.forms import Form

_HOURS = [f"{value:02d}:{minute:02d}" for value in range(4, 24) for minute in (0, 30)]


def _hours() -> list[Any]:
    return [choice("", _("Cela m’est égal")), *(choice(h, hour(h)) for h in _HOURS)]


class OwnFactsForm(Form):
    """Some of the person's own facts: shown as they are, given back as they become."""

    def fill(self, person: Person) -> None:
        """Show what is known."""
        raise NotImplementedError

    def values(self) -> dict[str, Any]:
        """The columns of the person that the valid form says."""
        raise NotImplementedError


class ReachForm(OwnFactsForm):
    """How to reach the person."""

    phone = StringField(_l("Téléphone"), [Optional(), Length(max=32)], render_kw={"type": "tel"})
    email = EmailField(
        _l("Courriel"),
        [Optional(), Email(message=_l("Cette adresse n’est pas complète.")), Length(max=255)],
    )
    contact_preference = SelectField(
        _l("Comment vous joindre"),
        choices=lambda: [choice(c.value, words.word(c)) for c in ContactPreference],
    )

    def validate_phone(self, field: Field) -> None:
        """A number that somebody can call."""
        if normalise_phone(field.data or "") is None:
            raise ValidationError(_("Ce numéro n’est pas complet."))

    def fill(self, person: Person) -> None:
        """Show what is known."""
        self.phone.data, self.email.data = person.phone, person.email
        self.contact_preference.data = person.contact_preference.value

    def values(self) -> dict[str, Any]:
        """The columns of the person that the valid form says."""
        return {
            "phone": normalise_phone(self.phone.data or ""),
            "email": strip(self.email.data),
            "contact_preference": ContactPreference(self.contact_preference.data),
        }


class TravelForm(OwnFactsForm):
    """How the person travels, and how far."""

    modes = CheckboxList(
        _l("Comment vous vous déplacez"),
        choices=lambda: [choice(code, words.mode(code)) for code in words.MODES],
    )
    max_minutes = IntegerField(
        _l("Trajet le plus long, en minutes"),
        [
            InputRequired(message=_l("Écrivez un nombre de minutes.")),
            NumberRange(5, 240, message=_l("Écrivez un nombre entre 5 et 240.")),
        ],
    )

    def fill(self, person: Person) -> None:
        """Show what is known."""
        self.modes.data, self.max_minutes.data = person.mode_list, person.max_minutes

    def values(self) -> dict[str, Any]:
        """The columns of the person that the valid form says."""
        return {"modes": "|".join(self.modes.data or []), "max_minutes": self.max_minutes.data}


class HoursForm(OwnFactsForm):
    """When the person is free."""

    full_time = SelectField(
        _l("Temps de travail"),
        choices=lambda: [
            choice("", _("Je ne sais pas")),
            choice("full", _("Toute la semaine")),
            choice("part", _("Une partie de la semaine")),
        ],
    )
    not_before = SelectField(_l("Pas avant"), choices=_hours)
    not_after = SelectField(_l("Pas après"), choices=_hours)

    def validate_not_after(self, field: Field) -> None:
        """The day ends after it begins."""
        if field.data and self.not_before.data and field.data <= self.not_before.data:
            raise ValidationError(_("La fin est avant le début."))

    def fill(self, person: Person) -> None:
        """Show what is known."""
        self.full_time.data = {True: "full", False: "part", None: ""}[person.full_time]
        self.not_before.data = person.not_before or ""
        self.not_after.data = person.not_after or ""

    def values(self) -> dict[str, Any]:
        """The columns of the person that the valid form says."""
        return {
            "full_time": {"full": True, "part": False}.get(self.full_time.data),
            "not_before": self.not_before.data or None,
            "not_after": self.not_after.data or None,
        }


class CorrectionForm(Form):
    """What is wrong, in the person's own words."""

    text = TextAreaField(
        _l("Qu’est-ce qui est faux\u00a0?"),
        [DataRequired(message=_l("Écrivez ce qui est faux.")), Length(max=1000)],
        render_kw={"rows": 4, "dir": "auto"},
    )


OWN_FORMS: dict[str, type[OwnFactsForm]] = {
    "joindre": ReachForm,
    "trajet": TravelForm,
    "horaires": HoursForm,
}
