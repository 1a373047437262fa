"""A deal folder to start from."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from abssim.errors import AbssimError, FileError, Problem
from abssim.file import target_problems
from abssim.folder import swapping
from abssim.lookup import places

TEMPLATE = "template"


def new(folder: str | Path) -> Path:
    """Copy the template deal to a folder, which must not exist; returns its path. Codes: E004, E022 to E024."""
    target = Path(folder)
    template = next((place / TEMPLATE for place in places("deals") if (place / TEMPLATE / "deal.yaml").exists()), None)
    if template is None:
        raise AbssimError(Problem("E004", str(target), "", f"no deals/{TEMPLATE} to copy from"))
    if os.path.lexists(target):
        raise AbssimError(Problem("E004", str(target), "", "exists already", "choose another name"))
    if problems := target_problems(target, folder=True):
        raise FileError(problems)
    with swapping(target) as staged:
        for file in sorted(template.iterdir()):
            shutil.copy(file, staged)
    return target
