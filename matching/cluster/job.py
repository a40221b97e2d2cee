"""What a worker does: this module must be installed there, and be the same."""

from __future__ import annotations

import pickle
from functools import cached_property
from typing import NamedTuple

from matching.cluster import fingerprint, parts
from matching.everyone import PersonPathways, Work, answers
from matching.records import Session
from matching.sessions import SessionTable
from matching.shards import Ground, Shard


class OtherEngineError(RuntimeError):
    """A worker whose engine is not the one that asks: its answers might differ."""


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
    common: Common = pickle.loads(data)  # noqa: S301 (sent by the run that this worker serves)
    _check(common)
    return common


def answer(data: bytes, common: Common) -> bytes:
    """The part of a shard (see ``parts``), from the ``Job`` that was sent."""
    _check(common)
    shard, work = pickle.loads(data)  # noqa: S301 (as above)
    index = shard.indexed(common.ground)
    register = common.register if isinstance(work, PersonPathways) else None
    found = answers(index, work, beyond=shard.beyond, register=register)
    return parts.encode(work, shard.owners, found)


def _check(common: Common) -> None:
    mine = fingerprint.engine()
    if mine != common.engine:
        raise OtherEngineError(mine)
