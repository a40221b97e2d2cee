"""Who is ready, who is ready after which step and on which date, and why.

A pure library: numbers, dates and labels in, results out. No clock (today is an
argument), no network, no database, no web framework.
"""

from matching.explanation import (
    Explanation,
    Fact,
    Obstacle,
    RequirementReading,
    SessionOption,
    explain,
    explain_offers,
    explain_people,
)
from matching.groups import Group
from matching.index import Index
from matching.ordering import Interest
from matching.questions import Question, useful_questions
from matching.ranking import (
    OfferRanking,
    Pair,
    PersonList,
    PersonRanking,
    list_offers,
    rank_offers,
    rank_people,
)
from matching.records import (
    Commune,
    Mode,
    Occupation,
    Offer,
    Person,
    Prerequisite,
    Requirement,
    RequirementKind,
    Session,
    Skill,
    Taxonomy,
)
from matching.requirements import Outcome, Subject, SubjectKind
from matching.simulator import Counts, RequirementEffect, simulate

__all__ = [
    "Commune",
    "Counts",
    "Explanation",
    "Fact",
    "Group",
    "Index",
    "Interest",
    "Mode",
    "Obstacle",
    "Occupation",
    "Offer",
    "OfferRanking",
    "Outcome",
    "Pair",
    "Person",
    "PersonList",
    "PersonRanking",
    "Prerequisite",
    "Question",
    "Requirement",
    "RequirementEffect",
    "RequirementKind",
    "RequirementReading",
    "Session",
    "SessionOption",
    "Skill",
    "Subject",
    "SubjectKind",
    "Taxonomy",
    "explain",
    "explain_offers",
    "explain_people",
    "list_offers",
    "rank_offers",
    "rank_people",
    "simulate",
    "useful_questions",
]
