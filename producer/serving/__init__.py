"""The HTTP server of a worker process: one loop reads whole requests, and a few threads answer them.

Nobody who sends slowly, or nothing, holds a thread. Nothing here knows SOAP: that is `producer.wsgi`
(docs/adr/0024-serving.md).
"""
