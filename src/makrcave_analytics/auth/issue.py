"""Issues tokens, for the command line, the demo and the tests."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from makrcave_analytics.auth.roles import RecordKind
from makrcave_analytics.auth.token import hmac_key
from makrcave_analytics.config import Settings
from makrcave_analytics.errors import ConfigurationError


def issue_token(
    settings: Settings,
    *,
    role: str,
    makerspaces: Iterable[UUID] = (),
    user_id: str,
    lifetime: timedelta,
    now: datetime,
    record: Iterable[RecordKind] | None = None,
) -> str:
    """Sign an HS256 token with the configured secret, issuer and audience. `role` may be any text.

    Raises:
        ConfigurationError: jwt_secret is missing or too short.
    """
    if settings.jwt_secret is None:
        raise ConfigurationError("Tokens are signed with ANALYTICS_JWT_SECRET: set it")
    claims: dict[str, Any] = {
        "sub": user_id,
        "roles": [role],
        "makerspace_ids": [str(makerspace) for makerspace in makerspaces],
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    if settings.issuer is not None:
        claims["iss"] = settings.issuer
    if settings.audience is not None:
        claims["aud"] = settings.audience
    if record is not None:
        claims["record"] = [kind.value for kind in record]
    return jwt.encode(claims, hmac_key(settings.jwt_secret), algorithm="HS256")
