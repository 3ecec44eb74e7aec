"""Members: the texts of each story, one story after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from copydesk.find.chains import Index

LOW = 0xFFFFFFFF


class Members(NamedTuple):
    """The texts story by story, in each the longest first, and the stories by number, in order of what they are called.

    Of story `s` the `size[s]` texts are `order[first[s]:]`; `number[t]` is the story of text `t`.
    """

    order: Index
    first: Index
    size: Index
    number: Index


def members(story: Index) -> Members:
    """The members of stories, `story[t]` being what that of text `t` is called, a number below 2 ** 31."""
    both = np.sort(story << 32 | np.arange(len(story)))  # three times as fast as a stable order of `story`
    order = both & LOW
    begins = np.diff(both >> 32, prepend=-1) != 0
    first = np.flatnonzero(begins)
    number = np.empty(len(story), np.int64)
    number[order] = np.cumsum(begins) - 1
    return Members(order, first, np.diff(first, append=len(story)), number)
