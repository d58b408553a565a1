"""The ids of reports and schedules as clients see them: opaque, and carrying their makerspace. Knows no row."""

from uuid import UUID

from makrcave_analytics.auth import MakerspaceId, Permission, Viewer
from makrcave_analytics.crypto import Keys
from makrcave_analytics.errors import NotFound

_PURPOSE, _SCHEDULE = "report", "schedule"


def no_such_report() -> NotFound:
    """Make the one answer for ids that are malformed, unknown, another makerspace's or another person's."""
    return NotFound("No such report.", path=("id",))


def seal_report(keys: Keys, makerspace: MakerspaceId, report: UUID) -> str:
    """Make the id that clients get; the same report always has the same."""
    return keys.seal(_PURPOSE, [str(makerspace), str(report)])


def no_such_schedule() -> NotFound:
    """Make the one answer for ids of schedules that are malformed, unknown, another makerspace's or person's."""
    return NotFound("No such schedule.", path=("id",))


def seal_schedule(keys: Keys, makerspace: MakerspaceId, schedule: UUID) -> str:
    """Make the id that clients get; the same schedule always has the same."""
    return keys.seal(_SCHEDULE, [str(makerspace), str(schedule)])


def locate_schedule(keys: Keys, viewer: Viewer, text: str) -> tuple[MakerspaceId, UUID]:
    """Let a viewer in to the makerspace of a schedule, as `locate_report` does."""
    match keys.open(_SCHEDULE, text):
        case [str(makerspace), str(schedule)]:
            try:
                return viewer.makerspace(makerspace, Permission.REPORT), UUID(schedule)
            except NotFound as error:
                raise no_such_schedule() from error
        case _:
            raise no_such_schedule()


def unseal_report(keys: Keys, text: str) -> tuple[UUID, UUID]:
    """Give makerspace and report back. Whoever asks has not been allowed in by that.

    Raises: NotFound where the text is none of ours.
    """
    match keys.open(_PURPOSE, text):
        case [str(makerspace), str(report)]:
            return UUID(makerspace), UUID(report)
        case _:
            raise no_such_report()


def locate_report(keys: Keys, viewer: Viewer, text: str) -> tuple[MakerspaceId, UUID]:
    """Let a viewer in to the makerspace of a report, where their permissions there allow it.

    Raises:
        NotFound: the text is no report's id, or the makerspace is none of the viewer's.
        Forbidden: the permission REPORT is missing.
    """
    makerspace, report = unseal_report(keys, text)
    try:
        return viewer.makerspace(makerspace, Permission.REPORT), report
    except NotFound as error:
        raise no_such_report() from error
