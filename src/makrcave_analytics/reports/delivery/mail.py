"""Mail by SMTP: encrypted wherever the server can, and always where a password is sent."""

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
"""Of each step of the conversation."""
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
    """As it stands in From: an address, or a name with an address in angle brackets."""
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
                "ANALYTICS_MAIL_FROM is needed beside SMTP_URL: an address like reports@example.org."
            )
        user, password = (unquote(each) if each else None for each in (parts.username, parts.password))
        return cls(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password, sender)

    @property
    def domain(self) -> str:
        """That of the sender."""
        return parseaddr(self.sender)[1].rpartition("@")[2]

    async def send(self, message: EmailMessage) -> None:
        """Send a message to the receivers that it names.

        Raises: Undelivered; for good where the server says that it will never take it.
        """
        try:
            await asyncio.to_thread(self._send, message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise Undelivered(f"the receiver was refused: {codes}", for_good=min(codes) >= 500) from error
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
                if not is_safe and not _is_here(self.host):
                    raise smtplib.SMTPException("the server offers no encryption, so the password stays here")
                server.login(self.user, self.password or "")
            server.send_message(message)

    def _connect(self, trust: ssl.SSLContext) -> smtplib.SMTP:
        if self.scheme == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=trust)
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS)


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
