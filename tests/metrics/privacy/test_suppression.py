"""Groups that are too small, and those that would give them away."""

from decimal import Decimal

import pytest

from makrcave_analytics.metrics.privacy.suppression import too_small

LEAST = 5


def hidden(*rows: str) -> list[str]:
    """Groups as a grid of sizes, rows by columns; hidden ones as they come out, marked by an x."""
    cells = {(y, x): Decimal(size) for y, row in enumerate(rows) for x, size in enumerate(row.split())}
    small = too_small(cells, LEAST)
    return [
        " ".join("x" if (y, x) in small else size for x, size in enumerate(row.split())) for y, row in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("12 7 9", "12 7 9"),
        ("12 7 4", "12 x x"),  # with 4 alone the total less 19 would tell it
        ("12 3 4", "12 x x"),
        ("12 7 0", "12 x x"),  # nought too
        ("4", "x"),
        ("5", "5"),
    ],
)
def test_along_one_dimension(sizes: str, expected: str) -> None:
    cells = {(place,): Decimal(size) for place, size in enumerate(sizes.split())}
    small = too_small(cells, LEAST)
    assert " ".join("x" if (n,) in small else size for n, size in enumerate(sizes.split())) == expected


def test_along_two_dimensions_neither_a_row_nor_a_column_gives_one_away() -> None:
    # The 3 takes the 7 beside it and the 6 below it; those take the 9.
    assert hidden("20 7 3", "30 9 6", "40 50 60") == ["20 x x", "30 x x", "40 50 60"]
    assert hidden("20 7", "30 9") == ["20 7", "30 9"]
    assert hidden("2 7", "30 9") == ["x x", "x x"]
