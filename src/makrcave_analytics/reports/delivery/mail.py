"""Sends mail by SMTP: encrypted where the server supports it, and always where a password is sent."""

import asyncio
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from makrcave_analytics.errors import ConfigurationError
from makrcave_analytics.reports.delivery.webhook import Undelivered

SECONDS = 20
"""The timeout of each step of the SMTP session."""
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Mailer:
    """Sends mail through one server."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None
    sender: str
    """The value of From: an address, or a name with an address in angle brackets."""
    trust: ssl.SSLContext | None = None

    @classmethod
    def at(cls, url: str, sender: str | None) -> "Mailer":
        """Read the settings: smtp://user:password@host:587 or smtps://….

        Raises: ConfigurationError.
        """
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in _PORTS or not parts.hostname or port == -1:
            raise ConfigurationError("ANALYTICS_SMTP_URL is like smtp://user:password@host:587, or smtps://… for TLS.")
        if sender is None or "@" not in parseaddr(sender)[1] or not sender.isprintable():
            raise ConfigurationError(
                "ANALYTICS_MAIL_FROM is needed with SMTP_URL: an address like reports@example.org."
            )
        user, password = (unquote(each) if each else None for each in (parts.username, parts.password))
        return cls(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password, sender)

    @property
    def domain(self) -> str:
        """The domain of the sender."""
        return parseaddr(self.sender)[1].rpartition("@")[2]

    async def send(self, message: EmailMessage) -> None:
        """Send a message to its recipients.

        Raises: Undelivered; permanent where the server refuses the recipient permanently.
        """
        try:
            await asyncio.to_thread(self._send, message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise Undelivered(f"the receiver was refused: {codes}", permanent=min(codes) >= 500) from error
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"the mail server answered {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(f"the mail server is away: {error}") from error

    def _send(self, message: EmailMessage) -> None:
        trust = self.trust or ssl.create_default_context()
        with self._connect(trust) as server:
            server.ehlo()
            is_safe = self.scheme == "smtps"
            if not is_safe and server.has_extn("starttls"):
                server.starttls(context=trust)
                server.ehlo()
                is_safe = True
            if self.user is not None:
                if not is_safe and not _is_this_machine(self.host):
                    raise smtplib.SMTPException("the server offers no encryption, so no password is sent")
                server.login(self.user, self.password or "")
            server.send_message(message)

    def _connect(self, trust: ssl.SSLContext) -> smtplib.SMTP:
        if self.scheme == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=trust)
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS)


def _is_this_machine(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
