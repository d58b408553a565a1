"""Tokens that we issue pass verification."""

from datetime import timedelta

import pytest

from makrcave_analytics.auth import Authenticator, Permission, RecordKind, issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.errors import ConfigurationError


@pytest.mark.parametrize("role", ["super_admin", "admin", "member", "service"])
async def test_an_issued_token_is_accepted(settings, now, home, elsewhere, role):
    settings = settings.model_copy(update={"issuer": "https://me.example.org", "audience": "analytics"})
    token = issue_token(
        settings, role=role, makerspaces=[home, elsewhere], user_id="ada", lifetime=timedelta(days=1), now=now
    )
    viewer = await Authenticator(settings).viewer(f"Bearer {token}", now)
    assert (viewer.user_id, viewer.roles, viewer.makerspaces) == ("ada", (role,), {home, elsewhere})
    assert viewer.expires_at == now + timedelta(days=1)


async def test_a_service_token_may_be_narrowed(settings, now, home):
    token = issue_token(
        settings,
        role="service",
        makerspaces=[home],
        user_id="door",
        lifetime=timedelta(days=1),
        now=now,
        record=[RecordKind.EVENTS],
    )
    viewer = await Authenticator(settings).viewer(f"Bearer {token}", now)
    assert viewer.permissions(home) == {Permission.RECORD}
    assert [kind for kind in RecordKind if viewer.may_record(kind)] == [RecordKind.EVENTS]


def test_without_a_secret_nothing_is_issued(now):
    settings = Settings(_env_file=None, jwks_url="https://login.example.org/certs")
    with pytest.raises(ConfigurationError, match="ANALYTICS_JWT_SECRET"):
        issue_token(settings, role="admin", user_id="ada", lifetime=timedelta(days=1), now=now)
