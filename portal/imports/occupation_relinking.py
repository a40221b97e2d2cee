"""Propose the current occupation nearest to each retired one that something still points to.

The words come first, among every current name: when ROME merges occupations, the names of the
one it retires move under another. Else the occupation that the retired one was attached to.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from portal.imports.relinking import LEAST_SCORE, Proposal, references
from portal.imports.rome_retiring import Missing
from portal.imports.rome_tables import OCCUPATION, TITLE
from portal.imports.stage import Stage
from portal.matchmaking.labels import nearest_occupations
from portal.models import LinkState, Occupation, OccupationLink, OccupationTitle, ReferenceOrigin

# The score of a proposal that the attachment alone supports: below every one that words do.
PARENT_SCORE = 0.0
_OCCUPATION_TABLES = frozenset(
    {
        "occupation",
        "occupation_link",
        "occupation_title",
        "occupation_skill",
        "occupation_neighbour",
        "occupation_credential",
    }
)


def propose_replacements(session: Session, stage: Stage, missing: Missing) -> list[Proposal]:
    """The replacements that this import proposes; ``missing`` is what it is about to retire."""
    retiring = set(missing.occupations)
    seekers = _retired_in_use(session, retiring)
    if not seekers:
        return []
    names = _current_names(session, stage, retiring)
    current = set(names)
    for code, name in _current_titles(session, stage, set(missing.titles)):
        if code in current:
            names[code].append(name)
    targets = [(code, name) for code, known in names.items() for name in known]
    labels = [(row.code, row.label) for row in seekers]
    nearest = nearest_occupations(labels, targets)
    found = (_proposal(row, nearest.get(row.code), current) for row in seekers)
    return [proposal for proposal in found if proposal is not None]


def _proposal(
    row: Occupation, nearest: tuple[str, float] | None, current: Set[str]
) -> Proposal | None:
    """By the words when they are near enough, else by the parent, else by what words there are."""
    if nearest is not None and nearest[1] >= LEAST_SCORE:
        return Proposal(row.code, *nearest, OccupationLink)
    if row.parent_code in current:
        return Proposal(row.code, row.parent_code or "", PARENT_SCORE, OccupationLink)
    return Proposal(row.code, *nearest, OccupationLink) if nearest else None


def _retired_in_use(session: Session, retiring: set[str]) -> list[Occupation]:
    """Retired occupations pointed to, without a current replacement nor a proposal waiting."""
    target = aliased(Occupation)
    waiting = select(OccupationLink.occupation_code).where(
        OccupationLink.state == LinkState.PROPOSED
    )
    pointers = references("occupation", _OCCUPATION_TABLES)
    query = (
        select(Occupation, target.retired)
        .outerjoin(target, Occupation.replaced_by_code == target.code)
        .where(
            Occupation.origin == ReferenceOrigin.ROME,
            Occupation.code.not_in(waiting),
            or_(*(Occupation.code.in_(select(column)) for column in pointers)),
        )
        .order_by(Occupation.code)
    )
    return [
        row
        for row, target_retired in session.execute(query)
        if (row.retired or row.code in retiring)
        and (target_retired is not False or row.replaced_by_code in retiring)
    ]


def _current_names(session: Session, stage: Stage, retiring: set[str]) -> dict[str, list[str]]:
    """The label of each occupation that will be current once the import is written."""
    query = select(Occupation.code, Occupation.label).where(
        Occupation.origin == ReferenceOrigin.ROME, Occupation.retired.is_(False)
    )
    labels = dict(session.execute(query).all())
    for items in stage.batches(OCCUPATION, to_write=True):
        labels |= {item.key: item.value["label"] for item in items}
    return {code: [label] for code, label in labels.items() if code not in retiring}


def _current_titles(session: Session, stage: Stage, missing: set[str]) -> Iterator[tuple[str, str]]:
    """The appellations as they will be, each under the occupation that bears it then."""
    query = select(
        OccupationTitle.rome_code_ogr, OccupationTitle.occupation_code, OccupationTitle.title
    ).where(OccupationTitle.rome_code_ogr.is_not(None), OccupationTitle.retired.is_(False))
    titles = {key: (code, title) for key, code, title in session.execute(query)}
    for items in stage.batches(TITLE, to_write=True):
        titles |= {i.key: (i.value["occupation_code"], i.value["title"]) for i in items}
    return (found for key, found in titles.items() if key not in missing)
