"""Why it matters which field a firm does not store: what is dropped can be looked up elsewhere.

Not here: how much the harm falls (``mitigated_runs``), and which fields suffice (``inputs.requirements``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from breach_sim.formatting.digits import out_of
from breach_sim.inputs.changes import Drop
from breach_sim.inputs.fields import FIELD_LABELS, mask
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.inputs.requirements import Chances

_SPOKEN = ("SSN",)
"""Labels that begin with a consonant and are spoken with a vowel."""
_PART = {"ssn": "ssn_last4"}
"""Field that is a part of another."""


def left_without(graph: AttackGraph, harm: str, leaked: Iterable[str]) -> dict[str, float]:
    """Return the chance that an attack stays possible if a field had not leaked.

    Parameters
    ----------
    graph
        The attacks, and what can be looked up.
    harm
        Name of an attack, or "any" for at least one attack.
    leaked
        Leaked fields of an account.

    Returns
    -------
    By leaked field on which the attack rests, the one that decides first: without it the attack stays
    possible for the fewest people. Fields without which nothing changes are left out. Empty if the attack is
    not possible. At the central values of the shares, every trait and earlier success assumed. [probability]

    Raises
    ------
    ValueError
        If the harm or a field is unknown.
    """
    lost = tuple(leaked)
    chance = Chances(graph, harm)
    whole = chance(mask(lost))
    without = {name: chance(mask(lost) & ~mask([name])) for name in lost}
    falls = {name: left for name, left in without.items() if left < whole}
    return dict(sorted(falls.items(), key=lambda item: item[1]))


def deciding(graph: AttackGraph, harm: str, leaked: Iterable[str]) -> str:
    """Return in words which leaked field decides whether an attack is possible.

    Parameters
    ----------
    graph, harm, leaked
        As for :func:`left_without`.

    Returns
    -------
    Two sentences; "" if no single field decides.

    Raises
    ------
    ValueError
        If the harm or a field is unknown.
    """
    left = left_without(graph, harm, leaked)
    if not left:
        return ""
    label = "any attack" if harm == "any" else graph[harm].label
    first, *others = left
    text = f"{label}: the {FIELD_LABELS[first]} decides. Without it the attack stays possible for "
    text += out_of(left[first])
    rest = [f"without the {FIELD_LABELS[name]} for {out_of(left[name])}" for name in others]
    return f"{'; '.join([text, *rest])}."


def why_first(graph: AttackGraph, averted: Sequence[tuple[Mitigation, float]]) -> str:
    """Return in words why one dropped field averts more than others.

    Parameters
    ----------
    graph
        The attacks of the comparison, and what can be looked up.
    averted
        Mitigations and the mean loss that each averts. [USD]

    Returns
    -------
    One sentence for how many people each field can be looked up, at the central values of the shares; before
    it one that says which field averts the most, if one does. "" if nothing can be looked up, or fewer than
    two of the mitigations drop one field.
    """
    lookups = graph.lookups
    dropped = {field: usd for each, usd in averted if (field := _dropped(each))}
    names = {_dropped(each): each.name for each, _ in averted}
    if lookups is None or len(dropped) < 2:  # noqa: PLR2004 - one field is compared with none
        return ""
    shares = {name: lookups[name].share.central if name in lookups else 0.0 for name in dropped}
    by_loss = sorted(dropped, key=lambda name: (-dropped[name], shares[name]))
    first, *others = by_loss
    hardest = all(shares[first] < shares[name] for name in others)
    because = ", because it is the hardest to find elsewhere" if hardest else ""
    head = f"{names[first]} averts the most of the dropped fields{because}. "
    if any(dropped[name] == dropped[first] for name in others):
        head = ""
    in_order = (first, *sorted(others, key=lambda name: shares[name]))
    # "Can be looked up" is said once, of the first field that can.
    said = [f"{_named(name)} cannot be looked up" for name in in_order if not shares[name]]
    found = [f"{_named(name)} for about {out_of(shares[name])}" for name in in_order if shares[name]]
    if found:
        said.append(", ".join(found).replace(" for about", " can be looked up for about", 1))
    facts = ", ".join(said)
    return f"{head}{facts[0].upper()}{facts[1:]}."


def _dropped(mitigation: Mitigation) -> str:
    """The one field that a mitigation drops, with its parts; "" if it does anything else."""
    if len(mitigation.changes) != 1:
        return ""
    (change,) = mitigation.changes
    if not isinstance(change, Drop) or change.by:
        return ""
    first, *others = change.fields
    return first if set(others) <= {_PART.get(first)} else ""


def _named(name: str) -> str:
    """The label of a field with the indefinite article."""
    label = FIELD_LABELS[name]
    return f"{'an' if label in _SPOKEN or label[0].lower() in 'aeio' else 'a'} {label}"
