"""One folder, held by one living process of ours, and free of servers that an earlier one left behind.

The claim is a lock that the kernel drops with its holder, however that ends. No pid file is believed: what
holds a folder is a process that works in it.
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

from makrcave_analytics.embedded.account import Account, as_root, servant, usable
from makrcave_analytics.embedded.private_dir import shelter
from makrcave_analytics.errors import ConfigurationError

PATIENCE_SECONDS = 60.0
"""How long a server may take to obey one signal before it gets the next, harder one."""


class FolderInUse(ConfigurationError):
    """Another process of ours holds the folder."""


class DirLock:
    """A server's folder while this process holds it.

    `folder` is where its files are, which is not what was asked for when that is out of reach; the server
    itself works in `data` below it, which alone belongs to `account`.
    """

    def __init__(self, folder: Path, account: Account | None, lock: int) -> None:
        self.folder = folder
        self.account = account
        self._lock: int | None = lock

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def release(self) -> None:
        """Give the folder up and remove the lock. Idempotent."""
        if self._lock is not None:
            (self.folder / "lock").unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    @contextmanager
    def preparation(self) -> Iterator[None]:
        """Give the folder up when the block fails; what the system refused becomes a ConfigurationError."""
        try:
            yield
        except BaseException as error:
            self.release()
            if isinstance(error, OSError):
                raise _refusal(self.folder, error) from error
            raise

    def open(self, name: str, flags: int) -> int:
        """Open a file of ours beside the data; a new one is readable by the folder's owner only."""
        return _open(self.folder / name, flags)

    def give(self, path: Path) -> None:
        """Hand `path` to the account that runs the server."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def password(self) -> tuple[str, bool]:
        """The server's password, made once per folder and kept in it; and whether it is new."""
        path = self.folder / "password"
        with suppress(FileNotFoundError):
            return path.read_text(encoding="ascii"), False
        password = secrets.token_urlsafe(24)
        with os.fdopen(self.open("password.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w") as file:
            file.write(password)
        path.with_suffix(".new").replace(path)
        return password, True


def claim(folder: Path, *, process_name: str, signals: Sequence[Signals]) -> DirLock:
    """Make `folder` if need be, lock it, and end what servers named `process_name` still work in it.

    `signals` end such a server, the gentlest first.

    Raises:
        ConfigurationError: in use by a living process, out of reach, or not writable.
    """
    try:
        folder = folder.resolve()
        _make(folder)
        marker, home = _home(folder)
        _make(home)
        lock = _lock(home)
        try:
            _end_left_overs(home, process_name, signals)
            if marker is not None and not marker.exists():
                _empty(home)
                marker.write_text(home.name, encoding="ascii")
        except BaseException:
            os.close(lock)
            raise
        return DirLock(home, servant(home), lock)
    except OSError as error:
        raise _refusal(folder, error) from error


def _refusal(folder: Path, error: OSError) -> ConfigurationError:
    place = f" ({error.filename})" if error.filename else ""
    return ConfigurationError(f"The folder {folder} cannot hold a server: {error.strerror or error}{place}.")


def _make(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755 if as_root() else 0o700)


def _home(folder: Path) -> tuple[Path | None, Path]:
    """Where the files of `folder` are: in it, or in the shelter where a marker in it says so.

    Whoever removes the folder removes the marker and begins anew, as without a shelter.
    """
    account = servant(folder)
    marker = folder / "elsewhere"
    if not marker.exists() and usable(folder, account):
        return None, folder
    if (folder / "data").exists():
        raise ConfigurationError(
            f"The folder {folder} holds data that the account with the id "
            f"{account.uid if account else os.geteuid()} can no longer reach by this path."
        )
    home = shelter(account) / "folders"
    _make(home)
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    with suppress(FileNotFoundError):
        key = Path(marker.read_text(encoding="ascii")).name
    return marker, home / key


def _empty(home: Path) -> None:
    for path in home.iterdir():
        if path.name == "lock":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _open(path: Path, flags: int) -> int:
    """Open without following a link: as root we must not write where the owner of the folder points us."""
    file = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if as_root():
        owner = path.parent.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def _lock(home: Path) -> int:
    path = home / "lock"
    while True:
        lock = _open(path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A former holder may have removed the file between our opening and locking it.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(lock), path.stat()):
                    os.ftruncate(lock, 0)
                    os.write(lock, str(os.getpid()).encode())
                    return lock
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode() or "that is just starting"
            os.close(lock)
            raise FolderInUse(f"The folder {home} is in use by process {holder}.") from None
        os.close(lock)


def _holders(home: Path, process_name: str) -> list[psutil.Process]:
    """The processes of that name that work in `home` or below."""
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error, OSError):
            if process.info["name"] == process_name and Path(process.cwd()).is_relative_to(home):
                found.append(process)
    return found


def _end_left_overs(home: Path, process_name: str, signals: Sequence[Signals]) -> None:
    for signal in signals:
        held = _holders(home, process_name)
        pids = {process.pid for process in held}
        for process in held:
            with suppress(psutil.Error):
                # The first process of a server ends the others in order; only killing must reach each.
                if signal == SIGKILL or process.ppid() not in pids:
                    process.send_signal(signal)
        deadline = time.monotonic() + PATIENCE_SECONDS
        # Not waiting for the pids: where nobody reaps orphans, those stay for ever.
        while held and time.monotonic() < deadline:
            time.sleep(0.02)
            held = _holders(home, process_name)
        if not held:
            return
    raise ConfigurationError(f"The folder {home} is held by process {held[0].pid}, which does not end.")
