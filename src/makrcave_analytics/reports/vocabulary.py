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


class ReportFormat(StrEnum):
    """What a report's file is."""

    CSV = "CSV"
    XLSX = "XLSX"
    PDF = "PDF"


class ReportStatus(StrEnum):
    """Where a report is in its life. PENDING and PROCESSING go on, the others are ends; EXPIRED follows COMPLETED."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
