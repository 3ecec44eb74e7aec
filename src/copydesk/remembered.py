"""What was made of words before: most of those of a text were met in it or in another, and need not be taken apart again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Made = TypeVar("Made")


class Remembered(dict[str, Made]):
    """What is made of strings, made once and then remembered.

    When there are as many as are wanted, the table is begun anew, and filled first from the one before: so what is common is
    never made again, and there are at most twice as many. A `lru_cache` keeps an order too, which takes longer than a word.
    """

    def __init__(self, make: Callable[[str], Made], most: int, longest: int) -> None:
        """Remember what `make` makes of strings of at most `longest` characters."""
        super().__init__()
        self._make, self._most, self._longest = make, most, longest
        self._before: dict[str, Made] = {}

    def __missing__(self, key: str) -> Made:
        made = self._before[key] if key in self._before else self._make(key)
        if len(key) <= self._longest:
            if len(self) >= self._most:
                self._before = dict(self)
                self.clear()
            self[key] = made
        return made
