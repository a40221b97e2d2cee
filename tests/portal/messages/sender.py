"""``python -m tests.portal.messages.sender URL SMS_URL SMTP_PORT INSTANT``: one worker's sending.

Sends until nothing is due, in a process of its own: what tests race, and kill.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from portal.config import Settings
from portal.db import Database
from portal.message_settings import MessageSettings, SmtpSettings
from portal.messages.sending import send_due


def main() -> None:
    url, sms_url, smtp_port, instant = sys.argv[1:5]
    messages = MessageSettings(
        smtp=SmtpSettings("127.0.0.1", int(smtp_port)) if int(smtp_port) else None,
        mail_from="ne-pas-repondre@ecluse.example",
        sms_url=sms_url or None,
        timeout_seconds=20,
    )
    settings = Settings(home=Path(), database_url=url, secret_key="for tests", messages=messages)
    database = Database(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sent = 1
    while sent:
        sent = send_due(database, settings, datetime.fromisoformat(instant))
    database.dispose()


if __name__ == "__main__":
    main()
