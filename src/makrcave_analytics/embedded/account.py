"""Who runs a server, and what that account can reach. Changes nothing."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

LONGEST_PATH = 900
"""Bytes. PostgreSQL keeps paths in 1,024 and adds names of its own."""


@dataclass(frozen=True)
class Account:
    """A user of the system and its main group."""

    uid: int
    gid: int

    def _may(self, path: Path, bit: int) -> bool:
        """Tell whether the mode of `path` grants this account `bit`, one of 4 (read) and 1 (traverse, execute)."""
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return bool(stat.S_IMODE(status.st_mode) >> shift & bit)

    def reaches(self, path: Path) -> bool:
        """Tell whether the account can enter the folder, or run the file, by its path as written."""
        folders = {*path.parents, *path.resolve().parents}
        return all(self._may(place, 1) for place in (path, *folders)) and self._may(path, 4)


def as_root() -> bool:
    """Tell whether this process runs as root, as whom PostgreSQL refuses to run."""
    return os.geteuid() == 0


def servant(folder: Path) -> Account | None:
    """The account that runs the server of `folder`: our own, as None, unless we are root.

    For root it is whoever owns the folder, so that a folder made without root stays usable without root;
    where that is root too, it is nobody.
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
    """Tell whether a server under `account` can work at `path`: reachable for it, and not too long."""
    return len(os.fsencode(path)) <= LONGEST_PATH and (account is None or account.reaches(path))
