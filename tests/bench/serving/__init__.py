"""The bench of served calls: our service beside servers that do less, in one run (docs/performance.md)."""
