"""What an operator sees of a running service: metrics, and whether it is fit to be called.

Each worker process answers on an address of its own kind, in a thread of its own, so that it answers also
while every thread that answers calls is busy (docs/operations.md, docs/adr/0026-monitoring.md).
"""
