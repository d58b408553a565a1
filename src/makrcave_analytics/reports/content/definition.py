"""ReportDefinition: all that differs between report types, one value each. Declared in the module of its template."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from makrcave_analytics.auth import Permission
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.document import Chapter, DocumentTable
from makrcave_analytics.reports.content.row_sets import Rows
from makrcave_analytics.reports.vocabulary import ReportType

Template = Callable[[ReportContext], Awaitable[Sequence[Chapter]]]
Listing = Callable[[ReportContext], Awaitable[DocumentTable]]
Argument = Literal["table", "user_id"]


@dataclass(frozen=True, kw_only=True)
class ReportDefinition:
    """One report type. `facts` or `listing` is required: CSV is the fact rows where there are any, else the listing."""

    type: ReportType
    title: str
    template: Template
    """Makes the sections of pages and workbooks."""
    facts: Rows | None = None
    """The fact rows that CSV and workbooks hold."""
    listing: Listing | None = None
    """Makes the one table that CSV is where there are no fact rows."""
    lists_in_workbook: bool = False
    """True: a workbook holds the listing too, which would be too long for pages."""
    narrowed_by: frozenset[str] = frozenset()
    """Names of accepted filters, besides those of its fact rows."""
    needs: tuple[Permission, ...] = ()
    """Permissions that a requester needs besides REPORT."""
    argument: Argument | None = None
    """The argument of a request that this type needs and no other takes."""
    is_as_of_now: bool = False
    """True: it is about no period; it holds what is there when it is requested."""
    is_personal: bool = False
    """True: it holds one person's data, so its file is neither shared between reports nor mailed."""
    is_short: bool = False
    """True: pages show a section in brief, six on two pages."""

    @property
    def filters(self) -> frozenset[str]:
        """The names of all accepted filters."""
        return self.narrowed_by | frozenset(self.facts.narrowed if self.facts else ())
