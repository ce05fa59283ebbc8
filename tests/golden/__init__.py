"""Golden files: what the demo answers in each situation of docs/demo-data.md, on one fixed day.

``python -m tests.golden`` writes them anew, and docs/answers.md with them; then read what has changed.
"""
