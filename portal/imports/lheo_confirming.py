"""After a catalogue is written: sessions that the file confirms, and those it no longer has.

A session that vanished is never deleted (people may be enrolled): the report names it when its
formation is in the file. A formation that is absent says nothing: files are often partial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.imports.base import BATCH, Context
from portal.imports.lheo_values import PROGRAM, SESSION, SOURCE, key_of
from portal.models import TrainingAction, TrainingProgram, TrainingSession

ABSENT = "absent"


def confirm_sessions(session: Session, context: Context) -> None:
    """Go through the coming sessions of the catalogue, in batches."""
    for rows in _coming(session, context):
        keys = {key_of(row.program, row.action, row.ref): row for row in rows}
        confirmed = context.stage.known(SESSION, list(keys))
        session.execute(
            update(TrainingSession)
            .where(TrainingSession.id.in_([keys[key].id for key in confirmed]))
            .values(last_confirmed_at=clock.now(), updated_at=TrainingSession.updated_at)
        )
        programs = context.stage.known(PROGRAM, list({row.program for row in rows}))
        for key, row in keys.items():
            if key not in confirmed and row.program in programs:
                _report(context, row)


def _coming(session: Session, context: Context) -> Iterator[Sequence[Any]]:
    query = (
        select(
            TrainingSession.id,
            TrainingSession.start,
            TrainingSession.external_ref.label("ref"),
            TrainingAction.external_ref.label("action"),
            TrainingProgram.external_ref.label("program"),
            TrainingProgram.title,
        )
        .join(TrainingAction, TrainingAction.id == TrainingSession.action_id)
        .join(TrainingProgram, TrainingProgram.id == TrainingAction.program_id)
        .where(TrainingProgram.source == SOURCE, TrainingSession.end >= context.today)
        .order_by(TrainingSession.id)
        .limit(BATCH)
    )
    last = 0
    while rows := session.execute(query.where(TrainingSession.id > last)).all():
        yield rows
        last = rows[-1].id


def _report(context: Context, row: Any) -> None:
    context.counts.add(SESSION, ABSENT)
    context.remark(
        None,
        "session",
        f"La session « {row.ref[:60]} » de « {row.title[:80]} », qui commence le "
        f"{row.start:%d/%m/%Y}, n’est plus dans le fichier : elle est gardée, à vérifier.",
        SESSION,
    )
