"""The metric catalogue: every number of the product, in the order in which the section modules declare them."""

from collections.abc import Mapping
from types import ModuleType

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.catalog import equipment, inventory, projects, revenue, usage
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.vocabulary import Section

MODULES: Mapping[Section, ModuleType] = {
    Section.USAGE: usage,
    Section.EQUIPMENT: equipment,
    Section.INVENTORY: inventory,
    Section.PROJECTS: projects,
    Section.REVENUE: revenue,
}
"""The module that declares the metrics of each section."""


def declared(section: Section) -> dict[str, Metric]:
    """Return every metric that a section's module declares, by its name in the module and in that order."""
    names = vars(MODULES[section]).items()
    return {name: value for name, value in names if isinstance(value, Metric) and value.section is section}


CATALOG: tuple[Metric, ...] = tuple(
    metric for section in MODULES for name, metric in declared(section).items() if not name.startswith("_")
)
"""The metrics with a public name. One with a leading underscore is only a part of another: it is never shown alone."""

_BY_KEY = {(metric.section, metric.key): metric for metric in CATALOG}


def section_metrics(section: Section) -> tuple[Metric, ...]:
    """Return the metrics of a section in the order of their declaration."""
    return tuple(metric for metric in CATALOG if metric.section is section)


def metric(section: Section, key: str) -> Metric:
    """Return a metric by its key.

    Raises: Invalid, listing the keys of the section.
    """
    if (section, key) not in _BY_KEY:
        accepted = ", ".join(metric.key for metric in section_metrics(section))
        raise Invalid(f"No such metric in {section}. Accepted: {accepted}.", path=("metrics",))
    return _BY_KEY[section, key]
