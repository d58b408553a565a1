"""The words in which reports are asked for and told about; the values are the contract's. Knows no report."""

from enum import StrEnum


class ReportType(StrEnum):
    """What a report is about."""

    USAGE = "USAGE"
    INVENTORY = "INVENTORY"
    EQUIPMENT = "EQUIPMENT"
    PROJECTS = "PROJECTS"
    REVENUE = "REVENUE"
    MEMBERS = "MEMBERS"
    EXECUTIVE = "EXECUTIVE"
    EQUIPMENT_LIST = "EQUIPMENT_LIST"
    INVENTORY_LIST = "INVENTORY_LIST"
    CUSTOM = "CUSTOM"
    MEMBER_DATA = "MEMBER_DATA"


AS_OF_NOW = frozenset({ReportType.EQUIPMENT_LIST, ReportType.INVENTORY_LIST, ReportType.MEMBER_DATA})
"""Types that are about no period: what they hold is as of when they were asked for."""


class ReportFormat(StrEnum):
    """What a report's file is."""

    CSV = "CSV"
    XLSX = "XLSX"
    PDF = "PDF"

    @property
    def extension(self) -> str:
        """How the file's name ends, without the dot."""
        return self.value.lower()

    @property
    def content_type(self) -> str:
        """The media type with which the file is served."""
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    ReportFormat.CSV: "text/csv; charset=utf-8; header=present",
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFormat.PDF: "application/pdf",
}


class ReportStatus(StrEnum):
    """Where a report is in its life. PENDING and PROCESSING go on, the others are ends; EXPIRED follows COMPLETED."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
