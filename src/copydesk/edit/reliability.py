"""What a corpus tells of its sources, learned from what many stories show and no gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from copydesk.edit.keepers import Kept, keepers
from copydesk.edit.observe import Observed
from copydesk.model import Known

RECURS = 3  # stories: what stands in so many is of the site


def learn(observed: Iterable[Observed]) -> Known:
    """What the stories of a sample say together; their order decides nothing."""
    stories: Counter[int] = Counter()
    kept: list[Kept] = []
    for story in observed:
        stories.update(story.paragraphs)
        kept += [story.kept] if story.kept else []
    return Known(keepers(kept), {paragraph: n for paragraph, n in sorted(stories.items()) if n >= RECURS})
