"""The lock on a server's folder: one living process holds it, and servers that a dead one left there are ended.

The kernel releases the lock when its holder ends in any way. Pid files are not trusted: a server still uses a folder
if a process has its working directory there.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGKILL, Signals

import psutil

from makrcave_analytics.embedded.account import Account, as_root, server_account, usable
from makrcave_analytics.embedded.private_dir import find_private_dir
from makrcave_analytics.errors import ConfigurationError

SIGNAL_SECONDS = 60.0
"""How long a server may take to end after one signal before it gets the next, harder one."""


class FolderInUse(ConfigurationError):
    """Another process of ours holds the folder."""


class DirLock:
    """A server's folder while this process holds it.

    `folder` holds the files; it is in the private folder if the account cannot reach the one that was asked for. The
    server works in `data` below it, the only part that belongs to `account`.
    """

    def __init__(self, folder: Path, account: Account | None, lock: int) -> None:
        self.folder = folder
        self.account = account
        self._lock: int | None = lock

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def release(self) -> None:
        """Release the folder and remove the lock file. Idempotent."""
        if self._lock is not None:
            (self.folder / "lock").unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    @contextmanager
    def preparation(self) -> Iterator[None]:
        """Release the folder if the block fails. An OSError becomes a ConfigurationError."""
        try:
            yield
        except BaseException as error:
            self.release()
            if isinstance(error, OSError):
                raise _refusal(self.folder, error) from error
            raise

    def open(self, name: str, flags: int) -> int:
        """Open a file next to the data; only the folder's owner can read a new one."""
        return _open(self.folder / name, flags)

    def hand_over(self, path: Path) -> None:
        """Make the account that runs the server the owner of `path`."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def password(self) -> tuple[str, bool]:
        """Return the server's password, made once per folder and kept in it; and whether it is new."""
        path = self.folder / "password"
        with suppress(FileNotFoundError):
            return path.read_text(encoding="ascii"), False
        password = secrets.token_urlsafe(24)
        with os.fdopen(self.open("password.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w") as file:
            file.write(password)
        path.with_suffix(".new").replace(path)
        return password, True


def claim(folder: Path, *, process_name: str, signals: Sequence[Signals]) -> DirLock:
    """Make `folder` if it is missing, lock it, and end the servers named `process_name` that still run in it.

    `signals` end such a server, the gentlest first.

    Raises:
        ConfigurationError: the folder is in use by a living process, out of reach, or not writable.
    """
    try:
        folder = folder.resolve()
        _make(folder)
        marker, actual = _locate(folder)
        _make(actual)
        lock = _lock(actual)
        try:
            _end_left_overs(actual, process_name, signals)
            if marker is not None and not marker.exists():
                _empty(actual)
                marker.write_text(actual.name, encoding="ascii")
        except BaseException:
            os.close(lock)
            raise
        return DirLock(actual, server_account(actual), lock)
    except OSError as error:
        raise _refusal(folder, error) from error


def _refusal(folder: Path, error: OSError) -> ConfigurationError:
    place = f" ({error.filename})" if error.filename else ""
    return ConfigurationError(f"The folder {folder} cannot hold a server: {error.strerror or error}{place}.")


def _make(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755 if as_root() else 0o700)


def _locate(folder: Path) -> tuple[Path | None, Path]:
    """Return where the marker is, None without one, and the folder of the files: `folder` or one in the private folder.

    The marker lies in `folder` and names the one in the private folder. Removing `folder` removes it too, so that the
    next start is a first start.
    """
    account = server_account(folder)
    marker = folder / "elsewhere"
    if not marker.exists() and usable(folder, account):
        return None, folder
    if (folder / "data").exists():
        raise ConfigurationError(
            f"The folder {folder} holds data that the account with the id "
            f"{account.uid if account else os.geteuid()} can no longer reach by this path."
        )
    folders = find_private_dir(account) / "folders"
    _make(folders)
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    with suppress(FileNotFoundError):
        key = Path(marker.read_text(encoding="ascii")).name
    return marker, folders / key


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name == "lock":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _open(path: Path, flags: int) -> int:
    """Open without following a link: root must not write where a link of the folder's owner leads."""
    file = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if as_root():
        owner = path.parent.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def _lock(folder: Path) -> int:
    path = folder / "lock"
    while True:
        lock = _open(path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The last holder may have removed the file after we opened it and before we locked it.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(lock), path.stat()):
                    os.ftruncate(lock, 0)
                    os.write(lock, str(os.getpid()).encode())
                    return lock
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode() or "that is just starting"
            os.close(lock)
            raise FolderInUse(f"The folder {folder} is in use by process {holder}.") from None
        os.close(lock)


def _processes_in(folder: Path, process_name: str) -> list[psutil.Process]:
    """Return the processes of that name whose working directory is `folder` or below."""
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error, OSError):
            if process.info["name"] == process_name and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
    return found


def _end_left_overs(folder: Path, process_name: str, signals: Sequence[Signals]) -> None:
    for signal in signals:
        running = _processes_in(folder, process_name)
        pids = {process.pid for process in running}
        for process in running:
            with suppress(psutil.Error):
                # The main process of a server ends its children in order; only SIGKILL must reach each.
                if signal == SIGKILL or process.ppid() not in pids:
                    process.send_signal(signal)
        deadline = time.monotonic() + SIGNAL_SECONDS
        # Not waiting for the pids: without a process that reaps orphans they stay for ever.
        while running and time.monotonic() < deadline:
            time.sleep(0.02)
            running = _processes_in(folder, process_name)
        if not running:
            return
    raise ConfigurationError(f"The folder {folder} is held by process {running[0].pid}, which does not end.")
