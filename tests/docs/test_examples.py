"""The examples in the docstrings of the package and of its public names give what they show."""

from __future__ import annotations

import doctest
import warnings
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import abssim.valuation
from abssim.errors import Notice
from abssim.public import HOMES

ROOT = Path(__file__).resolve().parents[2]
VALUATION = [f"abssim.valuation.{module.name}" for module in iter_modules(abssim.valuation.__path__)]
MODULES = ["abssim", *sorted(set(HOMES.values())), "abssim.valuation", *VALUATION]
FOUND = [test for name in MODULES for test in doctest.DocTestFinder().find(import_module(name))]
EXAMPLES = {test.name: test for test in FOUND if test.examples}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    told: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(EXAMPLES[name], out=told.append)
    assert not result.failed, "".join(told)


def test_functions_by_name_have_examples() -> None:
    """Those of the rooms that users enter first."""
    shown = {test.name.rpartition(".")[2] for test in EXAMPLES.values()}
    assert {"run", "simulate", "study_deal", "decrement", "price", "compile_deal", "load_deal"} <= shown
