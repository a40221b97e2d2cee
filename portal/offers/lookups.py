"""Fields that point to a row: the trade, the commune, the employer, another requirement.

What is typed proposes rows; only an exact, single answer is taken without asking. A choice is a
field of its own (``occupation_code``, ``commune_code``, ``establishment``), so that the same form
works with and without scripts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock, places
from portal import matchmaking as mm
from portal.models import Commune, Establishment, JobOffer, Occupation, OfferState
from portal.offers import employers, requirements, typed
from portal.offers.employers import NEW, read_employer
from portal.offers.parsing import FieldError, heading, text_of
from portal.offers.wording import find_discriminating
from portal.text import fold
from portal.web.filters import siret_text

_CHOICES = frozenset({"occupation_code", "commune_code", "establishment"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A proposed row: the value of the radio, its label, and what tells it from the others."""

    value: str
    label: str
    note: str
    chosen: bool


def is_choice(name: str) -> bool:
    """Whether a field settles what was typed in another."""
    return name in _CHOICES


# The trade ---------------------------------------------------------------------------------


def record_title(session: Session, offer: JobOffer, raw: str) -> None:
    """Record the job title, and its occupation when there is no doubt."""
    title = heading(120)(raw)
    refuse_wording(offer, "title", raw)
    offer.title = title
    found = mm.resolve_occupations(session, raw) if raw else []
    if offer.occupation_code in {match.code for match in found}:
        return
    sure = mm.sure_occupation(found)
    if sure is not None:
        _take_occupation(session, offer, sure.code)
    elif offer.state is OfferState.DRAFT or not raw:
        _take_occupation(session, offer, None)


def record_occupation(session: Session, offer: JobOffer, raw: str) -> None:
    """Record the occupation chosen in the list."""
    if raw and session.get(Occupation, raw) is None:
        raise FieldError(_("Choisissez le métier dans la liste."))
    _take_occupation(session, offer, raw or None)


def _take_occupation(session: Session, offer: JobOffer, code: str | None) -> None:
    before = offer.occupation_code
    offer.occupation_code = code
    offer.occupation = session.get(Occupation, code) if code else None
    if code and code != before:
        requirements.follow_occupation(session, offer, before)


def occupation_choices(session: Session, offer: JobOffer, title: str) -> list[Choice]:
    """The occupations the title may mean, the recorded one first when the title says another."""
    found = mm.resolve_occupations(session, title, limit=6) if title else []
    choices = {
        match.code: Choice(
            match.code,
            match.label,
            "" if fold(match.title) in fold(match.label) else match.title,
            match.code == offer.occupation_code,
        )
        for match in found
    }
    if offer.occupation and offer.occupation_code not in choices:
        kept = Choice(offer.occupation.code, offer.occupation.label, _("métier retenu"), True)
        return [kept, *choices.values()]
    return list(choices.values())


# The place ---------------------------------------------------------------------------------


def record_place(session: Session, offer: JobOffer, raw: str) -> None:
    """Record the commune when what is typed leaves no doubt; else what is typed waits."""
    found = places.find_communes(session, raw)
    only = places.only_commune(found, raw)
    if only is None and raw:
        if offer.state is OfferState.DRAFT:
            _take_commune(offer, None)
        raise FieldError(
            _("Choisissez la commune dans la liste.")
            if found
            else _("Aucune commune ne s’écrit ainsi. Essayez le code postal.")
        )
    _take_commune(offer, only)


def record_commune(session: Session, offer: JobOffer, raw: str) -> None:
    """Record the commune chosen in the list."""
    row = session.get(Commune, raw) if raw else None
    if raw and row is None:
        raise FieldError(_("Choisissez la commune dans la liste."))
    _take_commune(offer, row)
    typed.forget(offer, "place")


def _take_commune(offer: JobOffer, row: Commune | None) -> None:
    offer.commune = row
    offer.commune_code = row.code if row else None
    offer.departement_code = row.departement_code if row else None


def commune_choices(session: Session, offer: JobOffer) -> list[Choice]:
    """The communes that what is typed and waits may mean."""
    text = typed.text_of(offer, "place")
    found = places.find_communes(session, text) if text else []
    return [
        Choice(row.code, row.label, _departement(row), row.code == offer.commune_code)
        for row in found
    ]


def _departement(row: Commune) -> str:
    return str(_("département %(code)s", code=row.departement_code))


# The employer ------------------------------------------------------------------------------


def record_employer(session: Session, offer: JobOffer, raw: str) -> None:
    """Record what is said of the employer, and its establishment when there is no doubt."""
    typed.forget(offer, "establishment")  # it answered other words
    meant = read_employer(session, raw)
    if raw and meant.problem and not meant.alike:
        raise FieldError(meant.problem)
    offer.employer_text = text_of(250)(raw)
    _take_establishment(offer, meant.row)


def record_establishment(session: Session, offer: JobOffer, raw: str) -> None:
    """Record the establishment chosen in the list, or create the one that was typed."""
    if raw == NEW:
        _take_establishment(offer, _create(session, offer))
    else:
        row = session.scalar(select(Establishment).where(Establishment.public_id == raw))
        if raw and row is None:
            raise FieldError(_("Choisissez l’entreprise dans la liste."))
        if row is not None:
            _keep_number(session, offer, row)
        _take_establishment(offer, row)
    typed.forget(offer, "employer")


def _keep_number(session: Session, offer: JobOffer, row: Establishment) -> None:
    """A SIRET typed goes to the firm picked for it; picking another one loses no number."""
    meant = read_employer(session, shown_employer(offer), chosen=row.public_id)
    if meant.row is row:
        employers.keep_siret(meant)
        return
    unread = typed.error_of(offer, "employer")
    if unread or meant.siret:
        raise FieldError(unread or employers.other_siret())


def settle_employer(session: Session, offer: JobOffer) -> None:
    """Before an offer opens, create the employer that was named and looks like no other."""
    if offer.establishment_id or not offer.employer_text or typed.text_of(offer, "employer"):
        return
    if read_employer(session, offer.employer_text).is_new:
        _take_establishment(offer, _create(session, offer))


def _create(session: Session, offer: JobOffer) -> Establishment:
    meant = read_employer(session, shown_employer(offer), chosen=NEW)
    if meant.problem:
        raise FieldError(meant.problem)
    if meant.siret is None and meant.is_homonym:
        raise FieldError(
            _("Une entreprise de ce nom existe déjà ici. Choisissez-la, ou donnez le SIRET.")
        )
    return meant.row or employers.record_establishment(
        session,
        name=meant.name,
        siret=meant.siret,
        owner_id=offer.organisation_id,
        commune=offer.commune,
        adviser_id=offer.adviser_id,
    )


def _take_establishment(offer: JobOffer, row: Establishment | None) -> None:
    if row is None and offer.state is not OfferState.DRAFT:
        return
    offer.establishment = row
    offer.establishment_id = row.id if row else None


def establishment_choices(session: Session, offer: JobOffer) -> list[Choice]:
    """Employers that look like what was typed, and the one to create."""
    meant = read_employer(session, shown_employer(offer))
    rows = list(meant.alike)
    if offer.establishment and offer.establishment not in rows:
        rows = [offer.establishment, *rows]
    choices = [
        Choice(row.public_id, row.name, _employer_note(row), row.id == offer.establishment_id)
        for row in rows
    ]
    if meant.name and meant.row is None and (offer.establishment is None or meant.siret):
        label = _("Nouvelle entreprise\u00a0: %(name)s", name=meant.name)
        note = siret_text(meant.siret) if meant.siret else ""
        choices.append(Choice(NEW, label, note, False))
    return choices


def _employer_note(row: Establishment) -> str:
    place = row.commune.label if row.commune else ""
    return " · ".join(part for part in (place, siret_text(row.siret) if row.siret else "") if part)


# What a field shows ------------------------------------------------------------------------


def shown_employer(offer: JobOffer) -> str:
    """What was typed and waits, else what was said, else the name of the establishment."""
    waiting = typed.text_of(offer, "employer")
    name = offer.establishment.name if offer.establishment else ""
    return waiting or offer.employer_text or name


def _shown_consent_day(offer: JobOffer) -> str:
    if offer.share_consent_at is None:
        return ""
    return offer.share_consent_at.astimezone(clock.PARIS).date().isoformat()


SHOWN: dict[str, Callable[[JobOffer], str]] = {
    "place": lambda offer: offer.commune.label if offer.commune else "",
    "employer": shown_employer,
    "establishment": lambda offer: offer.establishment.public_id if offer.establishment else "",
    "share_consent_on": _shown_consent_day,
    "other_requirement": lambda _offer: "",
}

RECORDERS: dict[str, Callable[[Session, JobOffer, str], None]] = {
    "title": record_title,
    "occupation_code": record_occupation,
    "place": record_place,
    "commune_code": record_commune,
    "employer": record_employer,
    "establishment": record_establishment,
}


def refuse_wording(offer: JobOffer, name: str, text: str) -> None:
    """Refuse a text with a forbidden passage that is not already part of the offer, justified."""
    accepted = {f.excerpt.lower() for f in find_discriminating(getattr(offer, name) or "")}
    if any(f.excerpt.lower() not in accepted for f in find_discriminating(text)):
        raise FieldError(_("À reformuler ou à justifier avant d’être enregistré."))
