"""Workbooks in LibreOffice: it opens them and draws their charts. Needs `soffice` on PATH."""

import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import pytest
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW
from tests.reports.report_files import render, report_of

from makrcave_analytics.period import Calendar
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType
from makrcave_analytics.sample import MAKERSPACES, SampleMakerspace

OFFICE = shutil.which("soffice")
TYPES = (
    ReportType.USAGE, ReportType.EQUIPMENT, ReportType.INVENTORY, ReportType.PROJECTS, ReportType.REVENUE,
    ReportType.MEMBERS, ReportType.EXECUTIVE,
)  # fmt: skip

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed"),
]


@pytest.mark.parametrize("one", MAKERSPACES, ids=lambda one: one.prefix)
@pytest.mark.parametrize("type_", TYPES)
async def test_libreoffice_opens_a_workbook_and_draws_its_charts(
    sample_database: Any, tmp_path: Path, one: SampleMakerspace, type_: ReportType
) -> None:
    calendar = Calendar(ZoneInfo(one.time_zone), one.week_start, one.fiscal_year_start_month)
    report = report_of(mint(one.id), calendar, SAMPLE_NOW, type_, ReportFormat.XLSX)
    made = await render(sample_database, report)
    charts = [name for name in zipfile.ZipFile(BytesIO(made.data)).namelist() if name.startswith("xl/charts/chart")]
    assert charts
    source = tmp_path / "report.xlsx"
    source.write_bytes(made.data)

    drawn = _convert(source, "pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(drawn).pages)
    assert one.name in text
    assert "#REF!" not in text
    assert "Err:" not in text

    # Saved by LibreOffice, each chart is still a chart with its values.
    again = zipfile.ZipFile(_convert(source, "xlsx", folder="again"))
    kept = [again.read(name) for name in again.namelist() if name.startswith("xl/charts/chart")]
    assert len(kept) == len(charts)
    assert all(b"<c:pt " in chart and b"<c:v>" in chart for chart in kept)


def _convert(source: Path, kind: str, folder: str = "out") -> Path:
    """Convert a file with LibreOffice, with a separate profile."""
    assert OFFICE is not None
    profile, out = source.parent / "profile", source.parent / folder
    subprocess.run(
        [
            OFFICE, "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}",
            "--convert-to", kind, "--outdir", str(out), str(source),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )  # fmt: skip
    return out / f"{source.stem}.{kind}"
