"""Our server with a small application, for what is about the server alone."""

_SERVE = """
import sys, time
from fastkontakt import logs
from fastkontakt.settings import LogSettings
from producer import server
from producer.serving.exchange import PEER_CERTIFICATE, REFUSED
from producer.serving.waiting import waits_long
from producer.settings import ServerSettings

def application(environ, start):
    body = environ["wsgi.input"].read()
    status = "200 OK"
    if REFUSED in environ:
        status = "500 Refused"
    elif environ["PATH_INFO"] == "/wait":
        with waits_long() as room:
            status = "200 Room" if room else "200 Full"
            time.sleep(float(body))
    elif environ["PATH_INFO"] == "/fail":
        raise ValueError(body.decode())
    elif environ["PATH_INFO"] == "/large":
        body = b"x" * int(body)
    elif environ["PATH_INFO"] == "/split":
        start("200 OK", [("x", "a\\r\\nSet-Cookie: b")])
        return []
    elif environ["PATH_INFO"] == "/environ":
        body = repr({key: value for key, value in environ.items() if key.isupper()}).encode()
    elif environ["PATH_INFO"] == "/peer":
        certificate = environ[PEER_CERTIFICATE]
        body = (None if certificate is None else certificate.hex()).__str__().encode()
    elif body:
        time.sleep(float(body))
    start(status, [("Content-Type", "text/plain")])
    return [body]

application.stop = lambda: None

def observe(event, reason):
    print(f"counted {event} {reason}", flush=True)

def ready(base):
    print(f"GetListing {base}/", flush=True)

logs.configure(LogSettings())
server.serve(ServerSettings(%s), lambda: application, ready, observe=observe)
"""


def small_server(**settings: object) -> str:
    """Return the script of a server with so many threads and so on, on a free port of one worker.

    ``POST /`` sleeps for the seconds in the body, ``/wait`` does so by design, ``/large`` answers so many
    bytes, ``/environ`` what the application is told, ``/peer`` the client's certificate.
    """
    chosen = {"port": 0, "workers": 1, **settings}
    return _SERVE % ", ".join(f"{name}={value!r}" for name, value in chosen.items())
