"""What may happen to an offer, and what it needs first (domain reference §4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from portal.access.transitions import IllegalTransitionError, Machine
from portal.models import (
    LIVE_OFFER_STATES,
    Confidentiality,
    JobOffer,
    LabelledEnum,
    OfferState,
)
from portal.text import N_

FRESH_DAYS = 21
MARGIN_DAYS = 30

#: Nothing more happens to these.
CLOSED_OFFER_STATES = frozenset({OfferState.FILLED, OfferState.ABANDONED})

_S = OfferState
OFFER_MACHINE: Machine[OfferState] = Machine(
    {
        _S.DRAFT: frozenset({_S.QUALIFIED, _S.ABANDONED}),
        _S.QUALIFIED: frozenset({_S.OPEN, _S.TO_CONFIRM, _S.ABANDONED}),
        _S.OPEN: frozenset({_S.IN_PROGRESS, _S.SUSPENDED, _S.TO_CONFIRM, _S.FILLED, _S.ABANDONED}),
        _S.IN_PROGRESS: frozenset({_S.SUSPENDED, _S.TO_CONFIRM, _S.FILLED, _S.ABANDONED}),
        _S.SUSPENDED: frozenset({_S.OPEN, _S.IN_PROGRESS, _S.TO_CONFIRM, _S.ABANDONED}),
        _S.TO_CONFIRM: frozenset(
            {_S.QUALIFIED, _S.OPEN, _S.IN_PROGRESS, _S.SUSPENDED, _S.FILLED, _S.ABANDONED}
        ),
        _S.FILLED: frozenset(),
        _S.ABANDONED: frozenset(),
    }
)


class SuspendReason(LabelledEnum):
    """Why an offer waits."""

    LATER_START = "later_start", N_("le chantier ou la commande est décalé")
    NO_TIME = "no_time", N_("l’employeur ne peut pas recevoir en ce moment")
    ENOUGH_PEOPLE = "enough_people", N_("assez de personnes sont déjà présentées")
    NEED_UNCLEAR = "need_unclear", N_("le besoin est à préciser")


class FillReason(LabelledEnum):
    """How the posts were filled."""

    INTRODUCTION = "introduction", N_("par une mise en relation")
    PARTNER = "partner", N_("par un autre partenaire")
    NETWORK = "network", N_("par le réseau de l’employeur")
    INTERNAL = "internal", N_("en interne")


class AbandonReason(LabelledEnum):
    """Why an offer stops."""

    NEED_CANCELLED = "need_cancelled", N_("le besoin est annulé")
    MARKET_LOST = "market_lost", N_("le marché ou la commande est perdu")
    UNREACHABLE = "unreachable", N_("l’employeur ne répond plus")
    CONDITIONS = "conditions", N_("les conditions proposées ne conviennent pas")
    DUPLICATE = "duplicate", N_("l’offre existe déjà")


@dataclass(frozen=True, slots=True)
class Missing:
    """What an offer still needs before it opens; ``field`` is where to give it."""

    field: str
    text: str


def missing_to_open(offer: JobOffer) -> list[Missing]:
    """What keeps an offer from being qualified and opened, in the order of the screen."""
    checks = (
        ("title", offer.occupation_code, _("Le métier est à choisir dans la liste.")),
        ("place", offer.commune_code, _("Le lieu de travail est à choisir dans la liste.")),
        ("start_wanted", offer.start_wanted, _("La date souhaitée est à donner.")),
        ("start_latest", offer.start_latest, _("La date au plus tard est à donner.")),
        ("contract", offer.contract, _("Le contrat est à choisir.")),
        ("employer", offer.establishment_id, _("L’entreprise est à retrouver ou à créer.")),
        ("fresh_until", offer.fresh_until, _("La date de validité est à donner.")),
        (
            "requirements",
            offer.requirements,
            _("Au moins un prérequis est à classer : dès le premier jour, souhaité…"),
        ),
        ("confidentiality", offer.confidentiality, _("Dites qui peut voir l’offre.")),
    )
    found = [Missing(field, text) for field, value, text in checks if not value]
    return found + _missing_by_confidentiality(offer)


def _missing_by_confidentiality(offer: JobOffer) -> list[Missing]:
    """A reason to keep an offer to oneself (T-OFF-02), or the employer's yes to share it."""
    if offer.confidentiality is None:
        return []
    if offer.confidentiality is Confidentiality.ADVISER_ONLY:
        if offer.confidentiality_reason:
            return []
        return [
            Missing(
                "confidentiality_reason",
                _(
                    "Pour garder l’offre pour vous, dites pourquoi : elle ne sera vue"
                    " d’aucun référent."
                ),
            )
        ]
    if offer.share_consent_at and offer.share_consent_by:
        return []
    return [
        Missing(
            "share_consent_by",
            _("Qui, dans l’entreprise, accepte que l’offre soit partagée ? Notez son nom."),
        )
    ]


def is_stale(offer: JobOffer, today: date) -> bool:
    """Past its freshness date: shown « à confirmer » even before the daily job ran (T-OFF-03)."""
    return (
        offer.state in LIVE_OFFER_STATES
        and offer.fresh_until is not None
        and offer.fresh_until < today
    )


def shown_state(offer: JobOffer, today: date) -> OfferState:
    """The state a screen says."""
    return OfferState.TO_CONFIRM if is_stale(offer, today) else offer.state


def takes_introductions(offer: JobOffer, today: date) -> bool:
    """Whether people may be proposed: open or in progress, fresh, and not past its dates."""
    return (
        shown_state(offer, today) in (OfferState.OPEN, OfferState.IN_PROGRESS)
        and offer.start_latest is not None
        and offer.start_latest >= today
    )


def default_freshness(today: date) -> date:
    """Three weeks: beyond, an offer nobody confirmed is not proposed."""
    return today + timedelta(days=FRESH_DAYS)


def default_latest(start: date) -> date:
    """The latest start when the employer said none: a month of margin."""
    return start + timedelta(days=MARGIN_DAYS)


def check_complete(offer: JobOffer) -> None:
    """Raise :class:`IllegalTransitionError` with the first thing missing."""
    missing = missing_to_open(offer)
    if missing:
        raise IllegalTransitionError(missing[0].text)


def closed_reason_label(offer: JobOffer) -> str:
    """Why a closed offer is closed, in words."""
    for kind in (FillReason, AbandonReason):
        if offer.closed_reason in {reason.value for reason in kind}:
            return kind(offer.closed_reason).label
    return ""
