"""The real time limits of sockets."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.web.conftest import HOME, SETTINGS

from makrcave_analytics.auth import issue_token

pytestmark = pytest.mark.faults


def test_a_silent_client_is_closed_after_five_seconds(socket):
    began = time.monotonic()
    assert socket.wait_for_close()[0] == 4408
    assert 4.9 <= time.monotonic() - began <= 6


def test_a_token_that_expires_closes_its_socket_within_two_seconds(socket):
    now = datetime.now(UTC)
    token = issue_token(
        SETTINGS, role="admin", makerspaces=[HOME], user_id="ada", lifetime=timedelta(seconds=3), now=now
    )
    socket.initialize(Authorization=f"Bearer {token}").subscribe("a", "subscription { waits }")
    assert socket.wait_for_close()[0] == 4403
    assert -1 <= (datetime.now(UTC) - now - timedelta(seconds=3)).total_seconds() <= 2
