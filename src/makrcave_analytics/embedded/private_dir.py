"""The private folder: for programs and data that a server's account cannot reach where they are.

Permissions outside it are never changed. What is out of reach (a checkout under /root) or has too long a path for
PostgreSQL is copied or kept here instead.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from makrcave_analytics.embedded.account import Account, as_root, usable
from makrcave_analytics.errors import ConfigurationError


def bases() -> Iterator[Path]:
    """Yield the places for the private folder, best first. A temporary folder is the last: those get cleaned."""
    name = "makrcave-analytics"
    yield Path("/var/lib", name) if as_root() else Path.home() / ".local" / "share" / name
    yield Path(tempfile.gettempdir(), f"{name}-{os.geteuid()}")


def find_private_dir(account: Account | None) -> Path:
    """Return the first place that only we can write to and that `account` can enter; make it if it is missing.

    Raises:
        ConfigurationError: there is no such place.
    """
    tried = list(bases())
    for base in tried:
        if _is_ours(base) and usable(base, account):
            return base
    places = " or ".join(map(str, tried))
    raise ConfigurationError(f"The embedded servers need a folder of their own at {places}, and none can be made.")


def _is_ours(base: Path) -> bool:
    """Make `base`, or check that only we can write to the existing one; return whether it is usable."""
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        base.mkdir(mode=0o755)
        base.chmod(0o755)  # the umask limits mkdir's mode
    except FileExistsError:
        pass
    except OSError:
        return False
    status = base.lstat()
    writable = stat.S_IMODE(status.st_mode) & 0o022
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not writable


def in_private_dir(parts: tuple[Path, ...], *, root: Path, name: str, account: Account | None) -> Path:
    """Copy `parts`, which are below `root`, into the private folder as `name`, unless that exists already.

    Returns the copy of `root`. A copy appears whole or not at all.
    """
    programs = find_private_dir(account) / "programs"
    copy = programs / name
    if copy.exists():
        return copy
    programs.mkdir(mode=0o755, exist_ok=True)
    programs.chmod(0o755)
    draft = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=programs))
    try:
        for part in parts:
            target = draft / part.relative_to(root)
            if part.is_dir():
                shutil.copytree(part, target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(part, target)
        _make_readable(draft)
        draft.rename(copy)
    except OSError:
        if not copy.exists():  # else another process made it first
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return copy


def _make_readable(folder: Path) -> None:
    """Let everyone read the copy, independent of the umask when the original was installed."""
    for path in (folder, *folder.rglob("*")):
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)
