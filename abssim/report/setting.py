"""Values set by path, as a part of JSON documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def settings_part(settings: Mapping[str, Any]) -> dict[str, Any]:
    """`{"settings": {path: value}}`, or nothing where nothing was set; dates ISO."""
    return {"settings": json.loads(json.dumps(dict(settings), default=str))} if settings else {}
