"""Project metrics: starts, completions, durations and costs, in the makerspace's own currency."""

from functools import partial

from sqlalchemy import func

from makrcave_analytics.metrics.metric import Measure, Median, Ratio, middle_twice
from makrcave_analytics.metrics.sources.projects import MILESTONES
from makrcave_analytics.metrics.sources.sessions import SESSIONS
from makrcave_analytics.metrics.sources.sql.intervals import seconds
from makrcave_analytics.metrics.vocabulary import Dimension, Polarity, Section, Unit
from makrcave_analytics.period import Grain

SECONDS_PER_HOUR = 3600
MICROSECONDS_PER_DAY = 86_400_000_000

_counted = partial(Measure, section=Section.PROJECTS, unit=Unit.COUNT, finest=Grain.DAY, source=MILESTONES)
_ratio = partial(Ratio, section=Section.PROJECTS, finest=Grain.DAY)
_CATEGORY = (Dimension.PROJECT_CATEGORY,)
_EACH = (Dimension.PROJECT, Dimension.PROJECT_CATEGORY)

projects_started = _counted(
    key="projectsStarted",
    label="Projects started",
    description="Projects whose start lies in the period.",
    formula="projects started in the period",
    total=lambda row: func.sum(row.started),
    is_additive=True,
    dimensions=(Dimension.PROJECT_STATUS, *_CATEGORY),
)

active_projects = _counted(
    key="activeProjects",
    label="Active projects",
    description="Projects that ran in the period, if only for a part of it: started before its end, and neither "
    "completed nor cancelled before its beginning. What is over without anybody saying since when is left out. A "
    "project runs on many days, so that days do not add up.",
    formula="projects started before the end and not over before the beginning",
    total=lambda row: func.sum(row.active),
    dimensions=_CATEGORY,
)

completed_projects = _counted(
    key="completedProjects",
    label="Projects completed",
    description="Projects whose completion lies in the period, whenever they started.",
    formula="projects completed in the period",
    total=lambda row: func.sum(row.completed),
    is_additive=True,
    dimensions=_CATEGORY,
)

completion_rate = _ratio(
    key="completionRate",
    label="Completion rate",
    description="Of the projects that started in the period, the share that was completed before it ended. Young "
    "periods have had little time. It is a ratio: its parts do not add up.",
    formula="projects started in the period and completed before its end ÷ projectsStarted × 100",
    unit=Unit.PERCENT,
    numerator=_counted(
        key="projectsFinished",
        label="Projects started and completed",
        description="Projects started in the period and completed before its end.",
        formula="projects started in the period and completed before its end",
        total=lambda row: func.sum(row.finished),
    ),
    denominator=projects_started,
    times=100,
    dimensions=_CATEGORY,
)

cycle_days = Median(
    section=Section.PROJECTS,
    key="cycleDays",
    label="Cycle time",
    description="How long a project takes, in days of 24 hours: of those completed in the period half took at most "
    "this long, half at least; of those whose start is known. Null where none was completed. Medians do not add up.",
    formula="median of completion − start, of projects completed in the period",
    unit=Unit.DAYS,
    better_when=Polarity.LOWER,
    source=MILESTONES,
    total=lambda row: middle_twice(row.cycle),
    divisor=2 * MICROSECONDS_PER_DAY,
    dimensions=_CATEGORY,
    finest=Grain.DAY,
)

total_cost = _counted(
    key="totalCost",
    label="Cost of projects",
    description="What the projects that started in the period cost in all, as last synced, whenever it was spent.",
    formula="sum of costs of projects started in the period",
    unit=Unit.MONEY,
    better_when=Polarity.NEITHER,
    total=lambda row: func.sum(row.cost),
    is_exact=True,
    is_additive=True,
    dimensions=_EACH,
)

average_cost = _ratio(
    key="averageCost",
    label="Average cost",
    description="What a project that started in the period costs, of those whose cost is known. As a mean, its parts "
    "do not add up.",
    formula="totalCost ÷ projects started in the period that have a cost",
    unit=Unit.MONEY,
    better_when=Polarity.NEITHER,
    numerator=total_cost,
    denominator=_counted(
        key="projectsWithCost",
        label="Projects with a cost",
        description="Projects started in the period whose cost is known.",
        formula="projects started in the period that have a cost",
        total=lambda row: func.nullif(func.count(row.cost), 0),
    ),
    dimensions=_CATEGORY,
)

bom_items = _counted(
    key="bomItems",
    label="Items on bills of materials",
    description="Items on the bills of materials of the projects that started in the period.",
    formula="sum of items of projects started in the period",
    better_when=Polarity.NEITHER,
    total=lambda row: func.sum(row.bom_items),
    is_additive=True,
    dimensions=_EACH,
)

external_item_share = _ratio(
    key="externalItemShare",
    label="External items",
    description="The part of those items that has to be bought elsewhere. As a ratio, its parts do not add up.",
    formula="sum of external items of projects started in the period ÷ bomItems × 100",
    unit=Unit.PERCENT,
    better_when=Polarity.NEITHER,
    numerator=_counted(
        key="externalItems",
        label="External items",
        description="Items that have to be bought elsewhere.",
        formula="sum of external items of projects started in the period",
        total=lambda row: func.sum(row.external_items),
    ),
    denominator=bom_items,
    times=100,
    dimensions=_CATEGORY,
)

machine_hours = Measure(
    section=Section.PROJECTS,
    key="machineHours",
    label="Machine hours",
    description="How long machines were used for projects: the part of the used hours that was logged with a project.",
    formula="Σ length of uses with a project within the period",
    unit=Unit.HOURS,
    source=SESSIONS,
    total=lambda row: seconds(row.used_for_project),
    divisor=SECONDS_PER_HOUR,
    is_additive=True,
    dimensions=(Dimension.PROJECT, Dimension.EQUIPMENT),
)
