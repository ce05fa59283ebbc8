"""The commands of ``fastkontakt``, one module each."""
