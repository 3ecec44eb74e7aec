"""Between tables of the engine and arrays of the kernels.

A table has numbers of texts of the whole corpus; the kernels look texts up by number. So the texts that a table names are
numbered anew, in the same order: all that hangs on which of two is the earlier comes out as with the numbers of the corpus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from copydesk.find.chains import Hashes, Texts
from copydesk.find.seeds import binary, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from copydesk.find.chains import Index


def column(table: pa.Table, name: str) -> Index:
    """A column of whole numbers."""
    values: Index = table.column(name).to_numpy().astype(np.int64)
    return values


def texts(of: Sequence[Index], seeds: Sequence[pa.ChunkedArray], n_letters: Sequence[Index]) -> tuple[Index, Texts]:
    """The texts that several columns name, each once: their numbers in the corpus, in order, and what they have."""
    values, bounds = numbers(pa.chunked_array([chunk for column in seeds for chunk in column.chunks], seeds[0].type))
    named, at = np.unique(np.concatenate(of), return_index=True)
    return named, Texts(values, bounds[:-1][at], bounds[1:][at], np.concatenate(n_letters)[at])


def packed(values: NDArray[np.uint64], starts: Index) -> pa.Array:
    """Rows of numbers as bytes."""
    return binary(values, starts).cast(pa.binary())


def places(column: pa.ChunkedArray) -> NDArray[np.int32]:
    """The `int32` that a column of bytes holds."""
    blocks = [np.empty(0, np.uint8)]
    for chunk in (chunk.cast(pa.large_binary()) for chunk in column.chunks):
        bounds = np.frombuffer(chunk.buffers()[1], np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
        if chunk.buffers()[2] is not None:
            blocks.append(np.frombuffer(chunk.buffers()[2], np.uint8)[bounds[0] : bounds[-1]])
    return np.concatenate(blocks).view(np.int32)


def hashes(*columns: pa.ChunkedArray) -> Hashes:
    """The set of all hashes that columns of bytes hold."""
    return Hashes.of(np.unique(np.concatenate([numbers(column.drop_null())[0] for column in columns])))


def signed(values: NDArray[np.uint64]) -> Index:
    """The same bits, for an engine that knows no unsigned numbers."""
    return values.view(np.int64)


def ddl(schema: pa.Schema) -> str:
    """A schema of Arrow as Spark writes it."""
    return ", ".join(f"`{field.name}` {_kind(field.type)}" for field in schema)


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"array<{_kind(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(f'`{field.name}`: {_kind(field.type)}' for field in kind)}>"
    names = {
        pa.string(): "string", pa.bool_(): "boolean", pa.int32(): "int", pa.int64(): "bigint", pa.float64(): "double",
        pa.binary(): "binary",
    }  # fmt: skip
    return names[kind]
