"""A trade as people say it: understood when the words leave no doubt, asked otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.models import Occupation
from portal.people.queries.abilities import get_occupation, list_occupations_begun

_PROPOSED = 6
_LIKELY_SCORE = 60.0


@dataclass(frozen=True, slots=True)
class TradeReading:
    """The occupation meant, or those to choose from."""

    occupation: Occupation | None
    proposals: Sequence[mm.OccupationMatch] = ()


def read_trade(session: Session, text: str, code: str | None = None) -> TradeReading:
    """What was chosen (``code``), else what the words mean; nothing is chosen silently."""
    if code:
        chosen = get_occupation(session, code)
        if chosen is not None:
            return TradeReading(chosen)
    if not text.strip():
        return TradeReading(None)
    proposals = mm.resolve_occupations(session, text, _PROPOSED)
    sure = mm.sure_occupation(proposals)
    if sure is None:
        return TradeReading(None, proposals)
    return TradeReading(get_occupation(session, sure.code), proposals)


def suggest_trades(session: Session, text: str) -> list[mm.OccupationMatch]:
    """The trades to choose from while the words are being typed.

    A word that is not finished resembles nothing yet: the names that go on from it come right
    after those that are surely meant.
    """
    if not text.strip():
        return []
    resolved = mm.resolve_occupations(session, text, _PROPOSED)
    likely = [match for match in resolved if match.score >= _LIKELY_SCORE]
    begun = [
        mm.OccupationMatch(row.code, row.label, row.label, _LIKELY_SCORE)
        for row in list_occupations_begun(session, text, _PROPOSED)
    ]
    found = {match.code: match for match in (*resolved, *begun, *likely)}
    order = dict.fromkeys(match.code for match in (*likely, *begun, *resolved))
    return [found[code] for code in order][:_PROPOSED]
