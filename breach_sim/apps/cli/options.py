"""Options that many commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Elsewhere = Annotated[
    str,
    typer.Option(
        "--elsewhere",
        help="What can be looked up about a person: 'catalog', 'none', or a TOML file of your own.",
        metavar="FILE.toml",
    ),
]
Sampling = Annotated[
    Literal["sobol", "plain"],
    typer.Option(help="How parameters are drawn: evenly spread points, or independent replicates."),
]
