"""What ``ecluse demo`` prints: three offers with their people, one person with a pathway."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from flask_babel import Babel
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.models import (
    Account,
    JobOffer,
    Membership,
    OfferState,
    Pathway,
    Role,
)
from portal.web.filters import date_short, minutes_text

_GROUP_WORDS = {
    "ready": "prêt",
    "one_step": "prêt après une étape",
    "to_check": "à vérifier d’abord",
    "longer_path": "parcours plus long",
    "gap": "écart",
}
_OFFERS = 3
_PEOPLE = 4
_SEVERAL = 2


def extract(session: Session) -> str:
    """The extract, as text for a terminal."""
    # Dates and labels are put into words by the portal's own filters, which need a locale.
    app = Flask("portal.demo")
    Babel(app, default_locale="fr", default_timezone="Europe/Paris")
    with app.test_request_context("/"):
        lines = [*_offers(session), *_pathway(session), *_accounts(session)]
    return "\n".join(lines)


def _adviser(session: Session) -> Actor:
    membership = session.scalars(
        select(Membership)
        .join(Account)
        .where(Membership.role == Role.ADVISER, Account.demo)
        .order_by(Membership.id)
    ).first()
    assert membership is not None
    return Actor(membership.account, membership)


def _offers(session: Session) -> Iterator[str]:
    adviser = _adviser(session)
    query = select(JobOffer).where(
        JobOffer.organisation_id == adviser.organisation.id, JobOffer.state == OfferState.OPEN
    )
    views = [
        (offer, mm.people_for_offer(session, adviser, offer)) for offer in session.scalars(query)
    ]
    views.sort(key=lambda found: _telling(found[1]))
    # One offer of a trade: the same list three times would say less.
    by_trade: dict[str | None, tuple[JobOffer, mm.ListView]] = {}
    for offer, view in views:
        by_trade.setdefault(offer.occupation_code, (offer, view))
    for offer, view in list(by_trade.values())[:_OFFERS]:
        counts = ", ".join(_counted(group.key, group.count) for group in view.groups if group.count)
        place = offer.commune.name if offer.commune else ""
        yield f"Offre : {offer.title}, {place}, le {date_short(offer.start_wanted)} — {counts}"
        shown = [line for group in view.groups[:3] for line in group.lines][:_PEOPLE]
        for line in shown:
            yield f"    {_line(line)}"
        yield ""


def _counted(key: str, count: int) -> str:
    word = _GROUP_WORDS[key]
    return f"{count} {word.replace('prêt', 'prêts', 1) if count > 1 else word}"


def _telling(view: mm.ListView) -> tuple[bool, int, int]:
    """First the offers that have people ready, then those that one step brings people to."""
    ready, one_step = (group.count for group in view.groups[:2])
    return ready < _SEVERAL, -one_step, -ready


def _line(line: mm.Line) -> str:
    parts = [f"{line.person.short_name} : {_GROUP_WORDS[line.group]}", f"{len(line.met)} acquis"]
    if line.to_check:
        parts.append("à demander : " + ", ".join(r.label.lower() for r in line.to_check[:2]))
    if line.step:
        parts.append(f"apprend ici : {line.step.action.program.title}")
    parts.append(f"{line.mode}, {minutes_text(line.minutes)}")
    if line.ready_by:
        parts.append(f"prêt le {date_short(line.ready_by)}")
    return " · ".join(parts)


def _pathway(session: Session) -> Iterator[str]:
    pathway = session.scalars(
        select(Pathway).options(selectinload(Pathway.steps)).order_by(Pathway.id)
    ).first()
    if pathway is None:
        return
    yield f"Parcours de {pathway.person.short_name} ({pathway.scenario.label}) :"
    for step in pathway.steps:
        place = f", {step.commune.name}" if step.commune else ""
        yield f"    {date_short(step.start)} : {step.title}{place}"
    yield ""


def _accounts(session: Session) -> Iterator[str]:
    yield "Comptes de démonstration :"
    rows = session.scalars(
        select(Membership).join(Account).where(Account.demo).order_by(Membership.id)
    )
    for row in rows:
        yield f"    {row.account.email:<42} {row.role.label}, {row.organisation.name}"
