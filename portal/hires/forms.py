"""Forms of hires: the contract, the news, the end."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FloatField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal import clock
from portal.hires.origins import Origin
from portal.hires.rules import MOST_WEEKLY_HOURS, Terms
from portal.immersions.periods import months_after
from portal.models import ContactChannel, ContractKind, FollowUpResult, Hire, HireEndReason
from portal.offers.employer_field import EmployerForm
from portal.people.forms.fields import Day, EnumSelect, not_in_future, plausible_year, strip
from portal.web.forms import Form


class HoursField(FloatField):
    """Hours, with a French comma or a point."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read « 35,5 » as « 35.5 »."""
        super().process_formdata([value.replace(",", ".") for value in valuelist])

    def _value(self) -> str:
        """« 35 », « 37,5 », or what was typed."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:g}".replace(".", ",")


class HireForm(EmployerForm):
    """A signed contract."""

    employer = StringField(
        _l("Entreprise"),
        [Length(max=250)],
        filters=[strip],
        description=_l("Son nom, et son SIRET si vous l’avez."),
    )
    contract = EnumSelect(
        _l("Contrat"),
        ContractKind,
        empty=_l("Choisir"),
        validators=[InputRequired(_l("Choisissez le contrat."))],
    )
    start = Day(_l("Premier jour"), [plausible_year], required=True)
    end_planned = Day(
        _l("Fin prévue"), [plausible_year], description=_l("Rien pour un contrat sans fin.")
    )
    weekly_hours = HoursField(
        _l("Heures par semaine"),
        [
            InputRequired(_l("Donnez les heures par semaine.")),
            NumberRange(
                min=1, max=MOST_WEEKLY_HOURS, message=_l("Donnez entre 1 et 48 heures par semaine.")
            ),
        ],
        render_kw={"inputmode": "decimal"},
    )
    clause_hours = BooleanField(_l("Ces heures comptent pour une clause d’insertion"))

    @property
    def terms(self) -> Terms:
        """What was signed, once the form is valid."""
        assert self.start.data is not None
        return Terms(
            self.contract.chosen,
            self.start.data,
            self.end_planned.data,
            self.weekly_hours.data,
            self.clause_hours.data,
        )


def blank_hire_form(origin: Origin) -> HireForm:
    """The form with what the offer or the promised job already says."""
    form = HireForm(formdata=None)
    offer, commitment = origin.offer, origin.commitment
    wanted = offer.start_wanted if offer else None
    start = form.start.data = max(clock.today(), wanted or clock.today())
    contract = (commitment.contract if commitment else None) or (offer.contract if offer else None)
    months = (commitment.contract_months if commitment else None) or (
        offer.duration_months if offer else None
    )
    form.contract.data = contract.value if contract else None
    form.weekly_hours.data = (offer.weekly_hours if offer else None) or 35.0
    if months and contract is not ContractKind.CDI:
        form.end_planned.data = months_after(start, months)
    return form


class FollowUpForm(Form):
    """The news: when, how, what was said."""

    on = Day(_l("Le"), [plausible_year, not_in_future], required=True)
    channel = EnumSelect(_l("Comment"), ContactChannel, default=ContactChannel.PHONE.value)
    result = EnumSelect(
        _l("Ce qui a été dit"),
        FollowUpResult,
        empty=_l("Choisir"),
        validators=[InputRequired(_l("Choisissez ce qui a été dit."))],
    )
    note = TextAreaField(
        _l("À retenir"),
        [Length(max=2000)],
        filters=[strip],
        render_kw={"rows": 2},
        description=_l("Du travail seulement. Rien sur la santé ni la vie privée."),
    )


class SettleForm(Form):
    """What was done about a difficulty."""

    how = TextAreaField(
        _l("Ce qui a été fait"),
        [DataRequired(_l("Dites ce qui a été fait.")), Length(max=1000)],
        filters=[strip],
        render_kw={"rows": 2},
    )


class EndForm(Form):
    """The contract has ended."""

    ended_on = Day(_l("Dernier jour"), [plausible_year, not_in_future], required=True)
    reason = EnumSelect(
        _l("Pourquoi"),
        HireEndReason,
        empty=_l("Choisir"),
        validators=[InputRequired(_l("Choisissez une raison."))],
    )
    end_note = StringField(_l("Précision (facultative)"), [Optional(), Length(max=500)])


class ProlongForm(Form):
    """A new end, or none any more."""

    new_contract = EnumSelect(_l("Contrat"), ContractKind)
    new_end = Day(
        _l("Nouvelle fin prévue"),
        [plausible_year],
        description=_l("Rien pour un contrat sans fin."),
    )


class CloseForm(Form):
    """Introductions to close, ticked."""


def forms_of(hire: Hire) -> dict[str, Any]:
    """The empty forms of a hire's page."""
    prolong = ProlongForm(formdata=None)
    prolong.new_contract.data, prolong.new_end.data = hire.contract.value, hire.end_planned
    return {"end_form": EndForm(formdata=None), "prolong_form": prolong}


def follow_up_form(prefix: str, *, empty: bool = True) -> FollowUpForm:
    """A form of news with ids of its own: a page holds one per follow-up due."""
    form = FollowUpForm(formdata=None) if empty else FollowUpForm()
    if empty:
        form.on.data = clock.today()
    _give_ids(form, prefix)
    return form


def settle_form(prefix: str, *, empty: bool = True) -> SettleForm:
    """The same for what is done about a difficulty."""
    form = SettleForm(formdata=None) if empty else SettleForm()
    _give_ids(form, prefix)
    return form


def _give_ids(form: Form, prefix: str) -> None:
    for field in form:
        if field.name != "csrf_token":
            field.id = f"{prefix}-{field.name}"
            field.label.field_id = field.id
