"""The peer of single events: a server with one INSERT per request. Run as `plain.py URL PORT`."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

INSERT = """INSERT INTO usage_events (makerspace_id, id, user_id, event_type, event_category, metadata, timestamp)
    VALUES ($1, $2, $3, $4, $5, $6, $7)"""


def application(url: str) -> Starlette:
    """Build the application."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(url, min_size=16, max_size=16) as pool:
            app.state.pool = pool
            yield

    async def insert(request: Request) -> JSONResponse:
        sent = json.loads(await request.body())
        at = datetime.now(UTC)
        makerspace = UUID(request.query_params["makerspace_id"])
        row = (makerspace, uuid4(), sent["user_id"], sent["event_type"], "access", json.dumps(sent["metadata"]), at)
        await request.app.state.pool.execute(INSERT, *row)
        return JSONResponse({"recorded": 1})

    return Starlette(routes=[Route("/", insert, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(application(sys.argv[1]), port=int(sys.argv[2]), log_level="error", access_log=False)
