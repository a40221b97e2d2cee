"""What makes the space an application of the phone: its manifest, its worker, its offline page."""

from __future__ import annotations

import hashlib

from flask import Response, current_app, jsonify, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.recipients.blueprint import blueprint
from portal.recipients.keeping import NEVER_KEPT
from portal.web.guards import public
from portal.web.headers import CONTENT_SECURITY_POLICY
from portal.web.language import DEFAULT, direction_of, is_language
from portal.web.statics import asset

#: What any page needs to be drawn; it tells nothing of anybody.
_SHELL = (
    "css/moi.css",
    "js/ecluse.js",
    "js/moi.js",
    "img/ecluse.svg",
    "pictos/back.svg",
    "pictos/call.svg",
    "pictos/leave.svg",
    "pictos/mark.svg",
    "pictos/speaker.svg",
    "pictos/step.svg",
)


@blueprint.get("/app.webmanifest")
@public
def manifest() -> Response:
    """The name, the colours and the icon of the space on a phone, in one language."""
    wanted = request.args.get("langue")
    language = wanted if wanted is not None and is_language(wanted) else DEFAULT
    with force_locale(language):
        response = jsonify(
            id="/moi",
            name=_("Écluse, ma prochaine étape"),
            short_name="Écluse",
            lang=language,
            dir=direction_of(language),
            start_url=url_for("recipients.home"),
            scope=url_for("recipients.home"),
            display="standalone",
            background_color="#ffffff",
            theme_color="#0b4f8a",
            icons=[_icon("img/ecluse.svg", "any"), _icon("img/ecluse-maskable.svg", "maskable")],
        )
    response.mimetype = "application/manifest+json"
    return response


def _icon(filename: str, purpose: str) -> dict[str, str]:
    return {"src": asset(filename), "sizes": "any", "type": "image/svg+xml", "purpose": purpose}


@blueprint.get("/sw.js")
@public
def worker() -> Response:
    """The service worker; its text changes when a file it keeps does."""
    shell = [asset(name) for name in _SHELL]
    shell.append(url_for("recipients.offline"))
    version = hashlib.sha256("".join(shell).encode()).hexdigest()[:10]
    text = render_template(
        "recipients/worker.js",
        shell=shell,
        version=version,
        home=url_for("recipients.home"),
        offline=url_for("recipients.offline"),
        static=current_app.static_url_path,
        never_kept=NEVER_KEPT,
        policy=CONTENT_SECURITY_POLICY,
    )
    response = Response(text, mimetype="text/javascript")
    # Its own folder is /moi/: the home of the space, /moi, is one step above.
    response.headers["Service-Worker-Allowed"] = url_for("recipients.home")
    return response


@blueprint.get("/hors-ligne")
@public
def offline() -> str:
    """What is shown without a network for a page that was not kept."""
    return render_template("recipients/offline.html")
