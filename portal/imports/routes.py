"""Imports: drop a file, see what it would bring, import it, read the report."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.config import MEGABYTE
from portal.imports import links as link_rules
from portal.imports import queries
from portal.imports.base import RefusedFileError
from portal.imports.forms import LinksForm, UploadForm
from portal.imports.people_duplicates import count_candidates
from portal.imports.registry import KINDS
from portal.imports.report import csv_lines
from portal.imports.running import enqueue_import
from portal.imports.uploads import Upload, get_upload, store_upload
from portal.jobs.queue import ask_cancel
from portal.models import ImportKind, Job, JobState, LinkState, OccupationLink, SkillLink
from portal.web.forms import Form
from portal.web.guards import current_actor, requires
from portal.web.paging import paginate, requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import database, db_session
from portal.web.settings import current_settings

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
LINKS_A_PAGE = 25


@blueprint.get("/")
@requires(Capability.IMPORTS)
def index() -> ResponseReturnValue:
    """The form, what is under way, and what was imported."""
    return page_or_fragment("imports/index.html", "imports/_history.html", **_index(UploadForm()))


def _index(form: UploadForm) -> dict[str, Any]:
    """What the page shows."""
    session, actor = db_session(), current_actor()
    return {
        "form": form,
        "kinds": KINDS,
        "largest": current_settings().max_upload_bytes // MEGABYTE,
        "jobs": [queries.JobView(job, None, []) for job in queries.list_unfinished(session, actor)],
        "runs": queries.list_runs(session, actor, number=requested_page()),
        "waiting_links": link_rules.count_links(session)[LinkState.PROPOSED],
        "waiting_people": count_candidates(session, actor),
    }


@blueprint.post("/")
@requires(Capability.IMPORTS)
def upload() -> ResponseReturnValue:
    """Keep the file, then preview it (or choose its columns first)."""
    form = UploadForm()
    if form.validate():
        try:
            return redirect(_next_page(_store(form)))
        except RefusedFileError as error:
            form.file.errors = [error.message]
    return render_template("imports/index.html", **_index(form)), 422


def _store(form: UploadForm) -> Upload:
    actor = current_actor()
    return store_upload(
        current_settings(),
        form.file.data.stream,
        file_name=form.file.data.filename or "",
        kind=ImportKind(form.kind.data),
        account_id=actor.account.id,
        organisation_id=actor.organisation.id,
    )


def _next_page(stored: Upload) -> str:
    configure = KINDS[stored.kind].configure
    if configure and configure in current_app.view_functions:
        return url_for(configure, token=stored.token)
    return _job_url(enqueue_import(db_session(), stored, dry_run=True))


def _job_url(job: Job) -> str:
    return url_for("imports.show_job", public_id=job.public_id)


def _job(public_id: str) -> Job:
    return queries.get_job(db_session(), current_actor(), public_id) or abort(404)


@blueprint.get("/travaux/<public_id>")
@requires(Capability.IMPORTS)
def show_job(public_id: str) -> ResponseReturnValue:
    """How far it is, then what it brings; the fragment is asked for every second."""
    view = queries.view_job(db_session(), _job(public_id))
    return page_or_fragment(
        "imports/job.html",
        "imports/_job.html",
        view=view,
        form=Form(),
        can_import=_can_import(view),
    )


def _can_import(view: queries.JobView) -> bool:
    """A preview that has something to bring, whose file is still here."""
    if not (view.is_preview and view.run and view.job.state is JobState.DONE):
        return False
    brings = view.run.created + view.run.changed
    return bool(brings) and get_upload(current_settings(), view.job.arguments["upload"]) is not None


@blueprint.post("/travaux/<public_id>/importer")
@requires(Capability.IMPORTS)
def import_previewed(public_id: str) -> ResponseReturnValue:
    """Import for good what was previewed, with the same options."""
    job = _job(public_id)
    stored = get_upload(current_settings(), job.arguments["upload"])
    if stored is None or job.state is not JobState.DONE:
        flash(_("Le fichier n’est plus sur le serveur\u00a0: déposez-le de nouveau."), "error")
        return redirect(url_for("imports.index"))
    options = job.arguments["options"]
    return redirect(_job_url(enqueue_import(db_session(), stored, dry_run=False, options=options)))


@blueprint.post("/travaux/<public_id>/annuler")
@requires(Capability.IMPORTS)
def cancel(public_id: str) -> ResponseReturnValue:
    """Ask the job to stop."""
    job = _job(public_id)
    ask_cancel(db_session(), job)
    return redirect(_job_url(job))


@blueprint.get("/rapports/<public_id>")
@requires(Capability.IMPORTS)
def show_run(public_id: str) -> ResponseReturnValue:
    """The report of an import."""
    run = queries.get_run(db_session(), current_actor(), public_id) or abort(404)
    rejections = queries.list_rejections(db_session(), run)
    return render_template("imports/run.html", run=run, rejections=rejections)


@blueprint.get("/rapports/<public_id>/rejets.csv")
@requires(Capability.IMPORTS)
def rejections(public_id: str) -> ResponseReturnValue:
    """The rejected rows, for a spreadsheet."""
    run = queries.get_run(db_session(), current_actor(), public_id) or abort(404)
    lines = csv_lines(queries.stream_rejections(database(), run))
    name = f"rejets-{run.kind.value}-{run.public_id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(lines, mimetype="text/csv", headers=headers)


@blueprint.get("/liens")
@requires(Capability.IMPORTS)
def links() -> ResponseReturnValue:
    """Links between skills, and between occupations, to confirm."""
    return _links(200)


def _links(status: int, problem: str | None = None) -> Response:
    state = _state_asked()
    session, number = db_session(), requested_page()
    skills, trades = (
        paginate(session, link_rules.links_query(kind, state), number=number, size=LINKS_A_PAGE)
        for kind in (SkillLink, OccupationLink)
    )
    return page_or_fragment(
        "imports/links.html",
        "imports/_links.html",
        status=status,
        form=LinksForm(),
        state=state,
        counts=link_rules.count_links(session),
        skills=skills,
        trades=trades,
        page=max(skills, trades, key=lambda page: page.total),
        nearness=link_rules.nearness,
        problem=problem,
    )


def _state_asked() -> LinkState:
    value = request.values.get("etat", "")
    return LinkState(value) if value in set(LinkState) else LinkState.PROPOSED


@blueprint.post("/liens")
@requires(Capability.IMPORTS)
def decide_links() -> ResponseReturnValue:
    """Confirm or refuse the chosen links."""
    form = LinksForm()
    chosen, state = form.links.data or [], form.chosen_state
    if not form.validate() or not chosen or state is None:
        return _links(422, _("Cochez au moins un lien, puis choisissez."))
    try:
        moved = link_rules.record_decision(
            db_session(), current_actor(), public_ids=chosen, state=state
        )
    except IllegalTransitionError as error:
        return _links(422, error.message)
    flash(ngettext("%(num)d lien décidé.", "%(num)d liens décidés.", moved), "success")
    return redirect(url_for("imports.links", etat=_state_asked().value))
