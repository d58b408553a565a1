"""GraphiQL, to explore the API. The page is public and holds no data but what the demo fills in.

page        the page, its policy, and the examples of examples/
"""

from makrcave_analytics.web.console.page import Console, examples

__all__ = ["Console", "examples"]
