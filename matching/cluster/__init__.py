"""The work of everyone on several processes or machines, shard by shard (docs/scaling.md).

The rest of ``matching`` is pure and knows nothing of this package, which opens connections and
files; only commands import it, and only when asked. It needs the extra ``cluster``.
"""
