"""What stands around the schema over HTTP: guard of bodies, downloads, health, console, a page for mail, their logs.

`build` makes the application of the parts that the composition root hands in. Holds no number and no SQL.
"""

from makrcave_analytics.web.body import BodyLimits
from makrcave_analytics.web.console import Console
from makrcave_analytics.web.routes import Parts, build

__all__ = ["BodyLimits", "Console", "Parts", "build"]
