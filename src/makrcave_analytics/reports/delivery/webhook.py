"""Webhooks: a signed POST to an address that a client named, so it must not lead into this network.

The name is resolved once, all its addresses are checked, and the connection goes to a checked address, so a DNS answer
that changes in between has no effect. Redirects are not followed, proxies not used, bodies of answers not read.
"""

import asyncio
import hashlib
import hmac
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import httpx

from makrcave_analytics.reports.recipients import is_public

SIGNATURE = "X-MakrCave-Signature"
"""Holds t=<seconds of Unix time>,v1=<hexadecimal HMAC-SHA256 of "<t>.<body>", keyed by the secret>."""
CONNECT_SECONDS, TOTAL_SECONDS = 5, 15
MAX_ADDRESSES = 3

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Undelivered(Exception):
    """The notification was not delivered. `permanent`: a further attempt would fail too."""

    def __init__(self, why: str, *, permanent: bool = False) -> None:
        super().__init__(why)
        self.permanent = permanent


async def resolve(host: str, port: int) -> Sequence[str]:
    """Resolve a name by the system: each address once, in the system's order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def sign(secret: str, body: bytes, now: datetime) -> str:
    """Make the value of the header SIGNATURE."""
    at = int(now.timestamp())
    return f"t={at},v1={hmac.digest(secret.encode(), b'%d.%s' % (at, body), hashlib.sha256).hex()}"


@dataclass(frozen=True)
class Webhooks:
    """Sends webhooks."""

    allows_private: bool = False
    resolve: Resolve = resolve
    trust: ssl.SSLContext | None = None
    """The trusted certificates; None: those of the system."""
    total_seconds: float = TOTAL_SECONDS

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """POST a body. Delivered is what the receiver answers with a status of 200 to 299.

        Raises: Undelivered.
        """
        try:
            async with asyncio.timeout(self.total_seconds):
                status = await self._post(httpx.URL(url), body, headers)
        except TimeoutError as error:
            raise Undelivered(f"no answer within {self.total_seconds:g} s") from error
        if not 200 <= status < 300:
            raise Undelivered(f"answered with status {status}", permanent=status == HTTPStatus.GONE)

    async def _post(self, url: httpx.URL, body: bytes, headers: Mapping[str, str]) -> int:
        addresses = await self._addresses(url)
        verify = self.trust or ssl.create_default_context()
        limits = httpx.Timeout(self.total_seconds, connect=CONNECT_SECONDS)
        async with httpx.AsyncClient(verify=verify, timeout=limits, trust_env=False) as client:
            for address in addresses[:MAX_ADDRESSES]:
                try:
                    return await _send(client, url, address, body, headers)
                except httpx.ConnectError as error:
                    why = str(error)
                except httpx.HTTPError as error:
                    raise Undelivered(f"{type(error).__name__}: {error}") from error
        raise Undelivered(f"no connection: {why}")

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await self.resolve(url.host, port)
        except (OSError, UnicodeError) as error:
            raise Undelivered(f"the name {url.host} is not known") from error
        if not found:
            raise Undelivered(f"the name {url.host} has no address")
        if not self.allows_private and (closed := [each for each in found if not is_public(each.partition("%")[0])]):
            raise Undelivered(f"{url.host} leads to {closed[0]}, which is no public address", permanent=True)
        return found


async def _send(
    client: httpx.AsyncClient, url: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]
) -> int:
    """Send to one address; certificate and Host are checked and sent for the name."""
    named = {**headers, "Host": url.netloc.decode("ascii"), "Content-Type": "application/json"}
    request = client.build_request(
        "POST", url.copy_with(host=address), content=body, headers=named, extensions={"sni_hostname": url.host}
    )
    answer = await client.send(request, stream=True)
    await answer.aclose()
    return answer.status_code
