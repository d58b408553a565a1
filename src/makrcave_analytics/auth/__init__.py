"""Who asks, what they may do, and the only ways to a MakerspaceId.

    authenticator, token, jwks, claims    a bearer token in, a Viewer out
    viewer, roles, makerspace    who asks, with which rights; the door to every makerspace, and the proof of it
    download                signed links, which work without a token
    issue                   tokens of our own

A bearer token becomes a `Viewer` (Authenticator), a Viewer or a signed download becomes a `MakerspaceId`, and
everything below the API takes MakerspaceIds only. Knows tokens, roles and keys; no HTTP, no GraphQL, no database:
whether a minted makerspace exists is found out by the transaction that uses it.
"""

from makrcave_analytics.auth.authenticator import Authenticator
from makrcave_analytics.auth.download import DownloadGrant, open_download, sign_download
from makrcave_analytics.auth.issue import issue_token
from makrcave_analytics.auth.makerspace import MakerspaceId, no_such_makerspace
from makrcave_analytics.auth.roles import ROLES, Permission, RecordKind
from makrcave_analytics.auth.viewer import RecordingRight, Viewer

__all__ = [
    "ROLES",
    "Authenticator",
    "DownloadGrant",
    "MakerspaceId",
    "Permission",
    "RecordKind",
    "RecordingRight",
    "Viewer",
    "issue_token",
    "no_such_makerspace",
    "open_download",
    "sign_download",
]
