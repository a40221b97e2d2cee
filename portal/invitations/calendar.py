"""An invitation for a telephone's calendar (RFC 5545): when, where, what, and nobody's name."""

from __future__ import annotations

from datetime import timedelta

from icalendar import Calendar, Event

from portal import clock
from portal.invitations.rules import has_hour
from portal.invitations.words import place_words
from portal.models import Invitation

_USUAL_LENGTH = timedelta(hours=1)


def calendar_of(invitation: Invitation, summary: str) -> bytes:
    """The file; a whole day when no hour is known."""
    starts = invitation.starts_at.astimezone(clock.PARIS)
    event = Event()
    event.add("uid", f"{invitation.public_id}@ecluse")
    event.add("dtstamp", invitation.updated_at)
    if has_hour(starts):
        ends = invitation.ends_at or invitation.starts_at + _USUAL_LENGTH
        event.add("dtstart", starts)
        event.add("dtend", ends.astimezone(clock.PARIS))
    else:
        event.add("dtstart", starts.date())
        event.add("dtend", starts.date() + timedelta(days=1))
    event.add("summary", summary)
    event.add("location", place_words(invitation))
    calendar = Calendar()
    calendar.add("prodid", "-//Écluse//Rendez-vous//FR")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content
