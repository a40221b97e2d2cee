"""What every page of a person's file shows, whichever feature serves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from portal.contestations.queries import list_of_person
from portal.models import Contestation
from portal.people.queries.files import Opened
from portal.web.guards import current_actor
from portal.web.session import db_session

# The composer is another feature's: its tab shows where that feature is.
_PATHWAYS = "pathways.of_person"


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the file, in its navigation."""

    label: str
    href: str
    current: bool


def frame(opened: Opened, tab: str) -> dict[str, Any]:
    """What every page of a file shows: the person, the rights, the tabs, the side panel."""
    return {
        "person": opened.person,
        "rights": opened.rights,
        "lead": opened.lead,
        "statuses": opened.statuses,
        "contestations": _contestations(opened),
        "tabs": _tabs(opened.person.public_id, tab),
    }


def _contestations(opened: Opened) -> Sequence[Contestation]:
    """What the person did not agree with, for who answers it."""
    if not opened.rights.writes:
        return ()
    return list_of_person(db_session(), current_actor(), opened.person.id)


def _tabs(public_id: str, current: str) -> list[Tab]:
    endpoints = [
        ("show", "people.show", _("Situation")),
        ("abilities", "people.abilities", _("Compétences")),
        ("leads", "people.leads", _("Pistes")),
        ("pathway", _PATHWAYS, _("Parcours")),
        ("follow", "people.follow", _("Suivi")),
    ]
    return [
        Tab(label, url_for(endpoint, public_id=public_id), name == current)
        for name, endpoint, label in endpoints
        if endpoint in current_app.view_functions
    ]
