"""A test client that refuses a bad page: HTML, leftovers in the session, French of errors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.models import Account, AccountSession, Membership
from portal.web.signin import token_hash
from tests.support.html import problems


class CheckingClient(FlaskClient):
    """Checks every HTML response; ``hx=True`` asks for the fragment as HTMX would."""

    def open(self, *args: Any, hx: bool = False, **kwargs: Any) -> TestResponse:
        """Send the request, and check what comes back."""
        if hx:
            kwargs["headers"] = {**(kwargs.get("headers") or {}), "HX-Request": "true"}
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in {301, 302, 303}:
            found = problems(response.get_data(as_text=True))
            path = urlsplit(response.request.path).path
            assert not found, f"{path}: " + "; ".join(found[:8])
        return response


def client_for(app: Flask) -> CheckingClient:
    """A fresh, signed-out client."""
    app.test_client_class = CheckingClient
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client


def sign_in(
    client: CheckingClient, db: Session, account: Account, membership: Membership | None = None
) -> CheckingClient:
    """Open a session for an account as the sign-in page would; commits."""
    from datetime import timedelta

    from portal import clock

    chosen = membership or account.memberships[0]
    token = f"token-{account.public_id}-{chosen.public_id}"
    db.add(
        AccountSession(
            token_hash=token_hash(token),
            account_id=account.id,
            membership_id=chosen.id,
            expires_at=clock.now() + timedelta(hours=12),
        )
    )
    db.commit()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    return client
