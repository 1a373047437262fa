"""`abssim new`: a deal folder from the template."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to make, such as deals/my-deal.")],
) -> None:
    """Make a deal folder to start from; nothing that exists is overwritten."""
    from abssim.cli.terminal import tell
    from abssim.study.template import new as make

    make(folder)
    tell(f"made {folder}; edit {folder / 'deal.yaml'}, then: abssim run {quote(str(folder))}")
