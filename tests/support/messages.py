"""A mail server and a provider of SMS on loopback, that keep what they are given."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from portal import clock
from portal.message_settings import MessageSettings, SmtpSettings

#: A Tuesday, 11:00 in Paris: no quiet hours.
NOON = datetime(2027, 3, 9, 10, 0, tzinfo=UTC)


@dataclass
class SmsGateway:
    """A provider that sends once per key. ``answers``: what it says first, then 200."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    delivered: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    hold: threading.Event | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
        """The status and headers of the answer; delivers at most once per key."""
        with self._lock:
            self.asked.append(body)
            self.headers.append(headers)
            status, more = self.answers.pop(0) if self.answers else (200, {})
            if status == 200:
                self.delivered.setdefault(key, body)
        self.reached.set()
        if self.hold is not None:
            self.hold.wait(20)
        return status, more


@contextmanager
def sms_gateway() -> Iterator[SmsGateway]:
    """A provider on a free port of loopback."""
    gateway = SmsGateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            key = self.headers["Idempotency-Key"]
            status, more = gateway.take(key, body, dict(self.headers))
            answer = json.dumps({"id": f"p-{key}"}).encode()
            try:
                self.send_response(status)
                for name, value in {**more, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                pass  # the client was killed while it waited

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gateway.url = f"http://127.0.0.1:{server.server_port}/sms"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        if gateway.hold is not None:
            gateway.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """What a mail server took; ``answers``: what it says first at the end of the data."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    recipient_answers: list[str] = field(default_factory=list)
    drop: bool = False

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.recipient_answers:
            return self.recipient_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        if self.drop:
            server.transport.abort()
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server on a free port of loopback."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(
    gateway: SmsGateway | None = None, box: Mailbox | None = None, *, timeout: float = 5.0
) -> MessageSettings:
    """Message settings that lead to these servers."""
    return MessageSettings(
        smtp=SmtpSettings("127.0.0.1", box.port) if box else None,
        mail_from="Écluse <ne-pas-repondre@ecluse.example>" if box else None,
        sms_url=gateway.url if gateway else None,
        sms_token="jeton" if gateway else None,
        sms_inbound_key="clé de test pour les SMS",
        timeout_seconds=timeout,
    )


def paris(instant: datetime) -> datetime:
    """The instant on the clocks of Paris."""
    return instant.astimezone(clock.PARIS)
