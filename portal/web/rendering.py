"""One URL, page or fragment: the page includes the very file that HTMX swaps."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request


def wants_fragment() -> bool:
    """Whether HTMX asks for a piece of the page.

    Boosted and history-restoring requests also come from HTMX but need the whole page.
    """
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_or_fragment(page: str, fragment: str, /, *, status: int = 200, **context: Any) -> Response:
    """Render ``fragment`` for HTMX, else ``page`` (which includes it), with the same context."""
    template = fragment if wants_fragment() else page
    return make_response(render_template(template, **context), status)


def announce(response: Response, message: str) -> Response:
    """Have the page's live region say ``message`` once the fragment is in place.

    Header values are Latin-1, so the text travels percent-encoded.
    """
    from urllib.parse import quote

    response.headers["X-Announce"] = quote(message)
    return response
