"""Mail to a real SMTP server: what arrives, what is refused, and what is never sent unencrypted."""

from dataclasses import replace
from email.message import EmailMessage

import pytest
from tests.reports.certificates import tls_for
from tests.reports.mailbox import Box, open_box

from makrcave_analytics.errors import ConfigurationError
from makrcave_analytics.reports.delivery.mail import Mailer
from makrcave_analytics.reports.delivery.webhook import Undelivered

SENDER = "MakrCave <reports@makrcave.example>"


def a_mail(receiver: str = "ada@example.org") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, receiver, "Grüße"
    mail.set_content("Hello")
    mail.add_attachment(b"a\r\n1\r\n", maintype="text", subtype="csv", filename="usage.csv")
    return mail


async def test_a_mail_arrives_with_its_file() -> None:
    box = Box()
    async with open_box(box) as port:
        await Mailer.at(f"smtp://127.0.0.1:{port}", SENDER).send(a_mail())
    ((sender, receivers, mail),) = box.mails
    assert (sender, receivers) == ("reports@makrcave.example", ["ada@example.org"])
    _, file = mail.get_payload()
    assert (file.get_filename(), file.get_payload(decode=True)) == ("usage.csv", b"a\r\n1\r\n")


@pytest.mark.parametrize(("receiver", "permanent"), [("unknown@example.org", True), ("busy@example.org", False)])
async def test_a_refused_recipient_is_undelivered(receiver, permanent) -> None:
    async with open_box(Box()) as port:
        with pytest.raises(Undelivered) as refused:
            await Mailer.at(f"smtp://127.0.0.1:{port}", SENDER).send(a_mail(receiver))
    assert refused.value.permanent is permanent


async def test_a_server_that_refuses_or_is_away_is_undelivered(unused_tcp_port) -> None:
    async with open_box(Box("552 too large")) as port:
        with pytest.raises(Undelivered, match="answered 552"):
            await Mailer.at(f"smtp://127.0.0.1:{port}", SENDER).send(a_mail())
    with pytest.raises(Undelivered, match="away") as refused:
        await Mailer.at(f"smtp://127.0.0.1:{unused_tcp_port}", SENDER).send(a_mail())
    assert not refused.value.permanent


async def test_tls_is_used_where_offered_and_the_password_is_sent_only_with_it(tmp_path) -> None:
    server, trust = tls_for("localhost", tmp_path)
    box = Box()
    options = {"tls_context": server, "require_starttls": True, "authenticator": box, "auth_required": True}
    async with open_box(box, **options) as port:
        mailer = Mailer.at(f"smtp://user:p%40ss@localhost:{port}", SENDER)
        await replace(mailer, trust=trust).send(a_mail())
        assert (len(box.mails), box.logins) == (1, [(b"user", b"p@ss")])
        with pytest.raises(Undelivered, match=r"(?i)certificate"):
            await mailer.send(a_mail())
    assert len(box.logins) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_a_password_is_never_sent_unencrypted(monkeypatch) -> None:
    box = Box()
    monkeypatch.setattr("makrcave_analytics.reports.delivery.mail._is_this_machine", lambda _host: False)
    async with open_box(box, authenticator=box, auth_require_tls=False) as port:
        with pytest.raises(Undelivered, match="no encryption"):
            await Mailer.at(f"smtp://user:secret@127.0.0.1:{port}", SENDER).send(a_mail())
    assert box.logins == []


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://host", SENDER),
        ("smtp://", SENDER),
        ("smtp://host:port", SENDER),
        ("mail.example.org", SENDER),
        ("smtp://host", None),
        ("smtp://host", "nobody"),
        ("smtp://host", "a@b.example\r\nBcc: c@d.example"),
    ],
)
def test_wrong_settings_are_refused_at_the_start(url, sender) -> None:
    with pytest.raises(ConfigurationError, match="ANALYTICS_"):
        Mailer.at(url, sender)


def test_the_default_ports_are_used() -> None:
    assert (Mailer.at("smtp://host", SENDER).port, Mailer.at("smtps://host", SENDER).port) == (587, 465)
