"""Recording an offer field by field: what is understood at once, what is not as it was typed.

A field never loses what was typed. What cannot be recorded (a date that is past, a commune not
yet chosen, a text that the law forbids) waits in ``JobOffer.typed`` with the reason, is shown
again at the next visit, and does not count as part of the offer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.models import JobOffer, OfferState
from portal.offers import actions, lookups, parsing, requirements, rules, typed
from portal.offers.parsing import CHECKED_TEXTS, PLAIN_FIELDS, FieldError
from portal.offers.wording import find_discriminating
from portal.text import capital

Handler = Callable[[Session, JobOffer, str], None]
# Not understood yet rather than wrong: something to choose, shown without alarm.
TO_CHOOSE = frozenset({"place"})
# Words of a requirement: kept, and looked up, until one of the proposals is classed.
WORDS_TO_LOOK_UP = "other_requirement"


def record_field(
    session: Session, actor: Actor, *, offer: JobOffer, name: str, raw: str
) -> str | None:
    """Record what was typed in a field; returns why it waits, or None when it is recorded.

    Raises ``KeyError`` for a field that does not exist.
    """
    if name == WORDS_TO_LOOK_UP:
        _keep_words(offer, raw)
        session.flush()
        return None
    handler = _handler(name)
    raw = raw.strip().replace("\r\n", "\n")
    rows = [offer, *offer.requirements]
    try:
        with session.no_autoflush:
            handler(session, offer, raw)
            _refuse_to_break(session, offer, rows)
    except FieldError as error:
        typed.keep(offer, name, raw, error.message)
        session.flush()
        return error.message
    typed.forget(offer, name)
    if offer.state is not OfferState.DRAFT:
        if offer.state is not OfferState.QUALIFIED:
            actions.share_if_agreed(offer)
        session.flush()
        record_event(
            session, actor=actor, subject=offer, name="offer_edited", details={"field": name}
        )
    session.flush()
    return None


def record_all(
    session: Session, actor: Actor, *, offer: JobOffer, fields: Mapping[str, str]
) -> dict[str, str]:
    """Record every field of a form; returns those that wait, with the reason.

    What is chosen in a list of answers comes after what was typed, which it settles. A field
    left as it was shown is left alone, even when another one of the form has filled it since.
    """
    changed = [
        name for name in fields if is_field(name) and not is_shown(offer, name, fields[name])
    ]
    waiting: dict[str, str] = {}
    for name in sorted(changed, key=lookups.is_choice):
        error = record_field(session, actor, offer=offer, name=name, raw=fields[name])
        if error:
            waiting[name] = error
    return waiting


def is_field(name: str) -> bool:
    """Whether the capture screen has this field."""
    return (
        name in PLAIN_FIELDS
        or name in _SPECIAL
        or name == WORDS_TO_LOOK_UP
        or requirements.is_field(name)
    )


def shown_value(offer: JobOffer, name: str) -> str:
    """What a field shows: what was typed and waits, else what is recorded."""
    waiting = typed.text_of(offer, name)
    if waiting is not None:
        return waiting
    if requirements.is_field(name):
        return requirements.shown_value(offer, name)
    if name in lookups.SHOWN:
        return lookups.SHOWN[name](offer)
    return _as_typed(getattr(offer, name, None))


def is_shown(offer: JobOffer, name: str, raw: str) -> bool:
    """Whether a field shows this already, a title with the capital it was given."""
    raw, shown = raw.strip(), shown_value(offer, name)
    return raw == shown or (name == "title" and capital(raw) == shown)


def justify_wording(session: Session, actor: Actor, *, offer: JobOffer, reason: str) -> bool:
    """Record texts that were flagged, with a written reason (T-OFF-05); False without one."""
    reason = reason.strip()
    if len(reason) < 10:
        return False
    offer.wording_reason = reason[:2000]
    for name in CHECKED_TEXTS:
        waiting = typed.text_of(offer, name)
        if waiting and find_discriminating(waiting):
            typed.forget(offer, name)
            setattr(offer, name, PLAIN_FIELDS[name](waiting))
    session.flush()
    record_event(session, actor=actor, subject=offer, name="wording_justified")
    return True


def _keep_words(offer: JobOffer, raw: str) -> None:
    if raw.strip():
        typed.keep(offer, WORDS_TO_LOOK_UP, raw.strip()[:200], None)
    else:
        typed.forget(offer, WORDS_TO_LOOK_UP)


def _handler(name: str) -> Handler:
    if name in _SPECIAL:
        return _SPECIAL[name]
    if requirements.is_field(name):
        return requirements.recorder(name)
    parse = PLAIN_FIELDS[name]

    def record(_session: Session, offer: JobOffer, raw: str) -> None:
        value = parse(raw)
        if value is None and not JobOffer.__table__.c[name].nullable:
            raise FieldError(_("Ce champ ne peut pas rester vide."))
        if name in CHECKED_TEXTS:
            lookups.refuse_wording(offer, name, raw)
        setattr(offer, name, value)

    return record


def _refuse_to_break(session: Session, offer: JobOffer, rows: list[Any]) -> None:
    """An offer that partners see stays whole: a change that would undo it waits.

    ``rows`` are the offer and its requirements as they were: the change is taken back on all.
    """
    if offer.state is OfferState.DRAFT:
        return
    missing = rules.missing_to_open(offer)
    if missing:
        for row in rows:
            session.expire(row)
        raise FieldError(missing[0].text)


def _as_typed(value: Any) -> str:
    """A recorded value as one would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return parsing.Tristate.YES.value if value else parsing.Tristate.NO.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    return str(getattr(value, "value", value))


def _record_start(_session: Session, offer: JobOffer, raw: str) -> None:
    """The date wanted; the latest one follows when it was not said or would come before."""
    offer.start_wanted = parsing.coming_day(raw)
    if offer.start_wanted and (
        offer.start_latest is None or offer.start_latest < offer.start_wanted
    ):
        offer.start_latest = rules.default_latest(offer.start_wanted)


def _record_latest(_session: Session, offer: JobOffer, raw: str) -> None:
    latest = parsing.coming_day(raw)
    if latest and offer.start_wanted and latest < offer.start_wanted:
        raise FieldError(_("Cette date est avant la date souhaitée."))
    offer.start_latest = latest


def _record_consent(_session: Session, offer: JobOffer, raw: str) -> None:
    """Who said yes, dated today unless another day is given; without a name, nobody did."""
    name = PLAIN_FIELDS["share_consent_by"](raw)
    offer.share_consent_by = name
    if name is None:
        offer.share_consent_at = None
    elif offer.share_consent_at is None:
        offer.share_consent_at = clock.now()


def _record_consent_day(_session: Session, offer: JobOffer, raw: str) -> None:
    day = parsing.past_day(raw)
    if day is None or day == clock.today():
        offer.share_consent_at = clock.now() if offer.share_consent_by else None
    else:
        offer.share_consent_at = datetime.combine(day, time(12), tzinfo=clock.PARIS)


_SPECIAL: dict[str, Handler] = {
    **lookups.RECORDERS,
    "start_wanted": _record_start,
    "start_latest": _record_latest,
    "share_consent_by": _record_consent,
    "share_consent_on": _record_consent_day,
}
