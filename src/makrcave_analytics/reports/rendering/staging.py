"""Files that a library writes to disk: written to a temporary file in a thread, then copied into the storage."""

import asyncio
import importlib
import tempfile
from pathlib import Path
from typing import Any

from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.document import Document

_PIECE_BYTES = 1 << 20


async def load_writer(module: str) -> Any:
    """Import a module of this package when it is first needed: fonts and charts double the memory of a process."""
    return await asyncio.to_thread(importlib.import_module, f"{__package__}.{module}")


async def write_staged(context: ReportContext, writer: Any, document: Document, *further: Any) -> None:
    """Let `writer.write` write a document to a temporary file, in a thread, and copy the file into the sink."""
    with tempfile.TemporaryDirectory(prefix="makrcave-report-") as folder:
        path = Path(folder) / "file"
        await asyncio.to_thread(writer.write, *(document, *further, path))
        context.stage("Storing", 0.9)
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
                await context.job.sink.write(piece)
