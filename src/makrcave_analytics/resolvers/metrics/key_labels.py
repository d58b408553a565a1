"""Names for the keys of a dimension, as the viewer may see them."""

from collections.abc import Iterable, Mapping

from makrcave_analytics.crypto import display_pseudonym
from makrcave_analytics.metrics.display.labels import ENTITIES, NONE, key_label
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.resolvers.metrics.scope import Question

Naming = Mapping[str | None, tuple[str | None, str]]
"""By key: the key that the viewer may see, and its label."""


async def name_keys(question: Question, by: Dimension, keys: Iterable[str | None]) -> Naming:
    """Return what stands for keys: a name, a pseudonym, a word; None for what names none is a key too."""
    known = list(dict.fromkeys(key for key in keys if key is not None))
    return {None: (None, NONE), **await _named(question, by, known)}


async def _named(question: Question, by: Dimension, keys: list[str]) -> dict[str | None, tuple[str | None, str]]:
    if not question.visibility.shows_keys(by):
        pseudonym = question.context.services.keys.pseudonym
        hidden = {key: pseudonym(question.scope.makerspace.id, key) for key in keys}
        return {key: (hidden[key], display_pseudonym(hidden[key])) for key in keys}
    if by in ENTITIES:
        named = await question.reading.names.load_many((ENTITIES[by], key) for key in keys)
        return {name.id: (name.id, name.label) for name in named}
    return {key: (key, key_label(by, key)) for key in keys}
