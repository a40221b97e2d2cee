"""Dated pathways of a person towards an offer or an occupation.

**What a scenario is.** At most ``MAX_STEPS`` steps within ``HORIZON_DAYS`` of today, in
order: the questions to ask today (``check``, only when something is to check), the
barriers to lift (``barrier``: one per set of step kinds they block), at most one
``immersion``, the ``training`` sessions, the ``hire``. Questions and barriers are
milestones (one day, they occupy nobody); the others never share a day. The hire is on the
first day after the last step, or on the day the job wants if that is later; a step that
ends on the last possible day of the job still allows the hire that very day, as group 2
of the ranking does.

**When a step may start.** Not before today, the person's availability, the caller's
``not_before``, nor a barrier that blocks it. A session needs a seat, must be remote or in
reach and end by the last possible day of the job (or of the horizon). Each prerequisite,
and each day-one or regulatory requirement of the job, is met by the person's own facts
(credentials judged on the day), met by an earlier session of the scenario, or *to check*
when unknown. A known gap never stands. What a session delivers is taken as valid for the
rest of the horizon: the records carry no duration.

**What an immersion does.** It comes first, as early as its notice allows. Trying the trade
shows the skills of the trade: those unknown stay *to check*, but the scenario itself
answers them (``observed``), so they no longer count as unknowns.

**No padding.** A training is *needed* when, without it, a later step or the job would have
a known gap (a credential that expires before the last possible day of the job counts as
one: renewing it is a need).
At most one training of a scenario may be there without being needed; it must then bring a
certification and something the goal asks that the person is not known to have.

**Dominance.** A scenario is measured by (date of hire: earlier is better; certification
obtained: some credential type that the person does not already hold for the whole horizon,
or none; number of distinct skills and credentials to check and not observed: fewer is
better). One dominates another when it is at least as good on the three and better on one.
No scenario returned is dominated by any possible scenario. Of scenarios of equal measure
one is kept with an immersion and one without.

**Names.** Among the non-dominated: *fast* is the earliest hire (then fewest unknowns, then
certified); *safe* begins with an immersion (then as fast); *qualifying* is certified, with
the most certifications (then as fast). Ties go to fewer steps, then more certifications,
then session ids. One scenario may have several names; a name with no scenario is absent.
"""

from matching.pathways.checking import Problem, ProblemKind, check_sequence
from matching.pathways.composer import compose, compose_for, follow
from matching.pathways.plans import (
    MAX_STEPS,
    Asked,
    Barrier,
    Blocker,
    BlockReason,
    Composition,
    Goal,
    NearMiss,
    OccupationGoal,
    PathwayOptions,
    PathwayWorld,
    Scenario,
    ScenarioName,
    Step,
    StepKind,
    UnmetNeed,
)
from matching.pathways.situation import Traveller
from matching.sessions import HORIZON_DAYS

__all__ = [
    "HORIZON_DAYS",
    "MAX_STEPS",
    "Asked",
    "Barrier",
    "BlockReason",
    "Blocker",
    "Composition",
    "Goal",
    "NearMiss",
    "OccupationGoal",
    "PathwayOptions",
    "PathwayWorld",
    "Problem",
    "ProblemKind",
    "Scenario",
    "ScenarioName",
    "Step",
    "StepKind",
    "Traveller",
    "UnmetNeed",
    "check_sequence",
    "compose",
    "compose_for",
    "follow",
]
