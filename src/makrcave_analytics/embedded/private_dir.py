"""The folder of our own, for binaries and data that a server's account cannot reach where they lie.

No permission of anything else is ever changed: what is out of reach (a checkout under /root), or too long a
path for PostgreSQL, is copied or kept here instead.
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
    """Where the shelter may be, best first. Not in a temporary folder if it can be helped: those get swept."""
    name = "makrcave-analytics"
    yield Path("/var/lib", name) if as_root() else Path.home() / ".local" / "share" / name
    yield Path(tempfile.gettempdir(), f"{name}-{os.geteuid()}")


def shelter(account: Account | None) -> Path:
    """The first base that is ours alone and that `account` can enter; made where it is missing.

    Raises:
        ConfigurationError: there is none.
    """
    tried = list(bases())
    for base in tried:
        if _is_ours(base) and usable(base, account):
            return base
    places = " or ".join(map(str, tried))
    raise ConfigurationError(f"The embedded servers need a folder of their own at {places}, and none can be made.")


def _is_ours(base: Path) -> bool:
    """Make `base`, or see whether nobody else can have put anything into the one that is there."""
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        base.mkdir(mode=0o755)
        base.chmod(0o755)  # mkdir's mode is cut by the umask
    except FileExistsError:
        pass
    except OSError:
        return False
    status = base.lstat()
    writable = stat.S_IMODE(status.st_mode) & 0o022
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not writable


def in_private_dir(parts: tuple[Path, ...], *, root: Path, name: str, account: Account | None) -> Path:
    """Copy `parts`, which lie below `root`, into the shelter under `name`, unless that is there already.

    Returns what stands for `root` there. A copy appears whole or not at all.
    """
    programs = shelter(account) / "programs"
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
        _open_to_all(draft)
        draft.rename(copy)
    except OSError:
        if not copy.exists():  # else another process was quicker
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return copy


def _open_to_all(folder: Path) -> None:
    """Let everyone read a copy of ours, whatever the umask was when the original was installed."""
    for path in (folder, *folder.rglob("*")):
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)
