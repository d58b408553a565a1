"""The definitions of all report types, found in the modules of `templates`.

A new report type is a value of ReportType and a module there with its definition.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType

from makrcave_analytics.reports.content import templates
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.vocabulary import ReportType


def declared(package: ModuleType) -> Iterator[ReportDefinition]:
    """Yield the definitions that stand in the modules of a package."""
    for module in pkgutil.iter_modules(package.__path__):
        found = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        yield from (value for value in found.values() if isinstance(value, ReportDefinition))


_BY_TYPE = {definition.type: definition for definition in declared(templates)}
DEFINITIONS: Mapping[ReportType, ReportDefinition] = {
    type_: _BY_TYPE[type_] for type_ in ReportType if type_ in _BY_TYPE
}
"""By type, in the order of ReportType."""


def definition_of(type_: ReportType) -> ReportDefinition:
    """Return the definition of a report type."""
    return DEFINITIONS[type_]
