"""Recipients of a report's end: their check, and the rows of notifications owed to them. Knows no mail and no HTTP."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import Invalid
from makrcave_analytics.models import deliveries
from makrcave_analytics.reports.inputs import NotifyInput

MAX_EMAILS = 20
MAX_EMAIL_LENGTH = 254
MAX_URL_LENGTH = 2000
SEED_BYTES = 32
WEBHOOK, EMAIL = "webhook", "email"

# No comments, quotes or address literals: real addresses do not have them, and each is a way to deceive.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_NAT64 = IPv6Network("64:ff9b::/96")
_VISIBLE = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class DeliveryChannels:
    """Which channels this server sends notifications by."""

    mail: bool = False
    private_webhooks: bool = False
    """True: webhooks may lead to addresses of this network, also by plain http."""


WEBHOOKS_ONLY = DeliveryChannels()


@dataclass(frozen=True)
class Notify:
    """Who is notified of a report's end."""

    emails: tuple[str, ...] = ()
    webhook_url: str | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> "Notify":
        """Read the column `notify`."""
        found = stored or {}
        return cls(tuple(found.get("emails", ())), found.get("webhookUrl"))

    def as_json(self) -> dict[str, Any] | None:
        """Write the column `notify`; None where there is no recipient."""
        value = {"emails": list(self.emails), "webhookUrl": self.webhook_url}
        return value if any(value.values()) else None


def check_notify(asked: NotifyInput | None, channels: DeliveryChannels) -> Notify:
    """Check the recipients.

    Raises: Invalid, saying what would be accepted.
    """
    if asked is None:
        return Notify()
    emails = tuple(dict.fromkeys(asked.emails or ()))
    path = ("input", "notify", "emails")
    if len(emails) > MAX_EMAILS:
        raise Invalid(f"emails holds at most {MAX_EMAILS} addresses.", path=path)
    for at, email in enumerate(emails):
        if len(email) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(email):
            raise Invalid("An e-mail address looks like name@example.org.", path=(*path, str(at)))
    if emails and not channels.mail:
        raise Invalid("E-mail is not set up on this server; a webhookUrl is accepted.", path=path)
    return Notify(emails, _webhook(asked.webhook_url, channels))


def _webhook(raw: str | None, channels: DeliveryChannels) -> str | None:
    if raw is None:
        return None
    schemes = ("https", "http") if channels.private_webhooks else ("https",)
    why = (
        f"webhookUrl must be an {schemes[0]} address of at most {MAX_URL_LENGTH} characters, without user and password."
    )
    refusal = Invalid(why, path=("input", "notify", "webhookUrl"))
    if len(raw) > MAX_URL_LENGTH or not _VISIBLE.fullmatch(raw):
        raise refusal
    try:
        parts = urlsplit(raw)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise refusal from error
    if parts.scheme not in schemes or not host or "@" in parts.netloc:
        raise refusal
    if not channels.private_webhooks and _is_closed(host):
        raise Invalid("webhookUrl must lead to a public address.", path=("input", "notify", "webhookUrl"))
    return raw


def _is_closed(host: str) -> bool:
    """Say whether a host is private by its name alone. The addresses of the name are checked when something is sent."""
    try:
        return not is_public(host)
    except ValueError:
        return host.rstrip(".").lower().rpartition(".")[2] in ("localhost", "local", "internal", "localdomain")


def is_public(address: str) -> bool:
    """Say whether an IP address is public. A version 4 address inside a version 6 one is looked through to.

    Raises: ValueError where the text is no address.
    """
    found = ip_address(address)
    if found.version == 6:
        carried = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if carried is None and found in _NAT64:
            carried = IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
    return found.is_global and not found.is_multicast


def fresh_seed(notify: Notify, random: Callable[[int], bytes]) -> bytes | None:
    """Make the seed that the secret of a webhook's signatures is derived from; None where there is no webhook."""
    return random(SEED_BYTES) if notify.webhook_url else None


async def enqueue(connection: AsyncConnection, makerspace: MakerspaceId, report_id: UUID, notify: Notify) -> None:
    """Add a notification for each recipient, in the transaction that commits the end of the report."""
    rows = [
        *((EMAIL, email) for email in notify.emails),
        *([(WEBHOOK, notify.webhook_url)] if notify.webhook_url else []),
    ]
    if rows:
        await connection.execute(insert(deliveries).values(_values(makerspace, report_id, rows)))


def _values(makerspace: MakerspaceId, report_id: UUID, rows: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    same = {"makerspace_id": makerspace.value, "report_id": report_id, "next_attempt_at": func.now()}
    return [same | {"id": uuid4(), "kind": kind, "target": target} for kind, target in rows]
