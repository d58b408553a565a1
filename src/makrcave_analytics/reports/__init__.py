"""Reports: asked for as a row, made by a worker, downloaded by a signed link. Knows no GraphQL, no HTTP, no queue.

vocabulary, inputs, question   what can be asked for, and the check of what was
request, find, row, ids        the row: made, found, as a value, and its id for clients
progress                       how far reports are, for those who wait
work, waiting                  its life as statements: claimed by lease and attempt; what waits
workshop                       one report from claim to end
build, making                  which report is made by what; a further type is an entry and a file
inquiry, narrowing             what a report asks its numbers through
document, templates            what a report holds, as values
rows, facts                    the rows of facts that it holds, as SQL
csv                            how it is written: by COPY,
xlsx, sheet, cells, frame      as a workbook,
pdf, paper, grid, cards, brief, pictures   on paper
charts, color, say, text       pictures of charts; values as people write them, texts of others made fit
storage, folder, objects, places, download   where files lie, and the way to them
files, expiry, proof           files shared by reports, their ends, and the proof that they are what was written
schedule, cron, due            reports asked for again and again, when, and the run that comes once
change                         what people do to their reports: cancel, retry, delete
notify, deliveries, courier    who is told of a report's end, what is owed to them, and who sends it
message, webhook, mail         what is told, and how it gets there
"""

from makrcave_analytics.reports.change import Changed, cancel_report, delete_report, retry_report
from makrcave_analytics.reports.courier import Courier
from makrcave_analytics.reports.download import (
    Download,
    DownloadLink,
    FileGone,
    download_link,
    file_link,
    open_download,
)
from makrcave_analytics.reports.due import run_due
from makrcave_analytics.reports.expiry import expire_reports, sweep_orphans
from makrcave_analytics.reports.files import delete_files
from makrcave_analytics.reports.find import ReportsAsked, count_reports, find_report, find_reports, find_some, place
from makrcave_analytics.reports.folder import FolderStorage
from makrcave_analytics.reports.ids import locate_report, locate_schedule, seal_report, seal_schedule
from makrcave_analytics.reports.inputs import (
    NotifyInput,
    PeriodInput,
    ReportFilters,
    ReportRequestInput,
    ReportScheduleInput,
)
from makrcave_analytics.reports.mail import Mailer
from makrcave_analytics.reports.notify import WEBHOOKS_ONLY, Means, Notify
from makrcave_analytics.reports.places import storage_at
from makrcave_analytics.reports.progress import ReportKey, Seen, look_at
from makrcave_analytics.reports.question import hidden_types
from makrcave_analytics.reports.request import Requester, request_report
from makrcave_analytics.reports.row import Report, ReportError, ReportFile
from makrcave_analytics.reports.schedule import (
    Schedule,
    SchedulesAsked,
    add_schedule,
    aim_anew,
    change_schedule,
    delete_schedule,
    find_schedules,
)
from makrcave_analytics.reports.storage import Storage
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType
from makrcave_analytics.reports.waiting import MAKE_REPORT, next_in_line, waiting
from makrcave_analytics.reports.webhook import Webhooks
from makrcave_analytics.reports.workshop import Workshop

__all__ = [
    "MAKE_REPORT",
    "WEBHOOKS_ONLY",
    "Changed",
    "Courier",
    "Download",
    "DownloadLink",
    "FileGone",
    "FolderStorage",
    "Mailer",
    "Means",
    "Notify",
    "NotifyInput",
    "PeriodInput",
    "Report",
    "ReportError",
    "ReportFile",
    "ReportFilters",
    "ReportFormat",
    "ReportKey",
    "ReportRequestInput",
    "ReportScheduleInput",
    "ReportStatus",
    "ReportType",
    "ReportsAsked",
    "Requester",
    "Schedule",
    "SchedulesAsked",
    "Seen",
    "Storage",
    "Webhooks",
    "Workshop",
    "add_schedule",
    "aim_anew",
    "cancel_report",
    "change_schedule",
    "count_reports",
    "delete_files",
    "delete_report",
    "delete_schedule",
    "download_link",
    "expire_reports",
    "file_link",
    "find_report",
    "find_reports",
    "find_schedules",
    "find_some",
    "hidden_types",
    "locate_report",
    "locate_schedule",
    "look_at",
    "next_in_line",
    "open_download",
    "place",
    "request_report",
    "retry_report",
    "run_due",
    "seal_report",
    "seal_schedule",
    "storage_at",
    "sweep_orphans",
    "waiting",
]
