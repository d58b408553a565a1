"""The account that runs a server, and which paths it can reach. Changes nothing."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

LONGEST_PATH = 900
"""In bytes. PostgreSQL limits paths to 1,024 and appends names to ours."""


@dataclass(frozen=True)
class Account:
    """A system user and its primary group."""

    uid: int
    gid: int

    def _may(self, path: Path, bit: int) -> bool:
        """Return whether the mode of `path` grants this account `bit`: 4 to read, 1 to traverse or execute."""
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return bool(stat.S_IMODE(status.st_mode) >> shift & bit)

    def reaches(self, path: Path) -> bool:
        """Return whether the account can enter the folder, or run the file, by this path."""
        folders = {*path.parents, *path.resolve().parents}
        return all(self._may(place, 1) for place in (path, *folders)) and self._may(path, 4)


def as_root() -> bool:
    """Return whether this process runs as root. PostgreSQL refuses to run as root."""
    return os.geteuid() == 0


def server_account(folder: Path) -> Account | None:
    """Return the account that runs the server of `folder`; None: the account of this process, unless that is root.

    For root it is the owner of the folder, so that a folder made without root stays usable without root. If root owns
    the folder, it is the account "nobody".
    """
    if not as_root():
        return None
    status = folder.stat()
    if status.st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


def usable(path: Path, account: Account | None) -> bool:
    """Return whether a server under `account` can use `path`: it is reachable and not too long."""
    return len(os.fsencode(path)) <= LONGEST_PATH and (account is None or account.reaches(path))
