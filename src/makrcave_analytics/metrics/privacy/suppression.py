"""Suppression: which groups of people are hidden, from the sizes of all groups. Knows no metric."""

from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

K = TypeVar("K", bound=tuple[Hashable, ...])


def too_small(sizes: Mapping[K, Decimal], least: int) -> set[K]:
    """Return the keys of the groups to hide: those of fewer than `least` people, of 0 too.

    Keys have one part per dimension. Where a single group is hidden among all that differ in one dimension only, the
    next larger one is hidden with it; otherwise their total would reveal it.
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
    """Return the lists of groups that differ in one dimension only, for each dimension."""
    lines: dict[Hashable, list[K]] = {}
    for key in keys:
        for axis in range(len(key)):
            lines.setdefault((axis, key[:axis], key[axis + 1 :]), []).append(key)
    return list(lines.values())
