"""Hubs: who goes where, how many to invite, when, and whether everybody is served.

Pure functions over what a hub knows; every result is a proposal or a figure for a human.
"""

from matching.cohorts.assignment import propose
from matching.cohorts.exact import NotProvenError
from matching.cohorts.links import Wishes, immersion_links, job_links
from matching.cohorts.records import (
    PINNABLE,
    Assignment,
    Bar,
    BrokenPins,
    Candidate,
    Conflict,
    Job,
    Link,
    Pairing,
    PinFault,
    Place,
    Proposal,
    Reason,
    Totals,
    Unplaced,
)

__all__ = [
    "PINNABLE",
    "Assignment",
    "Bar",
    "BrokenPins",
    "Candidate",
    "Conflict",
    "Job",
    "Link",
    "NotProvenError",
    "Pairing",
    "PinFault",
    "Place",
    "Proposal",
    "Reason",
    "Totals",
    "Unplaced",
    "Wishes",
    "immersion_links",
    "job_links",
    "propose",
]
