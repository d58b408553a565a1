"""What stands around the schema over HTTP: the guard of bodies, downloads, health, the console and the logs of it.

`build` makes the application of the parts that the composition root hands in. Holds no number and no SQL.
"""

from makrcave_analytics.web.body import BodyLimits
from makrcave_analytics.web.console import Console
from makrcave_analytics.web.routes import Parts, build

__all__ = ["BodyLimits", "Console", "Parts", "build"]
