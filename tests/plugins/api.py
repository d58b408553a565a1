"""The API without HTTP: operations of viewers, at a time that the test sets, on the test's own database."""

import secrets
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.queue import Queue
from makrcave_analytics.resolvers.common.context import Services
from makrcave_analytics.schema.engine.executor import Executor
from makrcave_analytics.schema.engine.operation import Operation, Outcome
from makrcave_analytics.schema.engine.schema import SCHEMA
from makrcave_analytics.schema.engine.subscriber import Subscriber

PUBLIC_URL = "https://analytics.example"


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(_env_file=None, jwt_secret=SecretStr(secrets.token_urlsafe(48)))  # type: ignore[call-arg]


@pytest.fixture(scope="session")
def keys(settings: Settings) -> Keys:
    return Keys.from_settings(settings)


class Api:
    """Runs operations and returns their answers. `now` may be set between two of them."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.renew()

    def renew(self) -> None:
        """Rebuild executor and subscriber, after `services` was replaced."""
        # A long time limit, because a busy machine must not change an answer.
        self._executor = Executor(SCHEMA, self.services, lambda: self.now, answer_within=300)
        self._subscriber = Subscriber(SCHEMA, self.services, lambda: self.now, answer_within=300)

    async def run(
        self,
        document: str,
        makerspace: MakerspaceId | None = None,
        *,
        role: str = "admin",
        user: str = "ada",
        **variables: Any,
    ) -> Outcome:
        """Run a document as a viewer of a makerspace; None: of none."""
        viewer = self.viewer(makerspace, role, user)
        return await self._executor.execute(Operation(document, variables, None, read_only=False), viewer)

    def subscribe(
        self,
        document: str,
        makerspace: MakerspaceId | None = None,
        *,
        role: str = "admin",
        user: str = "ada",
        **variables: Any,
    ) -> AsyncGenerator[Outcome, None]:
        """Subscribe as a viewer of a makerspace. The test must close it."""
        viewer = self.viewer(makerspace, role, user)
        return self._subscriber.subscribe(Operation(document, variables, None, read_only=False), viewer)

    def viewer(self, makerspace: MakerspaceId | None, role: str, user: str) -> Viewer:
        """Make the viewer of a role in a makerspace; None: in none."""
        named = frozenset() if makerspace is None else frozenset({makerspace.value})
        return Viewer(user, (role,), named, self.now + timedelta(days=1))

    async def ask(self, document: str, makerspace: MakerspaceId | None = None, **who: Any) -> Any:
        """Run a document that must not fail, and return its data."""
        outcome = await self.run(document, makerspace, **who)
        assert "errors" not in outcome.body, outcome.body
        return outcome.body["data"]

    async def refusals(
        self, document: str, makerspace: MakerspaceId | None = None, **who: Any
    ) -> list[tuple[str, str]]:
        """Run a document and return (code, message) of each of its errors."""
        outcome = await self.run(document, makerspace, **who)
        return [(error["extensions"]["code"], error["message"]) for error in outcome.body.get("errors", [])]


@pytest.fixture
def make_api(keys: Keys) -> Callable[[Database], Api]:
    return lambda database: Api(Services(database, keys, Queue(None), PUBLIC_URL, 1000, poll_seconds=0.05))


@pytest.fixture
def api(make_api: Callable[[Database], Api], database: Database) -> Api:
    return make_api(database)
