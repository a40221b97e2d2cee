"""What a job is, in words and pictures that everybody reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.models import ContractKind, JobOffer, LeadChoice, OutcomeReason
from portal.text import N_

CHANGED_MIND = N_("La personne a changé d’avis.")
REFUSES_EMPLOYERS = _l("Vous avez dit non aux entreprises. Rien ne leur est envoyé.")
NOT_POSSIBLE = _l("Ce n’est plus possible. Rien n’est changé.")

_CONTRACTS = {
    ContractKind.CDI: N_("Un contrat sans date de fin."),
    ContractKind.CDD: N_("Un contrat avec une date de fin."),
    ContractKind.CTT: N_("Des missions courtes."),
    ContractKind.CDDI: N_("Un contrat avec une personne qui vous aide."),
    ContractKind.PEC: N_("Un contrat avec une personne qui vous aide."),
    ContractKind.ALTERNANCE: N_("Un contrat pour travailler et apprendre."),
    ContractKind.SEASONAL: N_("Un contrat pour la saison."),
}
#: Contracts that always end: their length is what one wants to know.
_ENDING = frozenset({ContractKind.CDD, ContractKind.SEASONAL})

_CHOICES = {
    LeadChoice.INTERESTED: N_("Vous avez dit\u00a0: ça m’intéresse."),
    LeadChoice.NOT_FOR_ME: N_("Vous avez dit\u00a0: pas pour moi."),
    LeadChoice.CALL_ME: N_("Vous avez dit\u00a0: rappelez-moi."),
}


@dataclass(frozen=True, slots=True)
class PicturedReason:
    """A reason one taps: its drawing under static/pictos, and its words."""

    reason: OutcomeReason
    picto: str
    label: Any


#: Six of the reasons a person may give (introductions.rules.DECLINE_REASONS).
REASONS = (
    PicturedReason(OutcomeReason.NOT_LIKED, "raisons/metier", _l("Je n’aime pas ce métier")),
    PicturedReason(OutcomeReason.TRAVEL, "raisons/trajet", _l("C’est trop loin")),
    PicturedReason(OutcomeReason.SCHEDULE, "raisons/horaires", _l("Les horaires ne vont pas")),
    PicturedReason(OutcomeReason.PAY, "raisons/salaire", _l("Le salaire ne va pas")),
    PicturedReason(OutcomeReason.HEIGHTS_OR_LOAD, "raisons/gestes", _l("Les gestes ne vont pas")),
    PicturedReason(OutcomeReason.CHILDCARE, "raisons/famille", _l("Ça ne va pas avec ma famille")),
)
REASON_OF = {row.reason.value: row.reason for row in REASONS}

#: Drawn families of trades, by the beginning of their ROME code: the longest one wins.
PICTURED_FAMILIES = (
    "A", "A12", "B", "C", "D", "E", "F", "F13", "F17", "G", "G16", "H", "I", "J",
    "K", "K13", "K22", "L", "M", "N", "N11",
)  # fmt: skip


def trade_picto(occupation_code: str | None) -> str:
    """The drawing of a trade, under static/pictos."""
    code = (occupation_code or "").upper()
    known = [family for family in PICTURED_FAMILIES if code.startswith(family)]
    return f"metiers/{max(known, key=len) if known else 'autre'}"


def contract_words(offer: JobOffer) -> str:
    """How long the job lasts, without a single acronym."""
    if offer.contract is None:
        return str(_("La durée est à demander."))
    if offer.duration_months and offer.contract in _ENDING:
        return str(
            ngettext(
                "Un contrat de %(num)d mois.", "Un contrat de %(num)d mois.", offer.duration_months
            )
        )
    return str(_(_CONTRACTS[offer.contract]))


def choice_words(choice: LeadChoice) -> str:
    """What the person answered."""
    return str(_(_CHOICES[choice]))
