"""Hand-made tokens, which can be invalid, and an issuer that publishes keys over real HTTP."""

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from makrcave_analytics.auth import Viewer
from makrcave_analytics.config import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "a secret of at least thirty-two bytes"
HOME = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
ELSEWHERE = UUID("11111111-2222-4333-8444-555555555555")


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def home() -> UUID:
    """The makerspace in tokens by default."""
    return HOME


@pytest.fixture
def elsewhere() -> UUID:
    return ELSEWHERE


@pytest.fixture
def settings() -> Settings:
    return Settings(_env_file=None, jwt_secret=SECRET, secret="quite another secret of enough bytes")


@pytest.fixture
def claims() -> dict[str, Any]:
    """The claims of a valid token."""
    return {"sub": "ada", "exp": int(NOW.timestamp()) + 3600, "roles": ["analyst"], "makerspace_id": str(HOME)}


@pytest.fixture
def craft() -> Callable[..., str]:
    """Sign any bytes or JSON as header and payload with HMAC-SHA256, whichever algorithm the header names."""

    def make(payload: Any, header: Any = None, key: bytes = SECRET.encode()) -> str:
        head = {"alg": "HS256", "typ": "JWT"} if header is None else header
        signed = f"{encode(_bytes(head))}.{encode(_bytes(payload))}"
        return f"{signed}.{encode(hmac.digest(key, signed.encode(), 'sha256'))}"

    return make


@pytest.fixture
def viewer() -> Callable[..., Viewer]:
    """Make a viewer with these roles in these makerspaces."""

    def make(*roles: str, makerspaces: tuple[UUID, ...] = (HOME,), **more: Any) -> Viewer:
        return Viewer("ada", roles, frozenset(makerspaces), NOW, **more)

    return make


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def published(key: Any, **more: Any) -> dict[str, Any]:
    """The public half of a key, as a JWK."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "use": "sig", **more}


@pytest.fixture
def publish() -> Callable[..., dict[str, Any]]:
    return published


@dataclass
class Issuer:
    """What the issuer serves, and the requests it received."""

    url: str = ""
    document: bytes = b""
    status: int = 200
    requests: list[str] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)

    def serve_keys(self, *keys: dict[str, Any]) -> None:
        self.document = json.dumps({"keys": keys}).encode()


@pytest.fixture
def issuer(rsa_key: Any, ec_key: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """A real HTTP server with an RSA and an EC key. It waits before it answers while `gate` is cleared."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    state = Issuer()
    state.gate.set()
    state.serve_keys(published(rsa_key, kid="rsa-1", alg="RS256"), published(ec_key, kid="ec-1", alg="ES256"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(self.path)
            state.asked.set()
            state.gate.wait(10)
            self.send_response(state.status)
            if state.status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(state.document)

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/certs"
    yield state
    state.gate.set()
    server.shutdown()
    server.server_close()
    thread.join()
