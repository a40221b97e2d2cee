"""The filters of the portfolio, and « qui est prêt pour… »: GET forms, links one can send."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SearchField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from portal.people.forms.fields import (
    CommuneField,
    Day,
    choice,
    mode_choices,
    not_in_past,
    plausible_year,
)
from portal.people.queries.portfolio import Scope, Sort
from portal.web.forms import Form, LongSelect


def _scope_choices() -> list[Any]:
    return [
        choice(Scope.MINE, _("Mes personnes")),
        choice(Scope.STRUCTURE, _("Ma structure")),
        choice(Scope.SHARED, _("Partagées dans le département")),
    ]


def sort_choices(*, by_contact: bool = True) -> list[Any]:
    """In what order; contacts are not on a card, hence no order by them there."""
    contact = [choice(Sort.CONTACT, _("Contact le plus ancien"))] if by_contact else []
    return [
        choice(Sort.NAME, _("Nom")),
        *contact,
        choice(Sort.AVAILABLE, _("Disponible le plus tôt")),
        choice(Sort.RECENT, _("Dernières arrivées")),
    ]


class FilterForm(Form):
    """The filters of the portfolio; a GET form, so that a filtered list can be sent."""

    class Meta:
        csrf = False

    scope = SelectField(_l("Qui"), choices=_scope_choices, default=Scope.MINE, name="qui")
    name = SearchField(_l("Nom"), [Length(max=80)], name="nom")
    place = SelectField(_l("Où"), validate_choice=False, name="ou", widget=LongSelect())
    trade = StringField(_l("Métier aimé ou exercé"), [Length(max=120)], name="metier")
    skill = StringField(_l("Sait faire"), [Length(max=120)], name="sait")
    credential = SelectField(
        _l("Habilitation"), validate_choice=False, name="habilitation", widget=LongSelect()
    )
    mode = SelectField(
        _l("Se déplace"),
        choices=lambda: [choice("", _("Indifférent")), *mode_choices()],
        default="",
        name="mode",
    )
    available_by = Day(_l("Disponible avant le"), [plausible_year], name="avant")
    silent_days = IntegerField(
        _l("Sans contact depuis (jours)"), [Optional(), NumberRange(1, 3650)], name="silence"
    )
    incomplete = BooleanField(_l("Profil à compléter"), name="incomplet")
    sort = SelectField(_l("Trier par"), choices=sort_choices, default=Sort.NAME, name="tri")


class NeedForm(Form):
    """« Qui est prêt pour… »: a trade, a place, a date. A GET form."""

    class Meta:
        csrf = False

    trade = StringField(
        _l("Métier"),
        [DataRequired(), Length(max=120)],
        name="metier",
        description=_l("Comme on le dit\u00a0: « maçon », « cariste », « aide à domicile »."),
    )
    place = CommuneField(_l("Lieu de travail"), required=True, name="lieu")
    start = Day(_l("À partir du"), [plausible_year, not_in_past], name="date")
