"""Currencies (ISO 4217), and the number of their decimals."""

from functools import cache

from babel.numbers import list_currencies

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
UNUSUAL_DECIMALS = {
    code: decimals for codes, decimals in ((_NONE, 0), (_THREE, 3), (_FOUR, 4)) for code in codes.split()
}


def minor_units(currency: str) -> int:
    """Return how many decimals an amount can have: 2 for most currencies, 0 for the yen."""
    return UNUSUAL_DECIMALS.get(currency, 2)


def is_currency(code: str) -> bool:
    """Return whether a code in capitals is a currency."""
    return code in _known()


@cache
def _known() -> frozenset[str]:
    return frozenset(list_currencies())
