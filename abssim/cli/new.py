"""`abssim new`: a deal folder from the template."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from abssim.errors import AbssimError, FileError, Problem
from abssim.lookup import places

TEMPLATE = "template"


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to make, such as deals/my-deal.")],
) -> None:
    """Make a deal folder to start from; nothing that exists is overwritten."""
    from abssim.cli.terminal import tell
    from abssim.file import target_problems
    from abssim.folder import swapping

    template = next((place / TEMPLATE for place in places("deals") if (place / TEMPLATE / "deal.yaml").exists()), None)
    if template is None:
        raise AbssimError(Problem("E004", str(folder), "", f"no deals/{TEMPLATE} to copy from"))
    if os.path.lexists(folder):
        raise AbssimError(Problem("E004", str(folder), "", "exists already", "choose another name"))
    if problems := target_problems(folder, folder=True):
        raise FileError(problems)
    with swapping(folder) as staged:
        for each in sorted(template.iterdir()):
            shutil.copy(each, staged)
    tell(f"made {folder}; edit {folder / 'deal.yaml'}, then: abssim run {folder}")
