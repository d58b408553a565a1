"""A program that drops root, makes its process end with the parent, and becomes the server.

Run as `python -I -S child.py PARENT SIGNAL UID GID COMMAND…`; a UID of -1 keeps the account. A function between fork
and exec could do the same, but not safely in a process with threads. Imports nothing of ours, as it runs isolated.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, signal: str, uid: str, gid: str, *command: str) -> None:
    """Replace this process by `command`, which gets `signal` when the thread that started it ends."""
    if int(uid) >= 0:
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":  # after setuid, which would reset it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("The process that started this server is gone.")
    try:
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(*sys.argv[1:])
