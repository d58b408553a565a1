"""The metric catalogue: every number of the product, in the order in which it is shown."""

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.catalog import equipment, inventory, projects, revenue, usage
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.vocabulary import Section

CATALOG: tuple[Metric, ...] = (
    *usage.METRICS,
    *equipment.METRICS,
    *inventory.METRICS,
    *projects.METRICS,
    *revenue.METRICS,
)

_BY_KEY = {(metric.section, metric.key): metric for metric in CATALOG}


def section_metrics(section: Section) -> tuple[Metric, ...]:
    """Return the metrics of a section, in their order."""
    return tuple(metric for metric in CATALOG if metric.section is section)


def metric(section: Section, key: str) -> Metric:
    """Return a metric by its key.

    Raises: Invalid, naming the keys of the section.
    """
    if (section, key) not in _BY_KEY:
        accepted = ", ".join(metric.key for metric in section_metrics(section))
        raise Invalid(f"No such metric in {section}. Accepted: {accepted}.", path=("metrics",))
    return _BY_KEY[section, key]
