"""A signed link opens one report of one makerspace until it expires."""

from datetime import timedelta
from uuid import UUID

import pytest

from makrcave_analytics.auth import Viewer, open_download, sign_download
from makrcave_analytics.crypto import Keys
from makrcave_analytics.errors import Unauthenticated

REPORT = UUID("01900000-0000-7000-8000-000000000001")
OTHER = UUID("01900000-0000-7000-8000-000000000002")


@pytest.fixture
def keys(settings):
    return Keys.from_settings(settings)


@pytest.fixture
def signature(keys, home, now):
    return sign_download(keys, Viewer.system("test").makerspace(home), REPORT, now + timedelta(minutes=15))


def test_a_valid_signature_mints_its_makerspace(keys, signature, home, now):
    download = open_download(keys, REPORT, signature, now + timedelta(minutes=14, seconds=59))
    assert (download.makerspace.value, download.report) == (home, REPORT)


def test_it_expires_to_the_second(keys, signature, now):
    with pytest.raises(Unauthenticated) as caught:
        open_download(keys, REPORT, signature, now + timedelta(minutes=15))
    assert caught.value.reason == "signature: expired"


def test_it_opens_no_other_report(keys, signature, now):
    for report in (OTHER, None):
        with pytest.raises(Unauthenticated):
            open_download(keys, report, signature, now)


def test_a_signature_for_another_purpose_opens_nothing(keys, now):
    for payload in (None, [], "x", [str(REPORT)], ["x", str(REPORT)], [str(REPORT), 5], {"a": 1}):
        with pytest.raises(Unauthenticated):
            open_download(keys, REPORT, keys.downloads.sign(payload, now + timedelta(hours=1)), now)
