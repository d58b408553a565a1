"""The notification of a report's end: as JSON for programs, as mail for people. Sends nothing itself."""

import json
import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import local
from makrcave_analytics.reports.content.registry import definition_of
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.requests.download import DownloadLink
from makrcave_analytics.reports.vocabulary import ReportStatus

MAX_ATTACHED_BYTES = 5 << 20
"""The largest file that is attached: few mail servers accept larger ones."""

_UNPRINTABLE = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Notification:
    """The end of a report, and the links to it."""

    report: Report
    makerspace: Makerspace
    id: str
    """The report's id for clients."""
    schedule_id: str | None
    page: str | None
    """Its page for people who have signed in; None where the public address is not set."""
    link: DownloadLink | None
    """A signed link that works without sign-in for a while."""
    link_url: str | None

    @property
    def is_good(self) -> bool:
        """Whether the report was completed, even if it has expired since."""
        return self.report.status is not ReportStatus.FAILED

    @property
    def may_be_attached(self) -> bool:
        """Whether the file may be attached: it is small, and not one person's data."""
        file = self.report.file
        is_personal = definition_of(self.report.type).is_personal
        return file is not None and file.size_bytes <= MAX_ATTACHED_BYTES and not is_personal

    def as_json(self) -> bytes:
        """Write the body of a webhook."""
        report, zone = self.report, self.makerspace.calendar.zone
        event = "report.completed" if self.is_good else "report.failed"

        def at(name: str) -> str | None:
            value = getattr(report, name)
            return None if value is None else local(value, zone).isoformat()

        shown = {
            "id": self.id,
            "makerspaceId": str(report.makerspace),
            "type": report.type,
            "format": report.format,
            "status": report.status,
            "period": {"startDate": str(report.days.start_date), "endDate": str(report.days.end_date)},
            "requestedAt": at("requested_at"),
            "completedAt": at("completed_at"),
            "expiresAt": at("expires_at"),
            "scheduleId": self.schedule_id,
            "dataVersion": report.data_version,
            "error": None if report.error is None else {"code": report.error.code, "message": report.error.message},
            "file": self._file(),
            "page": self.page,
        }
        return json.dumps({"event": event, "report": shown}, ensure_ascii=False).encode()

    def as_mail(self, sender: str, receiver: str, message_id: str, attached: bytes | None) -> EmailMessage:
        """Write a mail; `attached` is the content of the file, or None."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Message-ID"] = sender, receiver, message_id
        mail["Subject"] = self._title()
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self._text(is_attached=attached is not None))
        file = self.report.file
        if attached is not None and file is not None:
            kind, _, rest = file.content_type.partition(";")[0].partition("/")
            mail.add_attachment(attached, maintype=kind, subtype=rest, filename=file.name)
        return mail

    def _file(self) -> dict[str, Any] | None:
        file, link = self.report.file, self.link
        if file is None:
            return None
        shown = {"name": file.name, "contentType": file.content_type, "sizeBytes": file.size_bytes}
        expires = local(link.expires_at, self.makerspace.calendar.zone).isoformat() if link else None
        return shown | {
            "rows": file.rows,
            "sha256": file.sha256,
            "downloadUrl": self.link_url,
            "downloadExpiresAt": expires,
        }

    def _title(self) -> str:
        report = self.report
        label = report.period(self.makerspace.calendar).label
        name = _UNPRINTABLE.sub(" ", self.makerspace.name)
        what = f"{report.type.replace('_', ' ').capitalize()} report of {name}, {label}"
        return what if self.is_good else f"Not made: {what}"

    def _text(self, *, is_attached: bool) -> str:
        if not self.is_good:
            error = self.report.error
            lines = [f"{self._title()}.", error.message if error else "", *([self.page] if self.page else [])]
        elif is_attached:
            lines = [f"{self._title()}: the file is attached."]
        elif self.page:
            lines = [f"{self._title()}: the file is ready. Sign in to fetch it:", self.page]
        else:
            lines = [f"{self._title()}: the file is ready. Sign in to MakrCave Analytics to fetch it."]
        return "\n\n".join(filter(None, lines)) + "\n"
