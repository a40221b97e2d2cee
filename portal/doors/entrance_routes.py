"""The entrances where somebody comes without a link."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.doors.blueprint import blueprint
from portal.web.guards import person_door, public


@blueprint.get("/moi/entrer")
@public
def enter_person() -> ResponseReturnValue:
    """Where a person types the code that was printed for them."""
    return render_template("doorstep/enter_person.html")


@blueprint.get("/entreprise/entrer")
@public
def enter_employer() -> ResponseReturnValue:
    """What an employer without a link does."""
    return render_template("doorstep/enter_employer.html")


@blueprint.get("/moi/confirmer")
@person_door
def confirm() -> ResponseReturnValue:
    """Where a person who came with a link alone proves more."""
    return render_template("doorstep/confirm.html")
