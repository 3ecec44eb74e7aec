"""A text to its record."""

from __future__ import annotations

from copydesk.record.attribution import attribute
from copydesk.record.cues import attributed, bits_of_cues
from copydesk.record.sentences import tokens
from copydesk.record.words import QUOTE, STOP


def statements_of(text):
    t = tokens(text, bits_of_cues(), attributed())
    out = []
    para = -1
    last = None
    for sentence in t.sentences:
        found = attribute(t, sentence)
        span = lambda r: [t.starts[r[0]], t.ends[r[1] - 1]]
        here = []
        for f in found:
            here.append(
                {
                    "rule": f.rule,
                    "source": [span(f.source)] if f.source else [],
                    "cue": [span(f.cue)],
                    "content": [span(c) for c in f.content if c[1] > c[0]],
                    "lemma": t.low[f.cue[1] - 1],
                }
            )
        if not found:
            body = [i for i in range(sentence.start, sentence.end) if not t.bits[i] & STOP]
            if body and all(t.bits[i] & QUOTE for i in body) and last is not None:
                if last[1] >= sentence.paragraph - last[2]:
                    last[0]["content"] += [[t.starts[i], t.ends[i]] for i in body]
                    last = (last[0], sentence.paragraph, last[2])
                continue
        for f, st in zip(found, here):
            if any(any(t.bits[k] & QUOTE for k in range(*c)) for c in f.content) and f.kind == "speech":
                last = (st, sentence.paragraph, 0)
            if not f.content:
                last = (st, sentence.paragraph, 1)
        if last and last[1] < sentence.paragraph - 1:
            last = None
        out += here
    return [o for o in out if o["content"]]
