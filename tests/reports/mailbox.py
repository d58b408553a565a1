"""Mailboxes on this machine, behind a real SMTP server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult


class Box:
    """A mailbox that keeps all mail."""

    def __init__(self, refuse: str | None = None) -> None:
        self.mails: list[tuple[str, list[str], Any]] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.refuse = refuse

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        if "unknown" in address:
            return "550 no such user"
        if "busy" in address:
            return "450 later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def __call__(self, _server, _session, _envelope, _mechanism, data) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=True)


@asynccontextmanager
async def open_box(box: Box, **options: Any) -> AsyncIterator[int]:
    """Run a server for a mailbox; yields its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="box.example", **options), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
