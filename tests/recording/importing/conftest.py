"""Shared by the tests of imports: a fixture that imports a file."""

from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.recording.conftest import NOW, recorder

from makrcave_analytics.auth import MakerspaceId, RecordKind
from makrcave_analytics.db import Database
from makrcave_analytics.recording.importing import KINDS, ImportTarget, Summary, import_file


class Import(Protocol):
    """Imports a file; `options` are those of import_file, `database`, and `batch`, the rows of a batch."""

    async def __call__(self, path: Path, kind: str, makerspace: MakerspaceId, **options: Any) -> Summary: ...


@pytest.fixture
def importing(database: Database) -> Import:
    async def run(path: Path, kind: str, makerspace: MakerspaceId, **options: Any) -> Summary:
        through = options.pop("database", database)
        target = ImportTarget(through, recorder(batch_limit=options.pop("batch", 1000)), lambda: NOW)
        return await import_file(path, KINDS[RecordKind(kind)], makerspace, target, **options)

    return run


def counts(summary: Summary) -> tuple[int, int, int, int]:
    """Return the numbers of rows recorded, updated, duplicate and rejected."""
    return summary.recorded, summary.updated, summary.duplicates, summary.rejected
