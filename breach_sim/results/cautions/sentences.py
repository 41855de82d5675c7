"""Parts of notes: alternatives in words, small numbers, and lists that fit into one note.

Not here: what the notes say (``zeros``, ``limits``, ``countries``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from breach_sim.formatting.digits import human, significant
from breach_sim.inputs.fields import FIELD_LABELS

LONGEST = 300
"""Most characters of a note."""
_ALTERNATIVES = 3
"""Most alternatives that are named."""


def either(sets: Sequence[Sequence[str]]) -> str:
    """Return alternative sets of fields in words, the first of many.

    Parameters
    ----------
    sets
        Sets of fields.

    Returns
    -------
    Text such as "SSN or name and birth date".

    Examples
    --------
    >>> either([("ssn",), ("full_name", "imei")]), either([("a",), ("b",), ("c",), ("d",), ("e",)])
    ('SSN or name and IMEI', 'a or b or c or 2 others')
    """
    words = [" and ".join(FIELD_LABELS.get(name, name) for name in fields) for fields in sets[:_ALTERNATIVES]]
    more = len(sets) - _ALTERNATIVES
    others = [f"{more} others" if more > 1 else "another"] if more > 0 else []
    return " or ".join([*words, *others])


def as_many(expected: float) -> str:
    """Return an expected number to two digits.

    Parameters
    ----------
    expected
        Mean number. [0, inf)

    Returns
    -------
    Text without leading zeros beyond what two digits need; "under 0.0001" for less.

    Examples
    --------
    >>> as_many(1234.0), as_many(0.0371), as_many(1e-7), as_many(0.0)
    ('1,200', '0.037', 'under 0.0001', '0')
    """
    if 0 < expected < 1e-4:  # noqa: PLR2004 - below this a number has too many zeros to be read
        return "under 0.0001"
    return human(significant(expected, 2))


def listed_within(
    lead: str,
    items: Sequence[str],
    rest: Callable[[int], str],
    longest: int = LONGEST,
    between: str = "; ",
) -> str:
    """Return a sentence that lists as many items as fit.

    Parameters
    ----------
    lead
        Beginning of the sentence.
    items
        Items in the order of their weight.
    rest
        What is said of the others if so many are named; "" for nothing.
    longest
        Most characters. [1, inf)
    between
        Between two items.

    Returns
    -------
    The sentence, with a full stop. If not even one item fits, the first is shortened.

    Examples
    --------
    >>> listed_within("Open: ", ["a" * 5, "b" * 5, "c" * 5], lambda n: f"{3 - n} more" if n < 3 else "", 22)
    'Open: aaaaa; 2 more.'
    """
    for named in range(len(items), 0, -1):
        text = lead + between.join([*items[:named], *filter(None, [rest(named)])]) + "."
        if len(text) <= longest:
            return text
    return f"{text[: longest - 3]}..."
