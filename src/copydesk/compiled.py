"""How a loop becomes a kernel: compiled for the user's own processor, in whichever room it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a loop, to run without the GIL; what was compiled is kept in Numba's cache.

    Arrays are not counted (`_nrt`): each call from loop to loop would count each array up and down again, atomically, which is
    more than most calls do themselves. So a kernel makes no array.
    """
    compiled: F = njit(nogil=True, cache=True, error_model="numpy", _nrt=False)(function)
    return compiled
