"""What need not be loaded: for processes that are ours alone, and in which nobody asks for a table of pandas."""

from __future__ import annotations

import sys


def spare_pandas() -> None:
    """Where pandas is installed Arrow would import it, to ask of each array whether it is one of its own: a quarter second."""
    from importlib.abc import MetaPathFinder

    class Hidden(MetaPathFinder):
        def find_spec(self, name: str, *_: object) -> None:
            if name == "pandas":
                raise ModuleNotFoundError(name)

    import pyarrow as pa

    hidden = Hidden()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([])  # Arrow asks once
    finally:
        sys.meta_path.remove(hidden)
