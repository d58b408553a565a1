"""Recipients: what is accepted, and what is refused with its position."""

import pytest

from makrcave_analytics.errors import Invalid
from makrcave_analytics.reports.inputs import NotifyInput
from makrcave_analytics.reports.recipients import MAX_EMAILS, DeliveryChannels, Notify, check_notify

ALL = DeliveryChannels(mail=True, private_webhooks=True)
MAIL = DeliveryChannels(mail=True)


@pytest.mark.parametrize(
    ("asked", "channels", "kept"),
    [
        (None, MAIL, Notify()),
        (NotifyInput(), MAIL, Notify()),
        (
            NotifyInput(emails=["a@b.example", "c.d+e@f.example", "a@b.example"]),
            MAIL,
            Notify(("a@b.example", "c.d+e@f.example")),
        ),
        (NotifyInput(webhook_url="https://hooks.example/a?b=c"), MAIL, Notify((), "https://hooks.example/a?b=c")),
        (NotifyInput(webhook_url="https://8.8.8.8:8443/"), MAIL, Notify((), "https://8.8.8.8:8443/")),
        (NotifyInput(webhook_url="http://127.0.0.1:99/"), ALL, Notify((), "http://127.0.0.1:99/")),
    ],
)
def test_valid_recipients_are_kept(asked, channels, kept) -> None:
    found = check_notify(asked, channels)
    assert found == kept
    assert Notify.from_json(found.as_json()) == kept


NO_PERSONS = [
    *("", "a", "a@b", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "a@b.example,", "<a@b.example>"),
    *("a@[127.0.0.1]", "ä@b.example", "a@b.example\x00", f"{'a' * 65}@b.example", f"a@{'b' * 250}.example"),
]


@pytest.mark.parametrize("email", NO_PERSONS)
def test_an_invalid_address_is_refused_with_its_position(email) -> None:
    with pytest.raises(Invalid, match="looks like") as refused:
        check_notify(NotifyInput(emails=["good@b.example", email]), MAIL)
    assert refused.value.path == ("input", "notify", "emails", "1")


NO_HOOKS = [
    *("", "hooks.example", "http://hooks.example/", "ftp://hooks.example/", "https://", "https:///path"),
    *("https://user@hooks.example/", "https://u:p@hooks.example/", "https://hooks.example:port/", "https://[::1/"),
    *("https://hooks.example:99999/", "https://hooks.example/ä", "https://hooks.example/a b", "javascript:alert(1)"),
    *("https://hooks.example/\r\nX: y", f"https://hooks.example/{'x' * 2000}", "https://localhost/"),
    *("https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/", "https://[fd00::1]/", "https://a.localhost./"),
    *("https://169.254.169.254/latest/", "https://printer.local/", "https://db.internal/"),
]


@pytest.mark.parametrize("url", NO_HOOKS)
def test_malformed_and_private_webhooks_are_refused(url) -> None:
    with pytest.raises(Invalid) as refused:
        check_notify(NotifyInput(webhook_url=url), MAIL)
    assert refused.value.path == ("input", "notify", "webhookUrl")


def test_too_many_addresses_and_mail_without_a_server_are_refused() -> None:
    many = [f"a{n}@b.example" for n in range(MAX_EMAILS + 1)]
    with pytest.raises(Invalid, match="at most 20"):
        check_notify(NotifyInput(emails=many), MAIL)
    assert len(check_notify(NotifyInput(emails=many[:-1]), MAIL).emails) == MAX_EMAILS
    with pytest.raises(Invalid, match="not set up"):
        check_notify(NotifyInput(emails=["a@b.example"]), DeliveryChannels())
