"""Checks and fields that the forms of a person's file share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, RadioField, SelectField, SelectMultipleField, StringField
from wtforms import Form as BaseForm
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal import clock
from portal.models import Commune
from portal.models.base import LabelledEnum
from portal.people.rules import MODE_LABELS
from portal.phones import normalise_phone
from portal.places import code_agrees, find_communes, only_commune
from portal.web.session import db_session


def choice(value: str, label: str) -> Any:
    """A choice of a field (tuples are deprecated)."""
    return SelectChoice(value, label)


def choices_of(members: Iterable[LabelledEnum]) -> list[Any]:
    """Choices of a field from members of a closed list."""
    return [choice(member.value, member.label) for member in members]


def mode_choices() -> list[Any]:
    """The travel modes, in words."""
    return [choice(code, _(label)) for code, label in MODE_LABELS.items()]


def strip(value: str | None) -> str | None:
    """A text without the blanks around it; nothing at all is None."""
    return (value or "").strip() or None


class EnumSelect(SelectField):
    """A select over a closed list, whose ``chosen`` is a member."""

    def __init__(
        self, label: Any, kind: type[LabelledEnum], empty: Any = None, **kwargs: Any
    ) -> None:
        self.kind, self.empty = kind, empty
        super().__init__(label, choices=lambda: self._all(), **kwargs)

    def _all(self) -> list[Any]:
        first = [choice("", self.empty)] if self.empty else []
        return first + choices_of(self.kind)

    @property
    def chosen(self) -> Any:
        """The member chosen, None for the empty choice."""
        return self.kind(self.data) if self.data else None


class EnumRadio(RadioField):
    """The same, as radios side by side."""

    def __init__(self, label: Any, kind: type[LabelledEnum], **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(label, choices=lambda: choices_of(kind), **kwargs)

    @property
    def chosen(self) -> Any:
        """The member chosen."""
        return self.kind(self.data) if self.data else None


class CheckboxList(SelectMultipleField):
    """Several choices, a checkbox each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _read_phone(_form: BaseForm, field: Field) -> None:
    phone = normalise_phone(field.data)
    if phone is None:
        raise ValidationError(_("Ce numéro n’est pas complet. Exemple\u00a0: 06 12 34 56 78."))
    field.data = phone


class PhoneField(StringField):
    """A telephone number, kept in one form whatever way it was typed."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, [Optional(), Length(max=32), _read_phone], **kwargs)


def _read_commune(_form: BaseForm, field: Field) -> None:
    assert isinstance(field, CommuneField)
    text = field.data or ""
    found = find_communes(db_session(), text)
    alone = found[0] if len(found) == 1 and code_agrees(found[0], text) else None
    field.commune = alone or only_commune(found, text)
    if field.commune is not None:
        return
    if not found:
        raise ValidationError(_("Aucune commune ne porte ce nom ou ce code postal."))
    names = ", ".join(commune.label for commune in found[:5])
    if not code_agrees(found[0], text):
        raise ValidationError(
            _(
                "Le code postal n’est pas celui de cette commune. Écrivez\u00a0: %(names)s.",
                names=names,
            )
        )
    raise ValidationError(
        _("Plusieurs communes sont possibles. Écrivez\u00a0: %(names)s.", names=names)
    )


class CommuneField(StringField):
    """A commune by its name or postal code; ``commune`` is the row it means."""

    commune: Commune | None = None

    def __init__(self, label: Any, *, required: bool = False, **kwargs: Any) -> None:
        presence = InputRequired(_l("Donnez la commune.")) if required else Optional()
        kwargs.setdefault("description", _l("Nom ou code postal."))
        super().__init__(label, [presence, Length(max=120), _read_commune], **kwargs)


class Day(DateField):
    """A date, optional unless said, with plain words when it is not one."""

    def __init__(
        self, label: Any, validators: Any = (), *, required: bool = False, **kwargs: Any
    ) -> None:
        presence = InputRequired() if required else Optional()
        super().__init__(label, [presence, *validators], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the date, or say how to write it."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Cette date n’existe pas. Exemple\u00a0: 12/03/2027.")) from None


def not_in_future(_form: BaseForm, field: Field) -> None:
    """A thing that happened did so today at the latest."""
    if field.data and field.data > clock.today():
        raise ValidationError(_("Cette date est à venir."))


def not_in_past(_form: BaseForm, field: Field) -> None:
    """A thing to come does so today at the earliest."""
    if field.data and field.data < clock.today():
        raise ValidationError(_("Cette date est passée."))


def is_plausible_year(day: date | None) -> bool:
    """Whether a day was given, in the years of somebody's life."""
    return day is not None and 1920 <= day.year <= 2100


def plausible_year(_form: BaseForm, field: Field) -> None:
    """A mistyped year (« 0202 », « 20266 ») is not a date of somebody's life."""
    if field.data and not is_plausible_year(field.data):
        raise ValidationError(_("Vérifiez l’année."))
