"""Where the computation of everyone's suggestions stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.jobs.queue import LIVE_STATES
from portal.models import Job, JobKind, JobState


@dataclass(frozen=True, slots=True)
class Standing:
    """The last computation asked for, and when one last went to its end."""

    job: Job | None
    finished_at: datetime | None

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self.job is not None and self.job.state in LIVE_STATES

    @property
    def outcome(self) -> str:
        """How it ended, in a sentence."""
        if self.job is None:
            return str(_("Les propositions n’ont pas encore été calculées d’ici."))
        return self.job.message or str(_("Le calcul est allé à son terme."))


def get_standing(session: Session) -> Standing:
    """The computation that waits or runs; else the last one."""
    mine = Job.kind == JobKind.SUGGEST
    query = select(Job).where(mine).options(joinedload(Job.account))
    live = query.where(Job.state.in_(LIVE_STATES)).order_by(Job.state != JobState.RUNNING, Job.id)
    last = query.order_by(Job.id.desc())
    job = session.scalar(live.limit(1)) or session.scalar(last.limit(1))
    done = select(func.max(Job.finished_at)).where(mine, Job.state == JobState.DONE)
    return Standing(job, session.scalar(done))
