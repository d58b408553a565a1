"""Run as a program of its own: drop root, tie the process to its parent's life, become the server.

A step between fork and exec would do too, but not safely in a process with threads. Imports nothing of ours:
it runs before anything is known, `python -I -S child.py PARENT SIGNAL UID GID COMMAND…`; a UID of -1 changes
nothing.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, signal: str, uid: str, gid: str, *command: str) -> None:
    """Become `command`, which gets `signal` when the thread that started it ends."""
    if int(uid) >= 0:
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":  # after setuid, which would undo it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("The process that started this server is gone.")
    try:
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(*sys.argv[1:])
