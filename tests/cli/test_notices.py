"""What has no effect is said on standard error, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess


def test_rules_and_rates_without_effect_are_said(
    abssim: Callable[..., CompletedProcess[str]], root: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.yaml"
    odd.write_text(
        "name: odd\nreason: a slip\nbase: deal\n"
        "assumptions:\n  - {where: {grade: ZZZ}, default: {cdr_pct: 90}}\nrates: {sofrr: {shock_bps: 3}}\n"
    )
    answer = abssim("run", str(root / "deals" / "template"), "-s", str(odd))
    assert answer.returncode == 0
    assert "no loan meets grade" in answer.stderr
    assert "no index sofrr" in answer.stderr
    stressed = abssim("run", str(root / "deals" / "honda-2009-1"), "-s", "stress")
    assert "the deal's base scenario has none" in stressed.stderr


def test_defaults_that_a_pool_cannot_have_are_said(
    abssim: Callable[..., CompletedProcess[str]], root: Path, tmp_path: Path
) -> None:
    """Late defaults of most of the template's pool find it amortized."""
    late = tmp_path / "late.yaml"
    late.write_text("name: late\nreason: t\nbase: deal\nassumptions: [{default: {cumulative_pct: 90, timing: back}}]\n")
    deal = str(root / "deals" / "template")
    commands = (("run", deal), ("price", deal, "--price", "100"), ("decrement", deal, "--speed", "cpr:10"))
    for command in commands:
        answer = abssim(*command, "-s", str(late))
        assert answer.returncode == 0, answer.stderr
        assert "has amortized before" in answer.stderr, command[0]
    assert "has amortized" not in abssim("decrement", deal, "--speed", "cpr:10").stderr
