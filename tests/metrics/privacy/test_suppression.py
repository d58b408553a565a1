"""Small groups are hidden, and also those that would reveal them."""

from decimal import Decimal

import pytest

from makrcave_analytics.metrics.privacy.suppression import too_small

LEAST = 5


def hidden(*rows: str) -> list[str]:
    """Return a grid of group sizes with an x for each hidden one."""
    cells = {(y, x): Decimal(size) for y, row in enumerate(rows) for x, size in enumerate(row.split())}
    small = too_small(cells, LEAST)
    return [
        " ".join("x" if (y, x) in small else size for x, size in enumerate(row.split())) for y, row in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("12 7 9", "12 7 9"),
        ("12 7 4", "12 x x"),  # if only 4 were hidden, the total less 19 would reveal it
        ("12 3 4", "12 x x"),
        ("12 7 0", "12 x x"),  # 0 too
        ("4", "x"),
        ("5", "5"),
    ],
)
def test_along_one_dimension(sizes: str, expected: str) -> None:
    cells = {(place,): Decimal(size) for place, size in enumerate(sizes.split())}
    small = too_small(cells, LEAST)
    assert " ".join("x" if (n,) in small else size for n, size in enumerate(sizes.split())) == expected


def test_along_two_dimensions_neither_a_row_nor_a_column_reveals_one() -> None:
    # With the 3 the 7 in its row and the 6 in its column are hidden; with those the 9.
    assert hidden("20 7 3", "30 9 6", "40 50 60") == ["20 x x", "30 x x", "40 50 60"]
    assert hidden("20 7", "30 9") == ["20 7", "30 9"]
    assert hidden("2 7", "30 9") == ["x x", "x x"]
