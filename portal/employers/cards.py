"""The cards of the employer's space: what was sent, since when one is free, and the answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from portal.introductions.cards import Card, CardFact, name_for_employer, read_card
from portal.introductions.rules import INTRODUCTION_MACHINE
from portal.models import Introduction, IntroductionState, JobOffer
from portal.text import small

_S = IntroductionState
_FIRST_FACTS = 3
"""Facts of a card that are read without unfolding it."""


@dataclass(frozen=True, slots=True)
class CardView:
    """A person as the firm reads them; no row of a person goes to the template (T-SEC-01)."""

    public_id: str
    name: str
    state: IntroductionState
    card: Card
    meeting_on: date | None
    meeting_agreed: bool
    may_meet: bool
    may_try: bool
    may_refuse: bool

    @property
    def strongest(self) -> list[CardFact]:
        """What is read first: what was seen or proved, then what the person says."""
        return self._from_strongest()[:_FIRST_FACTS]

    @property
    def others(self) -> list[CardFact]:
        """What the person can do besides."""
        return self._from_strongest()[_FIRST_FACTS:]

    def _from_strongest(self) -> list[CardFact]:
        return sorted(self.card.can_do, key=lambda fact: not fact.proved)


@dataclass(frozen=True, slots=True)
class Adviser:
    """Who accompanies: the adviser of the offer, or the structure."""

    name: str
    phone: str | None


def card_view(row: Introduction, agreed: Collection[int]) -> CardView:
    """A card; ``agreed``: the introductions whose person agreed to meet, or to try the work."""

    def may(target: IntroductionState) -> bool:
        return INTRODUCTION_MACHINE.allows(row.state, target)

    return CardView(
        public_id=row.public_id,
        name=name_for_employer(row, agreed=row.id in agreed),
        state=row.state,
        card=read_card(row),
        meeting_on=row.meeting_on if row.state is _S.MEETING else None,
        meeting_agreed=row.id in agreed,
        may_meet=may(_S.MEETING),
        may_try=may(_S.IMMERSION),
        may_refuse=may(_S.REFUSED),
    )


def job_of(offer: JobOffer) -> str:
    """What is looked for, in the firm's words."""
    return offer.title or (offer.occupation.label if offer.occupation else "")


def job_in_sentence(offer: JobOffer) -> str:
    """The same inside a sentence: « maçon VRD », but « VRD » keeps its capitals."""
    job = job_of(offer)
    return job if job[:2].isupper() else small(job)


def adviser_of(offer: JobOffer) -> Adviser:
    """Whom the firm calls about this offer."""
    account = offer.adviser
    if account is None:
        return Adviser(offer.organisation.name, offer.organisation.phone)
    return Adviser(account.full_name, account.phone or offer.organisation.phone)
