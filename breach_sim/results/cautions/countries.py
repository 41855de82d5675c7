"""Countries of the people: what a run says where its numbers were read off in another country.

Not here: which attacks exist in which countries (``inputs.graph``), and the numbers (``catalog``).
"""

from __future__ import annotations

from collections.abc import Sequence

from breach_sim.formatting.display import listed
from breach_sim.inputs.graph import AttackGraph
from breach_sim.inputs.published import abroad
from breach_sim.results.cautions.sentences import listed_within

NAMES = {"US": "the United States"}
"""Countries from which numbers were read off, in words."""
_READ = "rates, traits, background and losses of the attacks"


def country_notes(countries: Sequence[str], graph: AttackGraph) -> tuple[str, ...]:
    """Return cautions where the people live elsewhere than where the numbers of the attacks were read off.

    Parameters
    ----------
    countries
        Codes of the countries of the people; empty if nothing says where they live.
    graph
        Attacks of the run, with the country of their numbers.

    Returns
    -------
    None if all people live there, or if the graph names no country; otherwise one or two. One that says whose
    numbers they are if the country has numbers of its own.
    """
    if graph.country is not None:
        absent = [attack.label for attack in graph.attacks if attack.name in graph.country.absent]
        own = [one.name for one in graph.estimates() if one.name in graph.country.replaced]
        return (graph.country.caution(own, absent),)
    home, where = graph.home, listed(countries, 8)
    there = NAMES.get(home, home)
    if not home or set(countries) == {home}:
        return ()
    only = [attack for attack in graph.attacks if attack.countries]
    if not countries:
        note = f"Where the people live is not stated: rates and losses of {there} are assumed for all"
        open_ones = [attack.label for attack in only if attack.routes]
        if open_ones:
            note += f"; attacks that exist in few countries are open to all ({listed(open_ones, 3)})"
        return (f"{note}. State the countries to change this.",)
    if home in countries:
        others = listed([code for code in countries if code != home], 8)
        note = f"Some of the people live in {others}: {_READ} were read off {there} and are applied to all:"
        return (f"{note} assumed, not measured in those countries.",)
    note = f"The people live in {where}: {_READ} were read off {there} and are applied as they stand:"
    notes = [f"{note} assumed, not measured there."]
    left_out = [attack.label for attack in only if abroad(countries, attack.countries)]
    if left_out:
        lead = f"Left out, because they do not exist in {where}: "
        notes.append(listed_within(lead, left_out, lambda named: _more(len(left_out) - named), between=", "))
    return tuple(notes)


def _more(others: int) -> str:
    return f"{others} more" if others else ""
