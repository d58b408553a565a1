"""The catalogue as a page of Markdown: what each number is and what it can be broken down by."""

from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.vocabulary import Polarity, Section
from makrcave_analytics.period import Grain

_HEAD = """# The numbers

Every number of the API, made from the catalogue by `makrcave-analytics catalog`. A metric is a field of its section;
each has `value`, `previous`, `change`, `series`, `columns` and, by the dimensions named here, `breakdown`.
What adds up sums to its total over the buckets of a series and the slices of a breakdown; the rest does not."""
_BETTER = {Polarity.HIGHER: "higher", Polarity.LOWER: "lower", Polarity.NEITHER: "neither"}


def catalog_markdown() -> str:
    """Return the page; it ends with a line break."""
    sections = [_section(section) for section in Section if section_metrics(section)]
    return "\n\n".join([_HEAD, *sections]) + "\n"


def _section(section: Section) -> str:
    return "\n\n".join([f"## {section.capitalize()}", *map(_metric, section_metrics(section))])


def _metric(metric: Metric) -> str:
    facts = [
        ("Formula", metric.formula),
        ("Unit", metric.unit),
        ("Adds up", "yes" if metric.is_additive else "no"),
        ("Better", _BETTER[metric.better_when]),
        ("Finest grain", _finest(metric)),
        ("By", ", ".join(metric.dimensions) or "nothing"),
    ]
    return "\n".join([f"### {metric.label} · `{metric.key}`", "", metric.description, "", *map(_fact, facts)])


def _fact(fact: tuple[str, str]) -> str:
    name, value = fact
    return f"- {name}: {value}"


def _finest(metric: Metric) -> str:
    if metric.finest is Grain.HOUR and metric.finest_days is not None:
        return f"HOUR up to {metric.finest_days} days, else DAY"
    return metric.finest
