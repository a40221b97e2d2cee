"""SMS through a provider that takes JSON over HTTPS.

``POST {id, to, from, text}`` with ``Idempotency-Key``: a provider that is asked twice with the
same key sends once. It answers 2xx with ``{"id": …}``.
"""

from __future__ import annotations

import http.client
import json
from datetime import timedelta
from urllib.parse import urlsplit

from portal.message_settings import MessageSettings
from portal.messages.providers import Envelope, PermanentError, TemporaryError
from portal.phones import e164

_LARGEST_ANSWER = 64 * 1024
_LONGEST_WAIT = timedelta(hours=6)
# Refused for now: too slow, busy, or the same key still under way (409).
_TEMPORARY = frozenset({408, 409, 425, 429})
# Refused because of how the portal is set up: right once the settings are.
_SETTINGS = frozenset({401, 403, 404})


class HttpSmsProvider:
    """One request per message; a connection is not kept."""

    def __init__(self, settings: MessageSettings) -> None:
        self._settings = settings

    def send(self, envelope: Envelope) -> str:
        """Hand the SMS over. Raises :class:`TemporaryError` or :class:`PermanentError`."""
        number = e164(envelope.address)
        if number is None:
            raise PermanentError("numéro inutilisable")
        body = {
            "id": envelope.key,
            "to": number,
            "from": self._settings.sms_sender,
            "text": envelope.text,
        }
        try:
            status, wait, answer = self._post(envelope.key, json.dumps(body).encode())
        except (OSError, http.client.HTTPException) as error:
            raise TemporaryError(f"fournisseur injoignable ({type(error).__name__})") from error
        if 200 <= status < 300:
            return _reference(answer) or envelope.key
        if status in _TEMPORARY or status in _SETTINGS or status >= 500 or status < 400:
            raise TemporaryError(f"réponse {status} du fournisseur", _retry_after(wait))
        raise PermanentError(f"refusé par le fournisseur ({status})")

    def _post(self, key: str, body: bytes) -> tuple[int, str | None, bytes]:
        parts = urlsplit(self._settings.sms_url or "")
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=self._settings.timeout_seconds)
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if self._settings.sms_token:
            headers["Authorization"] = f"Bearer {self._settings.sms_token}"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return (
                response.status,
                response.getheader("Retry-After"),
                response.read(_LARGEST_ANSWER),
            )
        finally:
            connection.close()


def _reference(answer: bytes) -> str | None:
    """The provider's id of the message, if its answer holds one."""
    try:
        found = json.loads(answer)
    except ValueError:
        return None
    reference = found.get("id") if isinstance(found, dict) else None
    return str(reference)[:120] if isinstance(reference, str | int) else None


def _retry_after(text: str | None) -> timedelta | None:
    """``Retry-After`` in seconds (a date is not read: the usual delay is then used)."""
    if text is None or not text.strip().isdigit():
        return None
    return min(timedelta(seconds=min(int(text), 10**6)), _LONGEST_WAIT)
