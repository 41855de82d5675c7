"""Options that many commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Sampling = Annotated[
    Literal["sobol", "plain"],
    typer.Option(help="How parameters are drawn: evenly spread points, or independent replicates."),
]
