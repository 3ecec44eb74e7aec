"""What was compiled is loaded again, without all that is needed to compile."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
import sys
import numpy as np
from copydesk.sources.kernels import PAD, cut
line = b'{"id": 7, "text": "as it is"}\\n'
block = np.frombuffer(line + bytes(PAD), np.uint8)
keys, key_ends = np.frombuffer(b"textid", np.uint8), np.array([4, 6], np.int32)
texts, strings, rest = np.zeros(99, np.uint8), np.zeros((1, 99), np.uint8), np.zeros(99, np.uint8)
ends = np.zeros((3, 5), np.int32)
row = cut(block, 0, len(line), keys, key_ends, texts, strings, rest, ends, 0)[1]
print(row, bytes(texts[:ends[0, 1]]), bytes(strings[0, :ends[1, 1]]), "numba.np.arraymath" in sys.modules)
"""


def test_what_was_compiled_is_loaded_without_making_ready_to_compile(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment, check=True)
        said.append(done.stdout.strip())
    assert said == ["1 b'as it is' b'7' True", "1 b'as it is' b'7' False"]
