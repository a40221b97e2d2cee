"""What surrounds every page of the person's space: who calls whom, who is beside, which language.

Nothing is read before a template asks: the pages of professionals pay nothing for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask import g, request
from flask_babel import get_locale

from portal import clock
from portal.access.actor import Actor
from portal.access.log import log_read
from portal.calls.queries import who_follows
from portal.models import AccessKind, Person, Referral
from portal.phones import tel_href
from portal.recipients.saying_dates import day, hour
from portal.web.doorstep import PersonVisitor, person_visitor
from portal.web.guards import current_person
from portal.web.language import LANGUAGES, direction_of
from portal.web.session import db_session


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called from any page: a name, a number as one reads it, and as one dials it."""

    name: str
    number: str

    @property
    def href(self) -> str:
        """The « tel: » address."""
        return tel_href(self.number)


def call_of(referral: Referral | None) -> Call | None:
    """The professional of a referral, else their structure; None when no number is known."""
    if referral is None:
        return None
    account, organisation = referral.account, referral.organisation
    if account is not None and account.phone:
        return Call(account.full_name, account.phone)
    return Call(organisation.name, organisation.phone) if organisation.phone else None


class Frame:
    """The surroundings of one page."""

    @cached_property
    def visitor(self) -> PersonVisitor | None:
        """The person whose space it is; None at the entrance."""
        return person_visitor()

    @property
    def helper(self) -> Actor | None:
        """The professional who is beside the person."""
        return self.visitor.helper if self.visitor else None

    @cached_property
    def call(self) -> Call | None:
        """Who follows the person, else the structure that knows them."""
        if self.visitor is None:
            return None
        person = self.visitor.person
        return call_of(who_follows(db_session(), person)) or _owner_call(person)

    @cached_property
    def language(self) -> str:
        """The code of the page's language."""
        locale = get_locale()
        return str(locale.language) if locale else "fr"

    @property
    def direction(self) -> str:
        """« rtl » or « ltr »."""
        return direction_of(self.language)

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """(code, its own name, direction) of every language of the space."""
        return [(code, name, direction) for code, (name, direction) in LANGUAGES.items()]

    @property
    def path(self) -> str:
        """The address of the page, to come back to it in another language."""
        return request.full_path.rstrip("?")

    @property
    def day(self) -> str:
        """The day the page was made."""
        return day(clock.now())

    @property
    def hour(self) -> str:
        """The hour the page was made."""
        return hour(clock.now())


def _owner_call(person: Person) -> Call | None:
    owner = person.owner
    return Call(owner.name, owner.phone) if owner is not None and owner.phone else None


def frame() -> Frame:
    """The frame of this request."""
    if "door_frame" not in g:
        g.door_frame = Frame()
    found: Frame = g.door_frame
    return found


def visitor_seen() -> PersonVisitor:
    """The person in their space; what a professional beside them reads goes to the access log."""
    visitor = current_person()
    if visitor.helper is not None:
        log_read(visitor.helper, [visitor.person.id], AccessKind.FILE, "avec la personne")
    return visitor
