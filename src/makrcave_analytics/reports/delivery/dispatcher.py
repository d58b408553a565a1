"""Delivers notifications of ended reports by mail and webhook, with retries."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from makrcave_analytics import telemetry
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.errors import NotFound, Unavailable
from makrcave_analytics.models.makerspace import read_makerspace
from makrcave_analytics.reports.delivery.mail import Mailer
from makrcave_analytics.reports.delivery.message import Notification
from makrcave_analytics.reports.delivery.outbox import Delivery, claim_due, delivered, not_delivered
from makrcave_analytics.reports.delivery.webhook import SIGNATURE, Undelivered, Webhooks, sign
from makrcave_analytics.reports.ids import seal_report, seal_schedule
from makrcave_analytics.reports.recipients import WEBHOOK
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.requests.download import file_link
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.storage.base import Storage, StorageError
from makrcave_analytics.reports.vocabulary import ReportStatus

log = telemetry.logger(__name__)

DELIVERY = "X-MakrCave-Delivery"
"""The header with the id of the delivery, the same in every attempt."""
PAGE = "/reports/{id}"
"""The page of a report for people who have signed in."""
MAX_CONCURRENT = 8

_NOTIFIED = (ReportStatus.COMPLETED, ReportStatus.FAILED, ReportStatus.EXPIRED)


@dataclass(frozen=True)
class NotificationDispatcher:
    """Sends the notifications that are owed."""

    database: Database
    storage: Storage
    keys: Keys
    clock: Callable[[], datetime]
    public_url: str | None = None
    """The address of the API for clients. None: notifications hold no links to it."""
    mailer: Mailer | None = None
    webhooks: Webhooks = field(default_factory=Webhooks)

    async def deliver_due(self) -> int:
        """Send the notifications that are due, several at once; return their number.

        Raises: Unavailable while PostgreSQL is away.
        """
        claimed = await claim_due(self.database)
        limit = asyncio.Semaphore(MAX_CONCURRENT)

        async def one(delivery: Delivery) -> None:
            async with limit:
                await self._deliver(delivery)

        for result in await asyncio.gather(*map(one, claimed), return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
        return len(claimed)

    async def _deliver(self, delivery: Delivery) -> None:
        fields = {"report_id": str(delivery.report_id), "kind": delivery.kind, "attempt": delivery.attempts}
        try:
            await self._send(delivery)
        except Undelivered as error:
            again = await not_delivered(self.database, delivery, str(error), permanent=error.permanent)
            write = log.info if again else log.warning
            write("notification not delivered", why=str(error), again=again, **fields)
            return
        except Unavailable:
            raise
        except Exception as error:
            log.exception("notification failed", **fields)
            await not_delivered(self.database, delivery, type(error).__name__)
            return
        await delivered(self.database, delivery)
        log.info("notification delivered", **fields)

    async def _send(self, delivery: Delivery) -> None:
        """Send one notification. Deleted and retried reports owe none: finding one here means that a replica lags."""
        try:
            report = await find_report(self.database, delivery.makerspace, delivery.report_id)
        except NotFound as error:
            raise Undelivered("the report is not there") from error
        if report.status not in _NOTIFIED:
            raise Undelivered("the report has not ended")
        notification = await self._notification(report)
        await (self._post if delivery.kind == WEBHOOK else self._mail)(delivery, notification)

    async def _notification(self, report: Report) -> Notification:
        async with self.database.read(report.makerspace) as connection:
            makerspace = await read_makerspace(connection, report.makerspace)
        sealed = seal_report(self.keys, report.makerspace, report.id)
        page = f"{self.public_url}{PAGE.format(id=sealed)}" if self.public_url else None
        if report.status is not ReportStatus.COMPLETED:
            report = replace(report, file=None)
        link = url = None
        if report.file is not None:
            link = await file_link(self.storage, self.keys, report.makerspace, report.id, report.file.id, self.clock())
            url = link.url(self.public_url or "")
            if url.startswith("/"):
                link = url = None
        schedule = seal_schedule(self.keys, report.makerspace, report.schedule_id) if report.schedule_id else None
        return Notification(report, makerspace, sealed, schedule, page, link, url)

    async def _post(self, delivery: Delivery, notification: Notification) -> None:
        body, seed = notification.as_json(), notification.report.webhook_seed
        if seed is None:
            raise Undelivered("there is no secret to sign with", permanent=True)
        secret = self.keys.webhook_secret(delivery.makerspace.value, seed)
        headers = {DELIVERY: str(delivery.id), SIGNATURE: sign(secret, body, self.clock())}
        await self.webhooks.post(delivery.target, body, headers)

    async def _mail(self, delivery: Delivery, notification: Notification) -> None:
        if self.mailer is None:
            raise Undelivered("e-mail is not set up")
        attached = await self._read(notification) if notification.may_be_attached else None
        message_id = f"<{delivery.id}@{self.mailer.domain}>"
        await self.mailer.send(notification.as_mail(self.mailer.sender, delivery.target, message_id, attached))

    async def _read(self, notification: Notification) -> bytes | None:
        if notification.report.file is None:
            return None
        try:
            stored = await self.storage.open(notification.report.makerspace, notification.report.file.id)
            if stored is None:
                return None
            try:
                return b"".join([chunk async for chunk in stored.chunks()])
            finally:
                stored.close()
        except StorageError as error:
            raise Undelivered(f"the file cannot be read: {error}") from error
