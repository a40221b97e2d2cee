"""The sheet a person keeps: short sentences, one idea each, nothing one would mind showing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from portal.models import Pathway, PathwayStep, StepKind
from portal.pathways.rules import is_open
from portal.pathways.views import Sight, hours_text, place_text
from portal.web.filters import date_long


@dataclass(frozen=True, slots=True)
class SheetStep:
    """A step in plain words: what, when, and the few facts known."""

    what: str
    when: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed."""

    steps: tuple[SheetStep, ...]
    referent: str | None
    referent_phone: str | None


def sheet(pathway: Pathway, sight: Sight) -> Sheet:
    """The steps still to come and who helps; a barrier is never named on paper."""
    lead = next((r for r in pathway.person.referrals if r.lead and r.end is None), None)
    account = lead.account if lead else None
    return Sheet(
        tuple(_told(step, sight) for step in pathway.steps if is_open(step)),
        account.full_name if account else None,
        (account.phone if account else None) or (lead.organisation.phone if lead else None),
    )


def _told(step: PathwayStep, sight: Sight) -> SheetStep:
    if step.kind is StepKind.CHECK:
        return SheetStep(str(_("Je réponds aux questions de mon conseiller.")), _when(step), ())
    if step.kind is StepKind.BARRIER:
        what = str(_("Je règle un point avec mon conseiller."))
        return SheetStep(what, str(_("Avant le %(day)s.", day=date_long(step.end))), ())
    who = sight.employer(step.offer) if step.kind is StepKind.HIRE else step.responsible_text
    facts = (
        (str(_("Quoi")), _subject(step, sight)),
        (str(_("Où")), place_text(step, sight)),
        (str(_("Avec qui")), who),
        (str(_("Heures")), hours_text(step.weekly_hours)),
    )
    return SheetStep(_sentence(step), _when(step), tuple((k, v) for k, v in facts if v))


def _sentence(step: PathwayStep) -> str:
    if step.kind is StepKind.IMMERSION:
        return str(_("J’essaie le métier dans une entreprise."))
    if step.kind is StepKind.TRAINING:
        return str(_("Je vais en formation."))
    if step.kind is StepKind.HIRE:
        return str(_("Je commence le travail."))
    return step.title


def _subject(step: PathwayStep, sight: Sight) -> str | None:
    if step.kind is StepKind.TRAINING:
        return step.title
    if step.kind is StepKind.HIRE and step.offer is not None and sight.reads_offer:
        return step.offer.title
    return None


def _when(step: PathwayStep) -> str:
    if step.start == step.end:
        return str(_("Le %(day)s.", day=date_long(step.start)))
    return str(_("Du %(start)s au %(end)s.", start=_day(step.start), end=_day(step.end)))


def _day(value: date) -> str:
    return date_long(value)
