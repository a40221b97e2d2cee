"""What was typed in a form whose session had ended: given back, to be copied, never recorded."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request

from portal.web.paths import local_path

_SECRETS = frozenset({"password", "again", "current"})


def words_typed() -> list[str]:
    """The sentences of the form sent; a choice, a number or a date is soon chosen again."""
    texts = (
        text.strip()
        for name, values in request.form.lists()
        if name not in _SECRETS
        for text in values
    )
    return [text for text in texts if len(text.split()) > 1]


def page_of_form() -> str | None:
    """The path of the page that holds the form, as the browser says; None when it does not.

    A form sent back with its errors stands at an address that only takes forms: nothing to open.
    """
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host or not _opens(referrer.path):
        return None
    path = f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
    return local_path(path)


def _opens(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path, method="GET")
