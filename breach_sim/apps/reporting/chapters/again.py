"""What a report was asked for, as plain data and as the command that makes it again.

A notebook takes plain values as parameters: an insurance becomes a dictionary, an appetite a list of pairs.
"""

from __future__ import annotations

import dataclasses
import math
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from breach_sim.inputs.firm.insurance import Layer, Program

OPTIONS = ("retention", "limit", "coinsurance")
"""Numbers of a layer that are options of the command."""


def plain_program(program: Program) -> dict[str, Any]:
    """An insurance as plain data.

    Parameters
    ----------
    program
        Insurance of a firm.

    Returns
    -------
    ``aggregate`` and ``layers``; an amount without limit is None. [USD]
    """
    layers = [
        {name: _plain(value) for name, value in dataclasses.asdict(layer).items()} for layer in program.layers
    ]
    return {"aggregate": _plain(program.aggregate), "layers": layers}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isinf(value):
        return None
    return list(value) if isinstance(value, tuple) else value


def program_of(plain: Mapping[str, Any] | None) -> Program | None:
    """The insurance of plain data: the inverse of :func:`plain_program`.

    Parameters
    ----------
    plain
        ``aggregate`` and ``layers``; None for no insurance.

    Returns
    -------
    The insurance, or None.

    Examples
    --------
    >>> whole = Program(layers=(Layer(name="first", retention=1e6),))
    >>> program_of(plain_program(whole)) == whole
    True
    """
    if plain is None:
        return None
    layers = []
    for layer in plain["layers"]:
        given = {name: value for name, value in layer.items() if value is not None}
        layers.append(Layer(**(given | {"lines": tuple(given.get("lines", ()))})))
    most = plain["aggregate"]
    return Program(layers=tuple(layers), aggregate=math.inf if most is None else most)


def appetite_of(pairs: Iterable[Sequence[float]] | None) -> dict[float, float] | None:
    """The appetite of plain data.

    Parameters
    ----------
    pairs
        Chance and amount of each; None for no appetite. (0, 1), [0, inf) [USD]

    Returns
    -------
    Amounts by chance, or None.
    """
    return None if pairs is None else {pair[0]: pair[1] for pair in pairs}


def asked_beside(
    can_start_on: float | None, program: Program | None, appetite: Mapping[float, float] | None
) -> dict[str, Any]:
    """What was asked for beside the run, as plain data.

    Parameters
    ----------
    can_start_on
        First day on which anything can be done, or None. [days after the sale]
    program, appetite
        Insurance and appetite of the firm, or None.

    Returns
    -------
    ``can_start_on``, ``program`` and ``appetite``, those that were given.
    """
    asked: dict[str, Any] = {} if can_start_on is None else {"can_start_on": can_start_on}
    if program is not None:
        asked["program"] = plain_program(program)
    if appetite is not None:
        asked["appetite"] = [[chance, usd] for chance, usd in appetite.items()]
    return asked


def command(
    scenario: str,
    *,
    seed: int,
    replicates: int,
    horizon_years: float,
    sampling: str = "sobol",
    calibrated: bool = True,
    can_start_on: float | None = None,
    program: Mapping[str, Any] | None = None,
    appetite: Iterable[Sequence[float]] | None = None,
) -> str:
    """The command that makes a report again.

    Parameters
    ----------
    scenario
        Name or file.
    seed, replicates, horizon_years, sampling, calibrated
        As for ``simulate``.
    can_start_on, program, appetite
        As :func:`asked_beside` gives them. An insurance that the options cannot say is left to the JSON of
        the page.

    Returns
    -------
    One line for a shell, whatever the name of the file.

    Examples
    --------
    >>> command("stated", seed=1, replicates=8_192, horizon_years=5, can_start_on=20.0)
    'breach-sim report stated --seed 1 --replicates 8192 --years 5 --can-start-on 20 --out report.html'
    """
    name = f"./{scenario}" if scenario.startswith("-") else scenario
    words = ["breach-sim", "report", name, "--seed", str(seed), "--replicates", str(replicates)]
    words += ["--years", f"{horizon_years:g}"] + ["--sampling", sampling] * (sampling != "sobol")
    words += [] if calibrated else ["--priors"]
    words += [] if can_start_on is None else ["--can-start-on", f"{can_start_on:g}"]
    words += [] if program is None else _insurance_words(program)
    for chance, usd in appetite or ():
        words += ["--appetite", f"{chance!r}={usd!r}"]
    return shlex.join([*words, "--out", "report.html"])


def _insurance_words(program: Mapping[str, Any]) -> list[str]:
    """Options that give an insurance of one layer on all lines; none for another insurance."""
    if len(program["layers"]) > 1 or program["layers"][0]["lines"]:
        return []
    (layer,) = program["layers"]
    numbers = {name: layer[name] for name in OPTIONS} | {"aggregate": program["aggregate"]}
    words = [
        word
        for name, value in numbers.items()
        if value is not None and (value or name == "retention")
        for word in (f"--{name}", f"{value!r}")
    ]
    for line, usd in layer["sublimits"].items():
        words += ["--sublimit", f"{line}={usd!r}"]
    return words
