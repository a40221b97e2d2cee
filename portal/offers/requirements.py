"""What an offer asks: proposed from the trade, classed one by one, added in plain words.

A field is named ``requirement:skill:<code>`` or ``requirement:credential:<code>`` (its value is a
kind, or empty for « pas demandé ») and ``level:skill:<code>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.models import CredentialType, JobOffer, OfferRequirement, RequirementKind, Skill
from portal.offers.parsing import FieldError, one_of, whole_number
from portal.text import N_

KIND_FIELD = "requirement"
LEVEL_FIELD = "level"
_DEFAULT_LEVEL = 2
# Law and first day are always proposed; of the rest, what an adviser reads during a call.
_DECIDING = (RequirementKind.REGULATORY, RequirementKind.DAY_ONE)
_OTHERS_PROPOSED = 4
_KIND_ORDER = list(RequirementKind)
LEVELS = ((1, N_("avec aide")), (2, N_("sans aide")), (3, N_("peut montrer")))


@dataclass(frozen=True, slots=True)
class Ask:
    """A requirement on the screen: recorded (``kind``), or only usual in the trade.

    ``further``: usual but not proposed at first, shown behind « Voir les autres gestes ».
    """

    subject: str
    code: str
    label: str
    kind: RequirementKind | None
    level: int
    usual: RequirementKind | None
    further: bool = False

    @property
    def field(self) -> str:
        """The field that classes it."""
        return f"{KIND_FIELD}:{self.subject}:{self.code}"

    @property
    def html_id(self) -> str:
        """An id without the characters that selectors reserve."""
        return html_id(self.field)

    @property
    def level_field(self) -> str | None:
        """The field of its level; a credential has none."""
        return f"{LEVEL_FIELD}:skill:{self.code}" if self.subject == "skill" else None


def is_field(name: str) -> bool:
    """Whether a name is that of a requirement's field."""
    kind, _colon, rest = name.partition(":")
    subject, _colon, code = rest.partition(":")
    return bool(code) and (
        (kind == KIND_FIELD and subject in ("skill", "credential"))
        or (kind == LEVEL_FIELD and subject == "skill")
    )


def html_id(name: str) -> str:
    """The id of a requirement on the screen, from either of its fields."""
    return "prerequis-" + re.sub(r"[^A-Za-z0-9_-]", "-", name.partition(":")[2])


def asks(session: Session, offer: JobOffer) -> list[Ask]:
    """Those recorded, then those usual in the trade that are not asked."""
    usual = mm.usual_requirements(session, offer.occupation_code) if offer.occupation_code else []
    usual_kinds = {_subject_of(row): row.kind for row in usual}
    recorded = [
        Ask(*_subject_of(row), row.label, row.kind, row.level or 0, usual_kinds.get(key))
        for row in offer.requirements
        if (key := _subject_of(row))
    ]
    known = {(ask.subject, ask.code) for ask in recorded}
    proposed = _proposed(usual)
    return recorded + [
        Ask(*key, row.label, None, row.level or _DEFAULT_LEVEL, row.kind, key not in proposed)
        for row in usual
        if (key := _subject_of(row)) not in known
    ]


def _proposed(usual: Sequence[mm.UsualRequirement]) -> set[tuple[str, str]]:
    """What the screen proposes at first: law, first day, and a few others in their order."""
    deciding = [row for row in usual if row.kind in _DECIDING]
    others = [row for row in usual if row.kind not in _DECIDING]
    others.sort(key=lambda row: _KIND_ORDER.index(row.kind))
    return {_subject_of(row) for row in deciding + others[:_OTHERS_PROPOSED]}


def _subject_of(row: OfferRequirement | mm.UsualRequirement) -> tuple[str, str]:
    if row.skill is not None:
        return "skill", row.skill.code
    return "credential", row.credential.code if row.credential else ""


def follow_occupation(session: Session, offer: JobOffer, before: str | None) -> None:
    """What the law asks in a trade is classed at once; what the former trade's law asked leaves.

    The rest is proposed: what an employer did not say is not asked on their behalf.
    """
    wanted = _regulatory(session, offer.occupation_code)
    for code in _regulatory(session, before).keys() - wanted.keys():
        row = _find(offer, "credential", code)
        if row is not None and row.kind is RequirementKind.REGULATORY:
            offer.requirements.remove(row)
    for credential in wanted.values():
        if _find(offer, "credential", credential.code) is None:
            _add(session, offer, "credential", credential.code, RequirementKind.REGULATORY)


def _regulatory(session: Session, occupation: str | None) -> dict[str, CredentialType]:
    if occupation is None:
        return {}
    return {
        row.credential.code: row.credential
        for row in mm.usual_requirements(session, occupation)
        if row.credential and row.kind is RequirementKind.REGULATORY
    }


def take_usual(session: Session, offer: JobOffer) -> int:
    """Class what is proposed for the trade as it usually is; returns how many were added."""
    proposed = [
        ask for ask in asks(session, offer) if ask.kind is None and ask.usual and not ask.further
    ]
    for ask in proposed:
        _add(session, offer, ask.subject, ask.code, ask.usual or RequirementKind.DESIRED, ask.level)
    session.flush()
    return len(proposed)


def recorder(name: str) -> Callable[[Session, JobOffer, str], None]:
    """What records a requirement's field."""
    field, subject, code = name.split(":", 2)

    def record(session: Session, offer: JobOffer, raw: str) -> None:
        if field == LEVEL_FIELD:
            _record_level(offer, code, raw)
        else:
            _record_kind(session, offer, subject, code, one_of(RequirementKind)(raw))

    return record


def _record_kind(
    session: Session, offer: JobOffer, subject: str, code: str, kind: RequirementKind | None
) -> None:
    row = _find(offer, subject, code)
    if row is None and kind is not None:
        _add(session, offer, subject, code, kind)
    elif row is not None and kind is None:
        offer.requirements.remove(row)
    elif row is not None and kind is not None:
        row.kind = kind


def _record_level(offer: JobOffer, code: str, raw: str) -> None:
    level = whole_number(1, 3)(raw)
    row = _find(offer, "skill", code)
    if row is not None and level is not None:
        row.level = level


def _add(
    session: Session,
    offer: JobOffer,
    subject: str,
    code: str,
    kind: RequirementKind,
    level: int = _DEFAULT_LEVEL,
) -> None:
    skill = session.get(Skill, code) if subject == "skill" else None
    credential = session.get(CredentialType, code) if subject == "credential" else None
    if skill is None and credential is None:
        raise FieldError(_("Ce prérequis n’existe pas dans le référentiel."))
    row = OfferRequirement(
        kind=kind,
        skill=skill,
        skill_code=skill.code if skill else None,
        level=level if skill else None,
        credential=credential,
        credential_code=credential.code if credential else None,
        position=1 + max((r.position for r in offer.requirements), default=-1),
    )
    offer.requirements.append(row)


def _find(offer: JobOffer, subject: str, code: str) -> OfferRequirement | None:
    return next((row for row in offer.requirements if _subject_of(row) == (subject, code)), None)


def shown_value(offer: JobOffer, name: str) -> str:
    """What a requirement's field shows."""
    field, subject, code = name.split(":", 2)
    row = _find(offer, subject, code)
    if row is None:
        return "" if field == KIND_FIELD else str(_DEFAULT_LEVEL)
    return row.kind.value if field == KIND_FIELD else str(row.level)


def named_beside(session: Session, text: str) -> list[mm.Reading]:
    """What the words name that is no requirement: a language, or a trade."""
    found = mm.read_abilities(session, text) if text.strip() else []
    return [reading for reading in found if mm.recorded_as(reading) is None]


def found_asks(session: Session, offer: JobOffer, text: str) -> list[Ask]:
    """Skills and credentials that the words may mean; those already asked have a kind."""
    found = mm.resolve_skills(session, text) if text.strip() else []
    rows = {(m.kind, m.code): _find(offer, m.kind, m.code) for m in found}
    return [
        Ask(m.kind, m.code, m.label, row.kind if row else None, _DEFAULT_LEVEL, None)
        for m in found
        for row in (rows[m.kind, m.code],)
    ]
