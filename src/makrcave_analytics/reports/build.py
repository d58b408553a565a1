"""Which reports are made, and by what: the one place where a further type or format is added."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from makrcave_analytics.reports import usage_csv
from makrcave_analytics.reports.making import Made, Making
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType


@dataclass(frozen=True)
class Recipe:
    """How the reports of one type are made."""

    filters: frozenset[str]
    """By which fields of ReportFilters they can be narrowed."""
    makers: Mapping[ReportFormat, Callable[[Making], Awaitable[Made]]]


RECIPES: Mapping[ReportType, Recipe] = {
    ReportType.USAGE: Recipe(usage_csv.FILTERS, {ReportFormat.CSV: usage_csv.make}),
}


def available() -> Mapping[ReportType, frozenset[ReportFormat]]:
    """Return the formats in which each type is made."""
    return {type_: frozenset(recipe.makers) for type_, recipe in RECIPES.items()}


def filters_of(type_: ReportType) -> frozenset[str]:
    """Return the fields of ReportFilters by which a type can be narrowed."""
    return RECIPES[type_].filters


async def build(making: Making) -> Made:
    """Write the file of a report."""
    return await RECIPES[making.report.type].makers[making.report.format](making)
