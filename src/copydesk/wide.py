"""Sixty-four bytes at a time: what processors can and Numba has no words for, as LLVM has them.

Each is a function of Python that says what is done, a byte at a time, and what is written in its place where it is compiled.
LLVM makes of that what the processor has: one instruction for each, or more where its registers are shorter.
"""

from __future__ import annotations

from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, TypeVar

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.core import config
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    F = TypeVar("F", bound=Callable[..., Any])

WIDTH = 64
PACKS = "+avx512vbmi2" in (config.CPU_FEATURES or get_host_cpu_features().flatten())  # type: ignore[attr-defined]
"""Whether the processor packs bytes: where it has no instruction for it, a plain loop of Numba's is faster."""
I1, I8, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 32, 64))
BYTES, FLAGS, WORDS = ir.VectorType(I8, WIDTH), ir.VectorType(I1, WIDTH), ir.VectorType(I64, WIDTH // 8)


def wide(write: Callable[..., ir.Value]) -> Callable[[F], F]:
    """In compiled loops a function is what `write` writes with an LLVM builder, and itself where nothing is compiled.

    `write` is handed the builder and the arguments: of an array the pointer to its first number, all others as numbers of 64
    bits. What it gives is the result, one `uint64`. Nothing looks whether what is read and written is within the arrays.
    """

    def made(function: F) -> F:
        if config.DISABLE_JIT:  # type: ignore[attr-defined]
            return function

        def typed(_: object, *given: types.Type) -> tuple[Any, Callable[..., ir.Value]]:
            taken = [kind if isinstance(kind, types.Array) else types.uint64 for kind in given]

            def lower(target: Any, builder: ir.IRBuilder, _: object, values: list[ir.Value]) -> ir.Value:  # noqa: ANN401
                of = zip(taken, values, strict=True)
                array = target.make_array
                return write(builder, *(array(k)(target, builder, v).data if isinstance(k, types.Array) else v for k, v in of))

            return types.uint64(*taken), lower

        own = signature(function)  # Numba wants to see the names
        context = Parameter("context", Parameter.POSITIONAL_ONLY)
        typed.__signature__ = own.replace(parameters=[context, *own.parameters.values()])  # type: ignore[attr-defined]
        typed.__name__, typed.__doc__ = function.__name__, function.__doc__
        return intrinsic(typed)  # type: ignore[return-value]

    return made


def same(kind: ir.VectorType, number: int | ir.Value) -> ir.Constant:
    """A vector of one number."""
    return ir.Constant(kind, [number] * kind.count)


def spread(builder: ir.IRBuilder, kind: ir.VectorType, number: ir.Value) -> ir.Value:
    """The same, of a number that is not known before."""
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), number, I32(0))
    return builder.shuffle_vector(one, one, same(ir.VectorType(I32, kind.count), 0))


def load(builder: ir.IRBuilder, kind: ir.VectorType, array: ir.Value, at: ir.Value) -> ir.Value:
    """What an array has from `at` on, wherever that is."""
    vector = builder.load(builder.bitcast(builder.gep(array, [at]), kind.as_pointer()))
    vector.align = 1
    return vector


def store(builder: ir.IRBuilder, vector: ir.Value, array: ir.Value, at: ir.Value) -> None:
    """Put it into an array from `at` on."""
    stored = builder.store(vector, builder.bitcast(builder.gep(array, [at]), vector.type.as_pointer()))
    stored.align = 1


def packed(builder: ir.IRBuilder, bytes_: ir.Value, mask: ir.Value) -> ir.Value:
    """The bytes whose bit is set in a mask, in order, at the front."""
    rest = ir.Constant(BYTES, ir.Undefined)
    return call(builder, "llvm.experimental.vector.compress.v64i8", BYTES, [bytes_, builder.bitcast(mask, FLAGS), rest])


def mask(builder: ir.IRBuilder, flags: ir.Value) -> ir.Value:
    """Flags of 64 bytes as a number, the first the lowest bit."""
    return builder.bitcast(flags, I64)


def ones(builder: ir.IRBuilder, number: ir.Value) -> ir.Value:
    """How many bits are set."""
    return call(builder, "llvm.ctpop.i64", I64, [number])


def first(builder: ir.IRBuilder, number: ir.Value) -> ir.Value:
    """Which is the lowest bit that is set; 64 if none is."""
    return call(builder, "llvm.cttz.i64", I64, [number, I1(0)])


def call(builder: ir.IRBuilder, name: str, gives: ir.Type, given: list[ir.Value]) -> ir.Value:
    """Call a function of LLVM's own."""
    known = builder.module.globals.get(name)
    return builder.call(known or ir.Function(builder.module, ir.FunctionType(gives, [g.type for g in given]), name), given)


def _prefetch(builder: ir.IRBuilder, array: ir.Value, at: ir.Value) -> ir.Value:
    pointer = builder.bitcast(builder.gep(array, [at]), I8.as_pointer())
    call(builder, "llvm.prefetch.p0", ir.VoidType(), [pointer, I32(0), I32(3), I32(1)])
    return I64(0)


@wide(_prefetch)
def ahead(array: NDArray[np.generic], at: int) -> int:
    """Have memory fetch what the array has at `at`, which is wanted soon. It need not be there."""
    return 0
