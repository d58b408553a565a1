"""Fixtures of reports."""

from tests.reports.plugin import add_events, ask, berlin, folder, runner, storage

__all__ = ["add_events", "ask", "berlin", "folder", "runner", "storage"]
