"""Sums divided to the cent."""
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def allot(cents: int, shares: Sequence[int]) -> list[int]:
    """The cents divided by the shares, by the method of largest remainders: each first gets the whole cents of its exact part, and what is left
    over goes, a cent each, to those whose part was cut the most. Of equal remainders the larger share goes first, then the order of the parties.

    Source: Hamilton's method, M. L. Balinski and H. P. Young, Fair Representation: Meeting the Ideal of One Man, One Vote (1982).
    A negative sum is divided as the positive one, so that a correction takes back exactly what it would have given.
    """
    whole = sum(shares)
    if whole <= 0 or min(shares) < 0:
        raise ValueError("shares are not negative, and one of them is more than nothing")
    size = abs(cents)
    parts = [size * share // whole for share in shares]
    order = sorted(range(len(shares)), key=lambda one: (-(size * shares[one] % whole), -shares[one], one))
    for one in order[: size - sum(parts)]:
        parts[one] += 1
    return parts if cents >= 0 else [-part for part in parts]


def in_cents(amount: Decimal) -> int:
    """Euros as cents; half a cent goes away from zero."""
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))
