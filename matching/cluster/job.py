"""What a worker does: this module must be installed there, and be the same."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from matching.cluster import fingerprint, parts
from matching.cluster.errors import OtherEngineError
from matching.cluster.packing import collector_at_rest, unpacked
from matching.cluster.tables import table_of
from matching.everyone import PersonPathways, Work
from matching.records import Session
from matching.sessions import SessionTable
from matching.shards import Ground, Shard


class Common:
    """What all the shards of a run share; a worker keeps one."""

    def __init__(self, ground: Ground, sessions: tuple[Session, ...], engine: str) -> None:
        self.ground, self._sessions, self.engine = ground, sessions, engine

    @cached_property
    def register(self) -> SessionTable:
        """Every session, far ones included, for the unmet needs of pathways."""
        centres = {commune.code: commune for commune in self.ground.communes}
        return SessionTable.build(self._sessions, centres, self.ground.taxonomy.group_of)


class Job(NamedTuple):
    """One shard and what is asked of it."""

    shard: Shard
    work: Work


def unpack(data: bytes) -> Common:
    """The common part, from what was sent. Raises ``OtherEngineError``."""
    common: Common = unpacked(data)
    _check(common)
    return common


def answer(data: bytes, common: Common) -> bytes:
    """The part of a shard (see ``parts``), from the ``Job`` that was sent."""
    _check(common)
    job: Job = unpacked(data)
    with collector_at_rest():
        index = job.shard.indexed(common.ground)
    register = common.register if isinstance(job.work, PersonPathways) else None
    return parts.encoded(table_of(job.shard, index, job.work, register))


def _check(common: Common) -> None:
    mine = fingerprint.engine()
    if mine != common.engine:
        raise OtherEngineError(mine)
