"""Fixed contacts as staff keep them: who may be appointed, what it replaces, and the log of it."""
