"""Which pages a phone may keep to be read without a network, for whom, until when.

The service worker (templates/recipients/worker.js) obeys two headers: « X-Visit » names the visit
without naming the person, « X-Keep » allows the page to be kept until an instant. A page without
the first empties what was kept.
"""

from __future__ import annotations

import hashlib

from flask import Response, request

from portal.web.doorstep import PersonVisitor, person_visitor

#: Never kept on a phone: the whole of what is known of the person.
NEVER_KEPT = ("/moi/donnees",)


def mark_visit(response: Response) -> Response:
    """Say whose page it is, and whether it may be kept; nothing on a professional's computer."""
    visitor = person_visitor()
    if visitor is None or visitor.helper is not None:
        return response
    response.headers["X-Visit"] = visit_mark(visitor)
    if _may_be_kept(response):
        response.headers["X-Keep"] = str(int(visitor.row.expires_at.timestamp()))
    return response


def visit_mark(visitor: PersonVisitor) -> str:
    """A short digest of the visit: another visit, even of the same person, has another one."""
    return hashlib.sha256(f"visit {visitor.row.digest}".encode()).hexdigest()[:16]


def _may_be_kept(response: Response) -> bool:
    page = request.method == "GET" and response.status_code == 200
    return page and response.mimetype == "text/html" and not request.path.startswith(NEVER_KEPT)
