"""Ids of reports and schedules for clients: sealed, with their makerspace inside."""

from uuid import UUID

from makrcave_analytics.auth import MakerspaceId, Permission, Viewer
from makrcave_analytics.crypto import Keys
from makrcave_analytics.errors import NotFound

_PURPOSE, _SCHEDULE = "report", "schedule"


def no_such_report() -> NotFound:
    """Make the error for every id that a viewer cannot use: malformed, unknown, or of another makerspace or person."""
    return NotFound("No such report.", path=("id",))


def seal_report(keys: Keys, makerspace: MakerspaceId, report: UUID) -> str:
    """Make a report's id for clients; it is the same every time."""
    return keys.seal(_PURPOSE, [str(makerspace), str(report)])


def no_such_schedule() -> NotFound:
    """Make the error for every id of a schedule that a viewer cannot use, as `no_such_report` does."""
    return NotFound("No such schedule.", path=("id",))


def seal_schedule(keys: Keys, makerspace: MakerspaceId, schedule: UUID) -> str:
    """Make a schedule's id for clients; it is the same every time."""
    return keys.seal(_SCHEDULE, [str(makerspace), str(schedule)])


def locate_schedule(keys: Keys, viewer: Viewer, text: str) -> tuple[MakerspaceId, UUID]:
    """Return makerspace and id of a schedule, as `locate_report` does of a report."""
    match keys.open(_SCHEDULE, text):
        case [str(makerspace), str(schedule)]:
            try:
                return viewer.makerspace(makerspace, Permission.REPORT), UUID(schedule)
            except NotFound as error:
                raise no_such_schedule() from error
        case _:
            raise no_such_schedule()


def unseal_report(keys: Keys, text: str) -> tuple[UUID, UUID]:
    """Return makerspace and report of a client's id. This grants no access.

    Raises: NotFound where the text is no sealed id.
    """
    match keys.open(_PURPOSE, text):
        case [str(makerspace), str(report)]:
            return UUID(makerspace), UUID(report)
        case _:
            raise no_such_report()


def locate_report(keys: Keys, viewer: Viewer, text: str) -> tuple[MakerspaceId, UUID]:
    """Return makerspace and id of a report, where the viewer has the permission REPORT in that makerspace.

    Raises:
        NotFound: the text is no report's id, or the makerspace is none of the viewer's.
        Forbidden: the permission REPORT is missing.
    """
    makerspace, report = unseal_report(keys, text)
    try:
        return viewer.makerspace(makerspace, Permission.REPORT), report
    except NotFound as error:
        raise no_such_report() from error
