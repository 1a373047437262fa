"""`abssim`: the program. Commands import what they need when they run, so that `--help` answers at once."""

from __future__ import annotations

import io
import os
import sys
import warnings
from typing import Annotated, Any

import typer

from abssim.cli.app import App
from abssim.cli.calibrate import calibrate
from abssim.cli.decrement import decrement
from abssim.cli.disclose import disclose
from abssim.cli.explain import explain
from abssim.cli.new import new
from abssim.cli.price import price
from abssim.cli.run import run
from abssim.cli.simulate import simulate
from abssim.cli.solve import solve
from abssim.cli.sweep import sweep
from abssim.cli.tape import tape_app
from abssim.errors import Notice

app = App(
    name="abssim",
    help="Cash-flow simulator for consumer asset-backed securities: from loan tape to tranche table.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run)
app.command("simulate")(simulate)
app.command("decrement")(decrement)
app.command("price")(price)
app.command("sweep")(sweep)
app.command("solve")(solve)
app.command("explain")(explain)
app.command("disclose")(disclose)
app.command("calibrate")(calibrate)
app.command("new")(new)
app.add_typer(tape_app, name="tape")


def _version(wanted: bool) -> None:
    if wanted:
        import abssim

        sys.stdout.write(f"abssim {abssim.__version__}\n")
        sys.stdout.flush()
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Cash-flow simulator for consumer asset-backed securities: from loan tape to tranche table."""


def _show_warning(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    """A notice is a line without the place in the code; other warnings are for who looks into the code."""
    from abssim.cli.terminal import tell

    if issubclass(category, Notice):
        tell(str(message))
    elif os.environ.get("ABSSIM_DEBUG"):
        tell(warnings.formatwarning(message, category, *place[:3]))


def main() -> None:
    """Run the command line; the exit code is 0 (ok), 1 (run failed), 2 (bad input), 3 (a check failed) or 130
    (stopped by the user, or asked to end)."""
    warnings.showwarning = _show_warning
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="abssim")
    except Exception as error:
        from abssim.cli.terminal import tell_error

        sys.exit(tell_error(error))
