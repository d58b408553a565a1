"""The formats that reports are written in, found in the modules of `formats`.

A new format is a value of ReportFormat and a module there with its Format.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType

from makrcave_analytics.reports.rendering import formats
from makrcave_analytics.reports.rendering.file_format import Format
from makrcave_analytics.reports.vocabulary import ReportFormat


def declared(package: ModuleType) -> Iterator[Format]:
    """Yield the formats that stand in the modules of a package."""
    for module in pkgutil.iter_modules(package.__path__):
        found = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        yield from (value for value in found.values() if isinstance(value, Format))


FORMATS: Mapping[ReportFormat, Format] = {found.format: found for found in declared(formats)}


def format_of(format_: ReportFormat) -> Format:
    """Return the Format of a kind of file."""
    return FORMATS[format_]
