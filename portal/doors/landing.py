"""What the page of a link shows before it is opened, and where its bearer lands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import get_locale
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.employers.cards import job_in_sentence
from portal.employers.queries import list_sought
from portal.invitations.rules import check_answerable, has_hour
from portal.invitations.words import has_free_title, title_words
from portal.messages.tongues import Tongue, tongue
from portal.models import (
    Contestation,
    DoorLink,
    Immersion,
    Introduction,
    Invitation,
    JobFollowUp,
    JobOffer,
    LinkPurpose,
)
from portal.recipients.saying_dates import day, hour
from portal.web.language import DEFAULT


@dataclass(frozen=True, slots=True)
class Landing:
    """The page of a link (``template``, ``context``) and where it leads once opened.

    ``elsewhere``: where a button of the page leads instead, by its value.
    """

    target: str
    template: str = "doorstep/landing.html"
    context: dict[str, Any] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)

    def target_of(self, choice: str | None) -> str:
        """Where this button leads."""
        return self.elsewhere.get(choice or "", self.target)


Build = Callable[[Session, DoorLink], Landing | None]


def landing_of(session: Session, link: DoorLink) -> Landing | None:
    """The landing of a link; None when what it is about is no more."""
    build = _SUBJECTS.get((link.purpose, link.subject_kind)) or _HOMES.get(link.purpose)
    return build(session, link) if build else None


def invitation_of(session: Session, link: DoorLink) -> Invitation | None:
    """The invitation that a link answers, of the very person it was made for."""
    if link.purpose is not LinkPurpose.PERSON_ANSWER or link.subject_id is None:
        return None
    row = session.get(Invitation, link.subject_id)
    return row if row is not None and row.person_id == link.person_id else None


def _home_of_person(_session: Session, _link: DoorLink) -> Landing:
    return Landing(url_for("recipients.home"))


def _home_of_employer(session: Session, link: DoorLink) -> Landing:
    """Says how many people, for which trades: nothing of them before the link is opened.

    The offer that the message was about comes first, and is where the link leads.
    """
    found = list_sought(session, link.contact.establishment_id) if link.contact else []
    shown = [one for one in found if one.introductions]
    about = next((one.offer for one in shown if _is_about(link, one.offer)), None)
    shown.sort(key=lambda one: one.offer is not about)
    context = {"proposed": [(job_in_sentence(one.offer), len(one.introductions)) for one in shown]}
    anchor = f"offre-{about.public_id}" if about and len(shown) > 1 else None
    return Landing(url_for("employers.home", _anchor=anchor), "doorstep/employer.html", context)


def _is_about(link: DoorLink, offer: JobOffer) -> bool:
    return (link.subject_kind, link.subject_id) == (JobOffer.__tablename__, offer.id)


def _invitation(session: Session, link: DoorLink) -> Landing | None:
    row = invitation_of(session, link)
    if row is None:
        return None
    target = url_for("recipients.invitation", public_id=row.public_id)
    try:
        check_answerable(row, clock.now())
    except IllegalTransitionError:
        return Landing(target)
    return Landing(
        target,
        "doorstep/answer.html",
        {
            "invitation": row,
            "title": title_words(row, _tongue()),
            "typed": row.title if has_free_title(row) and not _tongue().is_french else None,
            "has_hour": has_hour(row.starts_at),
            "day": day,
            "hour": hour,
        },
        {"cannot_come": url_for("recipients.other_dates", public_id=row.public_id)},
    )


def _tongue() -> Tongue:
    """The language of the page."""
    return tongue(str(get_locale() or DEFAULT))


def _lead(session: Session, link: DoorLink) -> Landing:
    offer = session.get(JobOffer, link.subject_id)
    if offer is None:
        return Landing(url_for("recipients.leads"))
    return Landing(url_for("recipients.lead", public_id=offer.public_id))


def _lead_to_agree(session: Session, link: DoorLink) -> Landing:
    row = session.get(Introduction, link.subject_id)
    if row is None or row.person_id != link.person_id:
        return Landing(url_for("recipients.leads"))
    return Landing(url_for("recipients.lead", public_id=row.offer.public_id))


def _contestation(session: Session, link: DoorLink) -> Landing:
    row = session.get(Contestation, link.subject_id)
    if row is None or row.person_id != link.person_id:
        return Landing(url_for("recipients.home"))
    return Landing(url_for("recipients.contestation", public_id=row.public_id))


def _pathway(_session: Session, _link: DoorLink) -> Landing:
    return Landing(url_for("recipients.pathway"))


def _invitation_seen(session: Session, link: DoorLink) -> Landing:
    row = session.get(Invitation, link.subject_id)
    if row is None or row.person_id != link.person_id:
        return Landing(url_for("recipients.home"))
    return Landing(url_for("recipients.invitation", public_id=row.public_id))


def _employer_page(model: type[Any], endpoint: str) -> Build:
    """The page of one row, for an employer who may open that page alone."""

    def build(session: Session, link: DoorLink) -> Landing | None:
        row = session.get(model, link.subject_id) if link.subject_id is not None else None
        if row is None:
            return None
        target = url_for(endpoint, public_id=row.public_id)
        return Landing(target, "doorstep/employer.html", {"proposed": []})

    return build


_HOMES: dict[LinkPurpose, Build] = {
    LinkPurpose.PERSON_SPACE: _home_of_person,
    LinkPurpose.EMPLOYER_SPACE: _home_of_employer,
}
_SUBJECTS: dict[tuple[LinkPurpose, str | None], Build] = {
    (LinkPurpose.PERSON_ANSWER, Invitation.__tablename__): _invitation,
    (LinkPurpose.PERSON_SPACE, Invitation.__tablename__): _invitation_seen,
    (LinkPurpose.PERSON_SPACE, JobOffer.__tablename__): _lead,
    (LinkPurpose.PERSON_SPACE, Introduction.__tablename__): _lead_to_agree,
    (LinkPurpose.PERSON_SPACE, Contestation.__tablename__): _contestation,
    (LinkPurpose.PERSON_SPACE, "pathway"): _pathway,
    (LinkPurpose.EMPLOYER_ASSESSMENT, Immersion.__tablename__): _employer_page(
        Immersion, "employers.assess"
    ),
    (LinkPurpose.EMPLOYER_FOLLOW_UP, JobFollowUp.__tablename__): _employer_page(
        JobFollowUp, "employers.follow_up"
    ),
}
