"""GraphiQL, for people who explore the API: a public page without data, but for what the demo fills in.

page        the page, its policy, and the examples of examples/
"""

from makrcave_analytics.web.console.page import Console, examples

__all__ = ["Console", "examples"]
