"""Every report format has one Format, and importing them all loads no library that draws."""

import subprocess
import sys
from collections import Counter

from makrcave_analytics.reports.rendering import formats
from makrcave_analytics.reports.rendering.registry import FORMATS, declared
from makrcave_analytics.reports.vocabulary import ReportFormat

HEAVY = ("altair", "polars", "fpdf", "vl_convert", "xlsxturbo", "PIL")
IMPORTED = f"""import sys
import makrcave_analytics.reports.rendering.render, makrcave_analytics.reports.jobs.verification
print([name for name in {HEAVY} if name in sys.modules])"""


def test_every_report_format_has_exactly_one_format() -> None:
    assert Counter(found.format for found in declared(formats)) == Counter(ReportFormat)
    assert set(FORMATS) == set(ReportFormat)


def test_no_two_formats_have_the_same_extension() -> None:
    assert len({found.extension for found in FORMATS.values()}) == len(FORMATS)


def test_heavy_libraries_are_loaded_when_a_file_is_written() -> None:
    loaded = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True, timeout=60)
    assert loaded.stdout.strip() == "[]"


def test_the_check_of_a_request_does_not_import_what_writes_files() -> None:
    code = """import sys
import makrcave_analytics.reports.requests.create, makrcave_analytics.reports.schedules.schedule
print([name for name in sys.modules if ".reports.rendering" in name])"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert loaded.stdout.strip() == "[]"
