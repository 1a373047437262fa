"""From names on the command line to a compiled deal and its scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from abssim.cli.option import OnBadRow
from abssim.cli.output import tape_files
from abssim.cli.terminal import tell
from abssim.errors import AbssimError, DealError, Problem, did_you_mean
from abssim.lookup import look, places

if TYPE_CHECKING:
    from abssim.deal.deal import Deal
    from abssim.program.compile import CompiledDeal
    from abssim.result import Origin, RunResult
    from abssim.scenario.scenario import Scenario
    from abssim.tape.read import TapeReading


def find_deal(name: str) -> Path:
    """The path as given, or the folder of that name in `deals/`; `.` and `..` are no names."""
    given = Path(name)
    homes = places("deals") if given.name not in ("", "..") else ()
    found = [path for path in (given, *(place / name for place in homes)) if path.exists()]
    others = {path.resolve(): path for path in reversed(found[1:]) if not path.samefile(found[0])}
    for other in others.values():
        tell(f"deal {name} is {found[0].resolve()}; to mean {other}, name it by this path")
    if found:
        return found[0]
    known = [folder.name for place in places("deals") for folder in place.iterdir() if (folder / "deal.yaml").exists()]
    raise DealError(Problem("E001", name, "", "no such deal", did_you_mean(given.name, known)))


def open_deal(name: str) -> Deal:
    """The deal document."""
    from abssim.deal.load import load_deal

    return load_deal(find_deal(name))


def resize(deal: Deal, loans: int | None, tape: Sequence[str] | None = None) -> Deal:
    """The deal with so many loans in each synthetic pool it opens with, if any number is given; balances stay."""
    if loans is None:
        return deal
    if tape:
        text = "--synthetic-loans and --tape exclude each other"
        raise AbssimError(Problem("E007", deal.name, "", text, "a tape has the loans it has"))
    synthetic = {name: pool.synthetic for name, pool in deal.pools.items() if pool.synthetic is not None}
    if not synthetic:
        hint = "pools on tapes have the loans they have"
        raise DealError(Problem("E021", deal.name, "--synthetic-loans", "no pool of the deal is synthetic", hint))
    larger = {name: made.model_copy(update={"loans": loans}) for name, made in synthetic.items()}
    pools = {name: deal.pools[name].model_copy(update={"synthetic": made}) for name, made in larger.items()}
    return deal.model_copy(update={"pools": deal.pools | pools})


@dataclass(frozen=True)
class TapeChoice:
    """What the user says of the deal's tapes: other files, how to read them, what a bad row does."""

    tape: Sequence[str] | None = None
    on_bad_row: OnBadRow = OnBadRow.fail
    read: Sequence[str] | None = None
    mapping: Sequence[str] | None = None


def compile_with_tape(deal: Deal, choice: TapeChoice) -> CompiledDeal:
    """The deal with its own tape, or with the user's; what was noticed on tapes goes to standard error."""
    from abssim.program.compile import compile_deal

    if choice.read or choice.mapping:
        deal = _with_reading(deal, choice)
    compiled = compile_deal(deal, tape_files(choice.tape) or None, choice.on_bad_row.value)
    for reading in compiled.assets.readings:
        tell_notes(reading)
    _tell_size(compiled)
    return compiled


def _with_reading(deal: Deal, choice: TapeChoice) -> Deal:
    """The deal whose tapes are read as the command line says, over what the deal says."""
    from abssim.collateral.tapes import tapes_by_pool
    from abssim.deal.pool import TapeSource
    from abssim.tape.option import reading_settings
    from abssim.tape.setting import reading_of

    said = reading_settings(choice.read or (), choice.mapping or ())
    named = [name for name, pool in deal.pools.items() if pool.tape is not None]
    named += [name for name in tapes_by_pool(deal, tape_files(choice.tape)) if name not in named]
    if not named:
        raise DealError(Problem("E007", deal.name, "--read, --map", "no pool of the deal reads a tape", "give --tape"))
    pools = {}
    for name in named:
        source = deal.pools[name].tape or TapeSource()
        terms = source.model_dump(exclude={"file"}, exclude_defaults=True)
        for key, value in said.items():
            terms[key] = {**terms.get(key, {}), **value} if isinstance(value, dict) else value
        how = reading_of(terms, "--read, --map").model_dump(exclude_defaults=True)
        pools[name] = deal.pools[name].model_copy(update={"tape": TapeSource(file=source.file, **how)})
    return deal.model_copy(update={"pools": deal.pools | pools})


def tell_notes(reading: TapeReading) -> None:
    """What was recognised, derived, assumed and left unused, on standard error."""
    for note in reading.notes:
        tell(f"{reading.source}: {note}")


def _tell_size(compiled: CompiledDeal) -> None:
    """Say that the notes are not of the size of the pool: a tape of another deal, or a slip in a balance."""
    from abssim.engine.state import block
    from abssim.kind.note import NoteField
    from abssim.kind.pool import PoolField
    from abssim.table.number import exact

    initial, layout = compiled.program.code.initial.reshape(-1), compiled.layout
    notes = int(block(initial, layout, "note")[:, NoteField.BALANCE].sum())
    pool, money = int(block(initial, layout, "pool")[0, PoolField.CLOSING_BALANCE]), exact(compiled.deal.currency)
    if notes > MOST_NOTES * pool:
        tell(
            f"{compiled.deal.name}: the notes ({money.text(notes)}) exceed the pool ({money.text(pool)}): its credit "
            "enhancement is negative; give notes of the size of the pool, or its tape"
        )


MOST_NOTES = 1.25
"""Notes per unit of pool beyond which the two are hardly those of one deal."""


def open_compiled(deal: str, loans: int | None, choice: TapeChoice) -> CompiledDeal:
    """The deal by its name, its synthetic pools with so many loans, or with the user's tape."""
    return compile_with_tape(resize(open_deal(deal), loans, choice.tape), choice)


def open_scenarios(compiled: CompiledDeal, names: Sequence[str] | None) -> list[Scenario]:
    """The scenarios asked for, on top of the deal's base scenario where they say so; or that base scenario.

    `deal` and the base scenario's own name mean the latter, before any file.
    """
    from abssim.program.policy import require_policies
    from abssim.scenario.load import load_scenario

    base = base_scenario(compiled.deal)
    found = _apart([load_scenario(name, deal=base) for name in names or ()], names or ()) or [base]
    for name in names or ():
        _tell_hidden(name, compiled.deal, base)
    for scenario in found:
        require_policies(compiled, scenario)
    return found


def require_loans(compiled: CompiledDeal, option: str) -> None:
    """Refuse what cannot be told of a deal whose pools are a servicer's figures."""
    from abssim.program.notice import figure_pools, has_no_loans

    if has_no_loans(compiled):
        text = (
            f"the pools ({', '.join(figure_pools(compiled))}) are a servicer's figures, the same under all assumptions"
        )
        hint = "give the pool a tape, replines or a synthetic tape"
        raise AbssimError(Problem("E015", compiled.deal.name, option, text, hint))


def tell_notices(results: Iterable[Origin]) -> None:
    """Say on standard error what had no effect, each thing once."""
    for notice in dict.fromkeys(notice for result in results for notice in result.notices):
        tell(notice)


def tell_call(result: RunResult) -> None:
    """Say that the buyer pays more for the pool than it is worth, if so."""
    from abssim.measure.call import exercised_call
    from abssim.table.number import exact

    call, money = exercised_call(result), exact(result.currency)
    if call is not None and call.excess:
        tell(
            f"scenario {result.scenario_name}: the call on {call.date} pays {money.text(call.price)} for a pool of "
            f"{money.text(call.pool_balance)}, so to call the notes have {money.text(call.excess)} more than their pool"
        )


def _apart(found: Sequence[Scenario], given: Sequence[str]) -> list[Scenario]:
    """The scenarios with names that tables and files tell apart: one whose name is taken is called by what was typed
    too. The same scenario twice is refused."""
    named: dict[str, Scenario] = {}
    for scenario, typed in zip(found, given, strict=True):
        label = scenario.name if look(scenario.name) not in named else f"{scenario.name} ({typed})"
        if scenario in named.values() or look(label) in named:
            text = "this scenario is there already, or another of this name"
            raise AbssimError(Problem("E010", typed, "-s", text, "name each once, or give it its own name"))
        named[look(label)] = scenario if label == scenario.name else scenario.model_copy(update={"name": label})
    return list(named.values())


def _tell_hidden(name: str, deal: Deal, base: Scenario) -> None:
    """Say which scenarios of the same name are not meant."""
    from abssim.scenario.load import DEAL, scenario_files

    own = name in (DEAL, base.name) and name != deal.scenario
    files = scenario_files(name)
    for file in files if own else files[1:]:
        meant = "the deal's own" if own else f"that of {files[0]}"
        tell(f"scenario {name} is {meant}; to mean {file}, name it by this path")


def base_scenario(deal: Deal) -> Scenario:
    """The scenario a deal names or spells out."""
    from abssim.scenario.load import load_scenario, parse_scenario

    if isinstance(deal.scenario, str):
        return load_scenario(deal.scenario)
    assert deal.document is not None, "a scenario written into a deal is read from its document"
    return parse_scenario(deal.document.part("scenario"))
