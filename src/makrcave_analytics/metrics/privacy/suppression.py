"""Which groups of people are too small to be shown, given how large all of them are. Knows no metric."""

from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

K = TypeVar("K", bound=tuple[Hashable, ...])


def too_small(sizes: Mapping[K, Decimal], least: int) -> set[K]:
    """Return the keys of groups to hide: nought too, which would tell the others apart.

    Keys have one part a dimension. Where of all groups that differ in one dimension only a single one is hidden, the
    next larger of them is hidden with it, or their total would give it away.
    """
    hidden = {key for key, size in sizes.items() if size < least}
    lines = _lines(sizes)
    is_safe = False
    while not is_safe:
        is_safe = True
        for line in lines:
            shown = [key for key in line if key not in hidden]
            if shown and len(line) - len(shown) == 1:
                hidden.add(min(shown, key=lambda key: sizes[key]))
                is_safe = False
    return hidden


def _lines(keys: Iterable[K]) -> list[list[K]]:
    """Return the groups that differ in one dimension only, for each dimension and all that they share."""
    lines: dict[Hashable, list[K]] = {}
    for key in keys:
        for axis in range(len(key)):
            lines.setdefault((axis, key[:axis], key[axis + 1 :]), []).append(key)
    return list(lines.values())
