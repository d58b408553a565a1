"""Authentication and authorisation: from a token to a Viewer, and from a Viewer to a MakerspaceId.

    authenticator, token, jwks, claims    from a bearer token to a Viewer
    viewer, roles           a viewer and its permissions; mints the ids of makerspaces
    makerspace              MakerspaceId, the proof that access was checked
    download                signed links, which work without a token
    issue                   tokens that we issue

The Authenticator makes a `Viewer` of a bearer token. Only a Viewer or a signed download gives a `MakerspaceId`, and
everything below the API takes MakerspaceIds only. Knows tokens, roles and keys; no HTTP, no GraphQL, no database:
the transaction that uses a minted makerspace finds out whether it exists.
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
