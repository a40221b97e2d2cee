"""Forms of offers. The capture form checks nothing itself: each field is recorded on its own."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from portal.models import (
    Confidentiality,
    ContractKind,
    JobOffer,
    LabelledEnum,
    OfferOrigin,
    OfferState,
)
from portal.offers import capture
from portal.offers.parsing import Tristate
from portal.offers.rules import OFFER_MACHINE, AbandonReason, FillReason, SuspendReason
from portal.web.forms import Form


def _choices(kind: type[LabelledEnum], empty: Any = None) -> list[SelectChoice]:
    first = [SelectChoice("", empty)] if empty is not None else []
    return first + [SelectChoice(value, label) for value, label in kind.choices()]


class CaptureForm(Form):
    """Every field of a call, as text: what was typed is never lost to a conversion."""

    title = StringField(_l("Métier"), render_kw={"maxlength": 120, "autocomplete": "off"})
    posts = StringField(_l("Nombre de postes"), render_kw={"type": "number", "min": 1, "max": 99})
    place = StringField(
        _l("Lieu de travail"),
        description=_l("Commune ou code postal"),
        render_kw={"autocomplete": "off"},
    )
    start_wanted = StringField(_l("Date souhaitée"), render_kw={"type": "date"})
    start_latest = StringField(_l("Au plus tard"), render_kw={"type": "date"})
    contract = SelectField(_l("Contrat"), choices=lambda: _choices(ContractKind, _l("À demander")))
    employer = StringField(
        _l("Entreprise"),
        description=_l("Nom, SIRET, ou les deux"),
        render_kw={"autocomplete": "off", "maxlength": 250},
    )
    start_hour = StringField(_l("Prise de poste"), render_kw={"placeholder": "7 h", "size": 8})
    duration_months = StringField(
        _l("Durée (mois)"), render_kw={"type": "number", "min": 1, "max": 60}
    )
    weekly_hours = StringField(_l("Heures par semaine"), render_kw={"inputmode": "decimal"})
    pay_text = StringField(_l("Salaire"), render_kw={"placeholder": "12,50 €/h"})
    tutor_available = SelectField(_l("Tuteur sur place"))
    description = TextAreaField(_l("Ce que l’employeur dit du poste"), render_kw={"rows": 4})
    origin = SelectField(_l("Origine"), choices=lambda: _choices(OfferOrigin))
    confidentiality = RadioField(
        _l("Qui peut voir l’offre ?"), choices=lambda: _choices(Confidentiality)
    )
    confidentiality_reason = StringField(
        _l("Pourquoi la garder pour vous ?"),
        description=_l("Demandé seulement pour « Conseiller seul »"),
    )
    share_consent_by = StringField(
        _l("Qui, dans l’entreprise, accepte le partage ?"),
        description=_l("Nom et fonction de la personne qui a dit oui"),
    )
    share_consent_on = StringField(_l("Accord donné le"), render_kw={"type": "date"})
    fresh_until = StringField(_l("Valable jusqu’au"), render_kw={"type": "date"})
    max_introductions = StringField(
        _l("Personnes à présenter, au plus"), render_kw={"type": "number", "min": 1, "max": 20}
    )
    other_requirement = StringField(
        _l("Ajouter un prérequis"),
        description=_l("En mots simples : « conduire une mini-pelle », « permis B »"),
        render_kw={"autocomplete": "off"},
    )
    wording_reason = TextAreaField(
        _l("Pourquoi ce texte est-il nécessaire au poste ?"), render_kw={"rows": 2}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tutor_available.choices = [
            SelectChoice("", _l("À demander")),
            SelectChoice(Tristate.YES.value, _l("oui")),
            SelectChoice(Tristate.NO.value, _l("non")),
        ]


def capture_form(offer: JobOffer) -> CaptureForm:
    """The form as the offer stands: what was typed and waits first, else what is recorded."""
    names = [name for name in CaptureForm()._fields if name != "csrf_token"]
    return CaptureForm(
        formdata=None, data={name: capture.shown_value(offer, name) for name in names}
    )


class FilterForm(Form):
    """Filters of the list, in the address."""

    class Meta:
        csrf = False

    vue = StringField(_l("Vue"))
    q = StringField(_l("Chercher"), render_kw={"type": "search"})
    metier = StringField(_l("Métier"))
    lieu = StringField(_l("Lieu"))
    etat = SelectField(_l("État"), choices=lambda: _choices(OfferState, _l("Tous")))
    origine = SelectField(_l("Origine"), choices=lambda: _choices(OfferOrigin, _l("Toutes")))


class ReasonForm(Form):
    """A reason from a closed list."""

    reason = SelectField(_l("Raison"), validators=[InputRequired(_l("Choisissez une raison."))])


REASONS: dict[str, type[LabelledEnum]] = {
    "suspendre": SuspendReason,
    "pourvoir": FillReason,
    "abandonner": AbandonReason,
}


def reason_form(action: str, **kwargs: Any) -> ReasonForm:
    """The form of one action, with ids of its own."""
    form = ReasonForm(**kwargs)
    form.reason.choices = _choices(REASONS[action], _l("Choisir"))
    form.reason.id = f"raison-{action}"
    form.reason.label.field_id = form.reason.id
    return form


def state_forms(offer: JobOffer) -> dict[str, ReasonForm]:
    """The forms of what may happen next to an offer, by action."""
    targets = {
        "suspendre": OfferState.SUSPENDED,
        "pourvoir": OfferState.FILLED,
        "abandonner": OfferState.ABANDONED,
    }
    return {
        action: reason_form(action, formdata=None)
        for action, target in targets.items()
        if OFFER_MACHINE.allows(offer.state, target)
    }
