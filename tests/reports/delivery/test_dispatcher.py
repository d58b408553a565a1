"""The dispatcher: recipients are notified of completed and failed reports, with retries."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.reports.mailbox import Box, open_box
from tests.reports.plugin import NOW, content
from tests.reports.receiver import receiving

from makrcave_analytics.auth import Permission
from makrcave_analytics.reports.delivery import message as messages
from makrcave_analytics.reports.delivery.dispatcher import NotificationDispatcher
from makrcave_analytics.reports.delivery.mail import Mailer
from makrcave_analytics.reports.delivery.outbox import PAUSES, claim_due
from makrcave_analytics.reports.delivery.webhook import Webhooks
from makrcave_analytics.reports.ids import seal_report
from makrcave_analytics.reports.inputs import NotifyInput
from makrcave_analytics.reports.jobs.claims import claim_report, fail
from makrcave_analytics.reports.recipients import DeliveryChannels
from makrcave_analytics.reports.requests.changes import delete_report, retry_report
from makrcave_analytics.reports.requests.download import open_download
from makrcave_analytics.reports.requests.queries import ReportsAsked, find_report
from makrcave_analytics.reports.vocabulary import ReportStatus

PUBLIC = "https://analytics.example"
SENDER = "MakrCave <reports@makrcave.example>"


@pytest.fixture
def dispatcher(database, storage, keys) -> NotificationDispatcher:
    return NotificationDispatcher(database, storage, keys, lambda: NOW, PUBLIC, webhooks=Webhooks(allows_private=True))


@pytest.fixture
def ask_notifying(ask):
    """Requests a report with recipients."""

    async def run(makerspace, **notify):
        recipients = {"notify": NotifyInput(**notify), "channels": DeliveryChannels(mail=True, private_webhooks=True)}
        return await ask(makerspace, **recipients)

    return run


async def owed(owner) -> list[tuple[str, int, bool, bool, bool]]:
    """Kind, attempts, and whether it is owed, delivered, failed."""
    rows = await owner.fetch("SELECT * FROM deliveries ORDER BY kind, target")
    return [
        (r["kind"], r["attempts"], *(r[at] is not None for at in ("next_attempt_at", "delivered_at", "failed_at")))
        for r in rows
    ]


DUE = "UPDATE deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL"


async def test_a_webhook_gets_the_report_signed_with_the_shown_secret(
    ask_notifying, runner, berlin, dispatcher, database, storage, keys, owner, folder
) -> None:
    async with receiving() as receiver:
        report = await ask_notifying(berlin, webhook_url=f"http://127.0.0.1:{receiver.port}/hook")
        assert await dispatcher.deliver_due() == 0  # nothing has ended yet
        await runner.make(berlin, report.id)
        assert await dispatcher.deliver_due() == 1
        assert await dispatcher.deliver_due() == 0
    (got,) = receiver.got
    secret = keys.webhook_secret(berlin.value, report.webhook_seed)
    at, _, signed = got.headers["x-makrcave-signature"].partition(",v1=")
    body = f"{int(NOW.timestamp())}.".encode() + got.body
    assert at == f"t={int(NOW.timestamp())}"
    assert signed == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    payload = json.loads(got.body)
    done = await find_report(database, berlin, report.id)
    assert payload["event"] == "report.completed"
    assert payload["report"]["id"] == seal_report(keys, berlin, report.id)
    assert payload["report"]["period"] == {"startDate": "2026-03-01", "endDate": "2026-03-31"}
    assert payload["report"]["completedAt"].endswith(("+01:00", "+02:00"))
    file = payload["report"]["file"]
    assert (file["rows"], file["sha256"], file["sizeBytes"]) == (3, done.file.sha256, done.file.size_bytes)
    assert file["downloadExpiresAt"] == "2026-04-01T14:15:00+02:00"
    link = urlsplit(file["downloadUrl"])
    assert f"{link.scheme}://{link.netloc}" == PUBLIC
    signature = parse_qs(link.query)["signature"][0]
    opened = await open_download(database, storage, keys, link.path.split("/")[-2], signature, NOW)
    assert b"".join([chunk async for chunk in opened.stored.chunks()]) == content(folder, done)
    opened.stored.close()
    assert await owed(owner) == [("webhook", 1, False, True, False)]


async def test_a_failure_is_notified_to_the_same_recipients(ask_notifying, berlin, dispatcher, database, owner) -> None:
    box = Box()
    async with receiving() as receiver, open_box(box) as port:
        url = f"http://127.0.0.1:{receiver.port}/"
        report = await ask_notifying(berlin, webhook_url=url, emails=["ada@b.example", "bo@b.example"])
        claim = await claim_report(database, berlin, report.id)
        assert await fail(database, claim, "STORAGE_FAILED", "The report could not be stored.")
        mailing = replace(dispatcher, mailer=Mailer.at(f"smtp://127.0.0.1:{port}", SENDER))
        assert await mailing.deliver_due() == 3
    payload = json.loads(receiver.got[0].body)
    assert (payload["event"], payload["report"]["file"]) == ("report.failed", None)
    assert payload["report"]["error"] == {"code": "STORAGE_FAILED", "message": "The report could not be stored."}
    assert sorted(receivers[0] for _, receivers, _ in box.mails) == ["ada@b.example", "bo@b.example"]
    assert all(mail["subject"].startswith("Not made: Usage report") for *_, mail in box.mails)
    assert "could not be stored" in box.mails[0][2].get_payload()
    assert all(row[2:] == (False, True, False) for row in await owed(owner))


async def test_the_loss_of_every_worker_is_notified(ask_notifying, berlin, database, owner) -> None:
    report = await ask_notifying(berlin, emails=["ada@b.example"])
    await owner.execute(
        "UPDATE report_requests SET status = 'PROCESSING', attempts = 5, lease_until = now() - interval '1 s'"
    )
    assert await claim_report(database, berlin, report.id) is None
    assert await owed(owner) == [("email", 0, True, False, False)]


@pytest.fixture
def mailed(ask_notifying, runner, berlin, dispatcher):
    """Completes a report and returns the mail about it."""

    async def run(**changes):
        box = Box()
        report = await ask_notifying(berlin, emails=["ada@b.example"])
        await runner.make(berlin, report.id)
        async with open_box(box) as port:
            mailer = Mailer.at(f"smtp://127.0.0.1:{port}", SENDER)
            assert await replace(dispatcher, mailer=mailer, **changes).deliver_due() == 1
        ((_, _, mail),) = box.mails
        return report, mail

    return run


async def test_a_small_file_is_attached(mailed, database, berlin, folder) -> None:
    report, mail = await mailed()
    done = await find_report(database, berlin, report.id)
    _, file = mail.get_payload()
    assert file.get_payload(decode=True) == content(folder, done)
    assert (file.get_filename(), file.get_content_type()) == (done.file.name, "text/csv")
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["message-id"].endswith("@makrcave.example>")


@pytest.mark.parametrize(("public", "said"), [(PUBLIC, f"{PUBLIC}/reports/"), (None, "Sign in to MakrCave Analytics")])
async def test_a_large_file_is_linked_to_a_page_with_sign_in(mailed, monkeypatch, public, said) -> None:
    monkeypatch.setattr(messages, "MAX_ATTACHED_BYTES", 10)
    _, mail = await mailed(public_url=public)
    text = mail.get_payload(decode=True).decode()
    assert not mail.is_multipart()
    assert said in text
    assert "signature" not in text  # no link that works without sign-in


async def test_member_data_is_never_attached(owner, ask_notifying, runner, berlin, dispatcher) -> None:
    box = Box()
    report = await ask_notifying(berlin, emails=["ada@b.example"])
    await runner.make(berlin, report.id)
    await owner.execute("UPDATE report_requests SET type = 'MEMBER_DATA'")
    async with open_box(box) as port:
        await replace(dispatcher, mailer=Mailer.at(f"smtp://127.0.0.1:{port}", SENDER)).deliver_due()
    assert not box.mails[0][2].is_multipart()


async def test_names_cannot_add_lines_to_a_mail(mailed, owner) -> None:
    await owner.execute("UPDATE makerspaces SET name = E'Lab\\r\\nBcc: eve@b.example'")
    _, mail = await mailed()
    assert mail["bcc"] is None
    assert "Lab" in mail["subject"]


async def test_failed_deliveries_are_retried_with_growing_pauses_and_then_given_up(
    ask_notifying, runner, berlin, dispatcher, owner
) -> None:
    async with receiving() as receiver:
        receiver.status = 503
        report = await ask_notifying(berlin, webhook_url=f"http://127.0.0.1:{receiver.port}/")
        await runner.make(berlin, report.id)
        waits = []
        for _ in range(len(PAUSES)):
            assert await dispatcher.deliver_due() == 1
            assert await dispatcher.deliver_due() == 0
            waits.append(await owner.fetchval("SELECT next_attempt_at - now() FROM deliveries"))
            await owner.execute(DUE)
        assert await dispatcher.deliver_due() == 1
        assert len(receiver.got) == len(PAUSES) + 1
    assert all(pause - timedelta(seconds=10) < wait <= pause for wait, pause in zip(waits, PAUSES, strict=True))
    assert await owed(owner) == [("webhook", len(PAUSES) + 1, False, False, True)]
    assert await owner.fetchval("SELECT last_error FROM deliveries") == "answered with status 503"
    assert len({got.headers["x-makrcave-delivery"] for got in receiver.got}) == 1


async def test_a_receiver_that_comes_back_gets_the_notification(
    ask_notifying, runner, berlin, dispatcher, owner
) -> None:
    async with receiving() as receiver:
        receiver.status = 500
        report = await ask_notifying(berlin, webhook_url=f"http://127.0.0.1:{receiver.port}/")
        await runner.make(berlin, report.id)
        await dispatcher.deliver_due()
        receiver.status = 200
        await owner.execute(DUE)
        await dispatcher.deliver_due()
    assert await owed(owner) == [("webhook", 2, False, True, False)]


async def test_of_two_dispatchers_one_sends_and_a_lost_claim_is_taken_over(
    ask_notifying, runner, berlin, dispatcher, database, owner
) -> None:
    async with receiving() as receiver:
        report = await ask_notifying(berlin, webhook_url=f"http://127.0.0.1:{receiver.port}/")
        await runner.make(berlin, report.id)
        assert sorted(await asyncio.gather(dispatcher.deliver_due(), dispatcher.deliver_due())) == [0, 1]
        assert len(receiver.got) == 1
        await owner.execute("UPDATE deliveries SET next_attempt_at = now(), delivered_at = NULL")
        (lost,) = await claim_due(database)  # by a worker that then dies
        assert lost.attempts == 2
        assert await dispatcher.deliver_due() == 0
        await owner.execute("UPDATE deliveries SET lease_until = now() - interval '1 s'")
        assert await dispatcher.deliver_due() == 1
        assert len(receiver.got) == 2


async def test_an_unreachable_receiver_does_not_delay_others(ask_notifying, runner, berlin, dispatcher, owner) -> None:
    async with receiving() as silent, receiving() as quick:
        silent.status = None
        for receiver in (silent, quick):
            report = await ask_notifying(berlin, webhook_url=f"http://127.0.0.1:{receiver.port}/")
            if report.status is ReportStatus.PENDING:
                await runner.make(berlin, report.id)
        impatient = replace(dispatcher, webhooks=Webhooks(allows_private=True, total_seconds=0.3))
        assert await impatient.deliver_due() == 2
        assert len(quick.got) == 1
    assert sorted(row[2:] for row in await owed(owner)) == [(False, True, False), (True, False, False)]


async def test_private_addresses_are_refused_when_sending_too(ask_notifying, runner, berlin, dispatcher, owner) -> None:
    async with receiving() as receiver:
        report = await ask_notifying(berlin, webhook_url=f"http://127.0.0.1:{receiver.port}/")
        await runner.make(berlin, report.id)
        await replace(dispatcher, webhooks=Webhooks()).deliver_due()
        assert receiver.got == []
    assert await owed(owner) == [("webhook", 1, False, False, True)]


async def test_a_shared_file_is_notified_at_once_and_a_deleted_report_is_not(
    ask_notifying, runner, berlin, dispatcher, database, owner
) -> None:
    async with receiving() as receiver:
        url = f"http://127.0.0.1:{receiver.port}/"
        first = await ask_notifying(berlin, webhook_url=url)
        await runner.make(berlin, first.id)
        second = await ask_notifying(berlin, webhook_url=url)
        assert second.status is ReportStatus.COMPLETED
        await delete_report(database, berlin, first.id, ReportsAsked(None))
        assert await dispatcher.deliver_due() == 1
        assert json.loads(receiver.got[0].body)["report"]["id"] == seal_report(dispatcher.keys, berlin, second.id)


async def test_a_retry_cancels_owed_notifications_and_notifies_the_new_end(
    ask_notifying, runner, berlin, dispatcher, database, owner
) -> None:
    async with receiving() as receiver:
        report = await ask_notifying(berlin, webhook_url=f"http://127.0.0.1:{receiver.port}/")
        await runner.make(berlin, report.id)
        await retry_report(database, berlin, report.id, ReportsAsked(None), frozenset(Permission))
        assert await dispatcher.deliver_due() == 0
        await runner.make(berlin, report.id)
        assert await dispatcher.deliver_due() == 1


async def test_with_a_lagging_replica_nothing_is_sent_yet_and_nothing_lost(
    ask_notifying, runner, berlin, dispatcher, owner
) -> None:
    async with receiving() as receiver:
        report = await ask_notifying(berlin, webhook_url=f"http://127.0.0.1:{receiver.port}/")
        await runner.make(berlin, report.id)
        await owner.execute("UPDATE report_requests SET status = 'PROCESSING'")
        await dispatcher.deliver_due()
        assert receiver.got == []
        assert await owed(owner) == [("webhook", 1, True, False, False)]
        await owner.execute("UPDATE report_requests SET status = 'COMPLETED'")
        await owner.execute(DUE)
        await dispatcher.deliver_due()
        assert len(receiver.got) == 1
