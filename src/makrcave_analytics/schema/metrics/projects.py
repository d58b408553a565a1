"""Projects, each with its own numbers."""

import strawberry

from makrcave_analytics.metrics.display.names import Entity
from makrcave_analytics.resolvers.metrics import lists, projects
from makrcave_analytics.resolvers.metrics.projects import ProjectOrder
from makrcave_analytics.schema.common.connections import connection, listed
from makrcave_analytics.schema.common.fields import optional, resolved
from makrcave_analytics.schema.entities.things import Project

strawberry.enum(
    ProjectOrder,
    description="What projects are ordered by; those without a value last. NAME ascending where nothing else is "
    "asked, others descending.",
)


@strawberry.input(description="Which projects; each field that is given narrows them further, an empty list does not.")
class ProjectFilter(projects.ProjectFilter):
    """Filter of projects."""

    ids: list[strawberry.ID] | None = optional("Any of these; at most 100.")
    search: str | None = optional("A part of the name or the id, in any case.")
    status: str | None = optional("How far it is, as synced.")
    category: str | None = optional("The category, as synced.")
    is_stalled: bool | None = optional("Whether nothing happens for it that should go on.")


@strawberry.type(description="A project that ran in the period, and what was done for it.")
class ProjectRow:
    """A project in a list."""

    project = resolved(lists.thing(Entity.PROJECT), "The project.", Project)
    machine_hours = resolved(projects.hours, "How long machines were used for it in the period.", float)
    is_stalled = resolved(
        projects.is_stalled,
        "Neither completed nor cancelled, and for 30 days neither begun nor named by an event, a session or a use of "
        "material; now, whatever the period.",
        bool,
    )


FIELD = listed(
    "projects", projects.page, connection("Project", ProjectRow), ProjectFilter, "Projects active in the period."
)
