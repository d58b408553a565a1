"""Fixtures of reports."""

from tests.reports.plugin import add_events, ask, berlin, folder, storage, workshop

__all__ = ["add_events", "ask", "berlin", "folder", "storage", "workshop"]
