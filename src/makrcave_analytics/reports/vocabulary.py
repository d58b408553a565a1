"""Types, formats and states of reports. The values are those of the API."""

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


class ReportFormat(StrEnum):
    """The kind of a report's file."""

    CSV = "CSV"
    XLSX = "XLSX"
    PDF = "PDF"


class ReportStatus(StrEnum):
    """The state of a report. PENDING and PROCESSING are under way, the others final; EXPIRED follows COMPLETED."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
