"""Where the service listens. The port is taken before anything else is done, so that nothing is in vain."""

import errno
import socket
from collections.abc import Callable
from ipaddress import ip_address

import structlog

from producer.settings import ServerSettings
from producer.tls import make_context

log = structlog.get_logger(__name__)

_BACKLOG = 1024
_CLOSE_TRIES = 20
_CLOSE_SECONDS = 0.05


class ListenError(Exception):
    """Nobody can listen there. The text names the setting."""


def listen(settings: ServerSettings) -> socket.socket:
    """Take the port, and return what listens on it.

    Raises:
        TlsError: A certificate or key cannot be used.
        ListenError: The address is not one of this machine, or in use, or others could reach it without TLS.
    """
    if settings.tls is not None:
        make_context(settings.tls)
    place = f"server.host {settings.host!r}, server.port {settings.port}"
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError):
        raise ListenError(f"{place}: there is no such address") from None
    family, kind, protocol, _, address = found[0]
    if settings.tls is None and not ip_address(str(address[0]).partition("%")[0]).is_loopback:
        _allow_plain(settings, place)
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
        raise ListenError(f"{place}: {reason}") from None
    return listener


def _allow_plain(settings: ServerSettings, place: str) -> None:
    if not settings.allow_plain_http:
        raise ListenError(
            f"{place}: others reach this address, and there is no TLS. Set [server.tls], listen on "
            "127.0.0.1, or set server.allow_plain_http where a proxy ends TLS and nothing else reaches "
            "the port"
        )
    log.warning("plain_http", host=settings.host, port=settings.port)


def close_without_loss(listener: socket.socket, accept: Callable[[], bool]) -> None:
    """Close a listener so that no connection is lost that a client has already been given.

    A connection that comes between the last that is taken and the close would be reset. So the queue is made
    as short as it can be, and its one place filled with a connection of our own: others are not let in from
    then on, and are refused when they try again.

    Args:
        listener: What listens.
        accept: Takes a connection, if there is one, and returns whether there was.
    """
    listener.listen(0)
    host, *rest = listener.getsockname()
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - told apart, not bound
    for _ in range(_CLOSE_TRIES):
        while accept():
            pass
        with socket.socket(listener.family, socket.SOCK_STREAM) as own:
            own.settimeout(_CLOSE_SECONDS)
            try:
                own.connect((here, *rest))
            except OSError:  # the place has been taken by a client
                continue
            listener.close()
            return
    listener.close()


def base_address(settings: ServerSettings, listener: socket.socket) -> str:
    """Return the address of the service itself, such as ``http://127.0.0.1:8080``."""
    host, port = listener.getsockname()[:2]
    named = f"[{host}]" if ":" in host else host
    return f"{'http' if settings.tls is None else 'https'}://{named}:{port}"
