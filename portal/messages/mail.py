"""E-mail through a mail server (SMTP, RFC 5321), plain text in UTF-8."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from portal import clock
from portal.message_settings import SmtpSettings
from portal.messages.providers import Envelope, PermanentError, TemporaryError, UncertainError


class SmtpProvider:
    """One connection per message.

    Until the server has begun to read the message, a failure is known; a connection lost after
    that leaves a doubt, that a human settles (:class:`UncertainError`).
    """

    def __init__(self, server: SmtpSettings, sender: str, timeout_seconds: float) -> None:
        self._server = server
        self._sender = sender
        self._timeout = timeout_seconds

    def send(self, envelope: Envelope) -> str:
        """Hand the e-mail over; its Message-ID."""
        with _known_failures():
            message = build_mail(self._sender, envelope)
        with _known_failures(), self._connection() as smtp:
            _answered(smtp.mail(parseaddr(self._sender)[1]))
            _answered(smtp.rcpt(envelope.address))
            _hand_over(smtp, message.as_bytes())
        return str(message["Message-ID"])

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """An open, authenticated connection, quit politely if it still answers."""
        server = self._server
        if server.tls:
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.starttls:
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password or "")
            yield smtp
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        finally:
            smtp.close()


def build_mail(sender: str, envelope: Envelope) -> EmailMessage:
    """The e-mail, with a Message-ID that is the same each time it is tried."""
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=name, addr_spec=address)
    mail["To"] = Address(addr_spec=envelope.address)
    mail["Subject"] = " ".join(envelope.title.split())
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{envelope.key}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(envelope.text + "\n", charset="utf-8")
    return mail


def _hand_over(smtp: smtplib.SMTP, message: bytes) -> None:
    try:
        _answered(smtp.data(message))
    except smtplib.SMTPDataError as error:
        _raise_for(error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        raise UncertainError(
            f"le serveur de courriel n’a pas dit s’il l’a pris ({type(error).__name__})"
        ) from error


@contextmanager
def _known_failures() -> Iterator[None]:
    """What fails before the message is handed over was not sent."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise TemporaryError("le serveur de courriel refuse le mot de passe") from error
    except smtplib.SMTPResponseException as error:
        _raise_for(error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        raise TemporaryError(f"serveur de courriel injoignable ({type(error).__name__})") from error
    except (ValueError, MessageError) as error:
        raise PermanentError("adresse inutilisable") from error


def _answered(reply: tuple[int, bytes]) -> None:
    if not 200 <= reply[0] < 300:
        _raise_for(reply[0])


def _raise_for(code: int) -> None:
    """A 5xx answer is final, any other is for now (RFC 5321 §4.2.1)."""
    if 500 <= code < 600:
        raise PermanentError(f"refusé par le serveur de courriel ({code})")
    raise TemporaryError(f"réponse {code} du serveur de courriel")
