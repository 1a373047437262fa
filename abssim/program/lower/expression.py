"""Postfix code to register operations: a value that waits for its operator waits in a register of its own."""

from __future__ import annotations

from abssim.engine.deal.operation import Amount, Number, Past
from abssim.engine.program import Op
from abssim.program.lower.assembler import Assembler

_UNARY = {Op.NEGATE: Number.NEGATE, Op.NOT: Number.NOT, Op.ABSOLUTE: Number.ABSOLUTE}
_WINDOW = {Op.AVERAGE: Past.AVERAGE, Op.HIGHEST: Past.HIGHEST, Op.LOWEST: Past.LOWEST, Op.TOTAL: Past.TOTAL}
_ROUNDING = {Op.ROUND: Past.ROUND, Op.FLOOR: Past.FLOOR, Op.CEIL: Past.CEIL}


def number(asm: Assembler, expression: int) -> int:
    """Register of the value of an expression: no number where it depends on something divided by nothing."""
    asm.begin_expression()
    return _evaluate(asm, _instructions(asm, expression))


def _instructions(asm: Assembler, expression: int) -> list[list[int]]:
    first, last = asm.program.code.expression[expression].tolist()
    return list(asm.program.code.instruction[first:last].tolist())


def _evaluate(asm: Assembler, instructions: list[list[int]]) -> int:
    stack: list[int] = []
    for op, arg, aux in instructions:
        if op <= Op.SCHEDULE:
            stack.append(_read(asm, op, arg, aux))
        elif op in _UNARY:
            stack.append(_operate(asm, _UNARY[Op(op)], stack.pop()))
        elif op == Op.TABLE:
            stack.append(_operate(asm, Past.TABLE, stack.pop(), arg, aux))
        else:
            count = 3 if op == Op.SELECT else 2
            stack, operands = stack[:-count], stack[-count:]
            stack.append(_operate(asm, _operator(Op(op)), *operands))
    return stack[0]


def _operator(op: Op) -> Number | Past:
    return Number.CHOOSE if op == Op.SELECT else _ROUNDING[op] if op in _ROUNDING else Number[op.name]


def _operate(asm: Assembler, op: int, *arguments: int) -> int:
    register = asm.temporary()
    asm.emit(op, register, *arguments)
    return register


def _read(asm: Assembler, op: int, arg: int, aux: int) -> int:
    """Register of a constant, of something of the state, of a definition, of a window or of the date."""
    code = asm.program.code
    if op == Op.CONSTANT:
        return asm.literal(float(code.constant[arg]))
    if op <= Op.LOAD_MARK:
        return _load(asm, op, asm.position(arg), aux)
    if op <= Op.DEFINITION_MARK:
        return _definition(asm, op, arg, aux)
    if op == Op.SCHEDULE:
        return _operate(asm, Number.DATE, asm.number_by_date(code.schedule[arg]))
    return _operate(asm, _WINDOW[Op(op)], asm.kept[arg], arg, aux, int(code.known[arg]))


def _load(asm: Assembler, op: int, slot: int, mark: int) -> int:
    """What is in a slot, was in it one or two dates ago, or on the date of a mark (which may be the closing)."""
    if op == Op.LOAD_MARK and mark == 0:
        return asm.literal(float(asm.initial[slot]))
    if op == Op.LOAD_MARK:
        return _operate(asm, Number.LOAD_MARK, slot, asm.latched[mark][slot], asm.mark(mark))
    source = {Op.LOAD_PREVIOUS: asm.before, Op.LOAD_EARLIER: asm.two_before}.get(Op(op), int)(slot)
    return _operate(asm, Number.LOAD, source)


def _definition(asm: Assembler, op: int, column: int, mark: int) -> int:
    """A definition's value on this date, one or two dates ago, or on the date of a mark."""
    if op == Op.DEFINITION:
        return asm.kept[column]
    if op == Op.DEFINITION_MARK:
        return _operate(asm, Past.MARKED, column, asm.mark(mark), asm.kept[column])
    ago = 1 if op == Op.DEFINITION_PREVIOUS else 2
    return _operate(asm, Past.PAST, column, ago, int(asm.program.code.known[column]))


def amount(asm: Assembler, kind: Amount, expression: int, mask: int) -> int:
    """Slot of an expression in whole units, in the lanes of a mask."""
    register, counter = number(asm, expression), int(asm.program.code.counter[expression])
    return asm.result(kind, register, mask, asm.negative + counter if counter >= 0 else -1, 0, 0, expression)


def condition(asm: Assembler, expression: int, mask: int) -> int:
    """Slot of a mask: the lanes of another one in which a condition holds."""
    register = number(asm, expression)
    settle(asm, register, mask, expression)
    return asm.result(Amount.MASK, mask, register)


def settle(asm: Assembler, register: int, mask: int, expression: int) -> None:
    """In the lanes of a mask, a condition or definition in a register becomes what it is if something divided by
    nothing is without bound, wherever that decides it; how often is counted."""
    unbounded, counter = register, int(asm.program.code.counter[expression])
    if counter >= 0:
        instructions = _instructions(asm, expression)
        ratios = [[Op.RATIO if op == Op.DIVIDE else op, arg, aux] for op, arg, aux in instructions]
        unbounded = _evaluate(asm, ratios)
    counts = asm.negative + counter if counter >= 0 else asm.scratch()
    asm.emit(Amount.SETTLE, register, mask, unbounded, counts, 0, 0, expression)


def value(asm: Assembler, expression: int, register: int) -> None:
    """The value of an expression into a register of its own."""
    before, found = len(asm.code), number(asm, expression)
    if len(asm.code) > before:
        asm.code[-1][1] = register
    else:
        asm.emit(Number.MOVE, register, found)
