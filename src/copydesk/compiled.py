"""How a loop becomes a kernel: compiled for the user's own processor, in whichever room it lies."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from numba import njit
from numba.core.caching import FunctionCache

if TYPE_CHECKING:
    from collections.abc import Callable

    F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a loop, to run without the GIL; what was compiled is kept in Numba's cache.

    Arrays are not counted (`_nrt`): each call from loop to loop would count each array up and down again, atomically, which is
    more than most calls do themselves. So a kernel makes no array.
    """
    compiled: F = njit(nogil=True, error_model="numpy", _nrt=False)(function)
    if hasattr(compiled, "enable_caching"):  # it is compiled
        compiled._cache = _Cache(function)
    return compiled


class _Cache(FunctionCache):
    """Numba's cache, but one that makes Numba ready to compile, which takes 0.15 s, only where something is to be compiled.

    That looks behind what Numba promises: whatever goes wrong with it, Numba's own way is taken.
    """

    def load_overload(self, sig: object, target_context: object) -> object:
        """What was compiled for a signature; None if nothing was."""
        with suppress(Exception):
            if (found := self._load_overload(sig, target_context)) is not None:
                return found
        return super().load_overload(sig, target_context)
