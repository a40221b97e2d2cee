"""Who of the firm is there: what the journal and the access log keep of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import abort

from portal.access.log import log_read
from portal.models import AccessKind, LinkPurpose
from portal.web.doorstep import EmployerVisitor


def author_details(visitor: EmployerVisitor) -> dict[str, Any] | None:
    """What an event keeps of a contact without an account; None when an account acts."""
    if visitor.actor is not None or visitor.contact is None:
        return None
    return {"contact": visitor.contact.public_id, "name": visitor.contact.name}


def log_shown(visitor: EmployerVisitor, people: Iterable[int], context: str) -> None:
    """Note that the firm was shown these people (INV-17); a contact is named by their public id."""
    if visitor.actor is None and visitor.contact is not None:
        context = f"{context}, contact {visitor.contact.public_id}"
    log_read(visitor.actor, people, AccessKind.LIST, context)


def check_subject(visitor: EmployerVisitor, subject: Any) -> None:
    """A link of one purpose opens what it was made for, and nothing else (403)."""
    link = visitor.link
    if link is None or link.purpose is LinkPurpose.EMPLOYER_SPACE:
        return
    if (link.subject_kind, link.subject_id) != (type(subject).__tablename__, subject.id):
        abort(403)


def sees_space(visitor: EmployerVisitor) -> bool:
    """Whether the visit may go from page to page, or has only the one it came for."""
    return visitor.may(LinkPurpose.EMPLOYER_SPACE)
