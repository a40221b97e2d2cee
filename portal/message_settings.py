"""How messages leave the portal: read from the environment, with a French error when wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from portal.errors import InputError

#: What a link may take of an SMS: its address, from « https » to the signature.
LINK_LENGTH = 60
#: What follows the address of the portal: « /l/ », an id of 14 signs and 16 of signature.
LINK_END = len("/l/") + 14 + 16
_LONGEST_SENDER = 11
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A mail server; ``tls`` from the first byte (``smtps``), ``starttls`` after the greeting."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    starttls: bool = False


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """What is None is not there: those messages are then said by telephone."""

    smtp: SmtpSettings | None = None
    mail_from: str | None = None
    sms_url: str | None = None
    sms_token: str | None = field(default=None, repr=False)
    sms_sender: str = "Departement"
    sms_inbound_key: str | None = field(default=None, repr=False)
    timeout_seconds: float = 15.0


def load_message_settings(environment: Mapping[str, str] = os.environ) -> MessageSettings:
    """The ``ECLUSE_SMTP_*``, ``ECLUSE_MAIL_*`` and ``ECLUSE_SMS_*`` settings.

    Raises :class:`InputError` on a value that cannot be used.
    """

    def read(name: str) -> str | None:
        return environment.get(name, "").strip() or None

    smtp = _smtp(read("ECLUSE_SMTP_URL"))
    return MessageSettings(
        smtp=smtp,
        mail_from=_mail_from(read("ECLUSE_MAIL_FROM"), needed=smtp is not None),
        sms_url=_sms_url(read("ECLUSE_SMS_URL")),
        sms_token=read("ECLUSE_SMS_TOKEN"),
        sms_sender=_sender(read("ECLUSE_SMS_SENDER")),
        sms_inbound_key=_inbound_key(read("ECLUSE_SMS_INBOUND_KEY")),
    )


def _smtp(url: str | None) -> SmtpSettings | None:
    if url is None:
        return None
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == -1:
        raise InputError(
            "ECLUSE_SMTP_URL doit être une adresse comme"
            " smtp://nom:motdepasse@serveur:587/?starttls=1 ou smtps://serveur:465."
        )
    tls = parts.scheme == "smtps"
    starttls = parse_qs(parts.query).get("starttls", ["0"])[-1] == "1"
    if parts.username and not (tls or starttls) and parts.hostname not in ("127.0.0.1", "::1"):
        raise InputError(
            "ECLUSE_SMTP_URL enverrait son mot de passe en clair : ajoutez ?starttls=1,"
            " ou commencez par smtps://."
        )
    return SmtpSettings(
        host=parts.hostname,
        port=port or (465 if tls else 587 if starttls else 25),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        starttls=starttls and not tls,
    )


def _mail_from(text: str | None, *, needed: bool) -> str | None:
    if text is None and needed:
        raise InputError("ECLUSE_MAIL_FROM manque : l’adresse qui écrit les courriels.")
    if text is not None and (text.count("@") != 1 or any(c in text for c in "\r\n,;")):
        raise InputError(
            f"ECLUSE_MAIL_FROM doit être une adresse comme Écluse <ne-pas-repondre@ecluse.example>,"
            f" et non {text}."
        )
    return text


def _sms_url(text: str | None) -> str | None:
    if text is None:
        return None
    parts = urlsplit(text)
    here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.netloc or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise InputError(
            f"ECLUSE_SMS_URL doit être une adresse https (http sur la machine même), et non {text}."
        )
    return text


def _sender(text: str | None) -> str:
    """The name a telephone shows: letters and digits, eleven at most."""
    if text is None:
        return MessageSettings().sms_sender
    if not (text.isascii() and text.isalnum() and len(text) <= _LONGEST_SENDER):
        raise InputError(
            "ECLUSE_SMS_SENDER doit avoir 11 caractères au plus, lettres sans accent ou chiffres."
        )
    return text


def _inbound_key(text: str | None) -> str | None:
    if text is not None and len(text) < _SHORTEST_KEY:
        raise InputError(f"ECLUSE_SMS_INBOUND_KEY doit avoir au moins {_SHORTEST_KEY} caractères.")
    return text
