"""The HTTP side of a call: timeouts, TLS, no redirects, a size limit, and a record of what went over it."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ReadTimeoutError
from zeep import Transport

from consumer.results import Exchange, NoAnswer, NoAnswerKind
from consumer.settings import CallSettings

MAX_RESPONSE_BYTES = 15 * 1024 * 1024
"""Largest answer that is read: what the platform lets through unless configured otherwise (SKLTP VP, property
``vp.max.receive.length``)."""

_CHUNK_BYTES = 65_536


class CallError(ValueError):
    """A call that cannot be made as asked; the text says what to change. Nothing has been sent."""


class RecordingTransport(Transport):
    """Sends what zeep writes and returns an `Exchange`, or why there is none.

    Args:
        settings: Timeouts and TLS files.
        user_agent: Value of the header User-Agent.

    Raises:
        CallError: A TLS file is missing.
    """

    def __init__(self, settings: CallSettings, user_agent: str) -> None:
        session = requests.Session()
        super().__init__(session=session)  # type: ignore[no-untyped-call]
        session.headers = CaseInsensitiveDict(
            {"User-Agent": user_agent, "Accept": "text/xml", "Accept-Encoding": "identity"}
        )
        certificate = _file("client_certificate", settings.client_certificate)
        key = _file("client_key", settings.client_key)
        session.cert = (certificate, key) if certificate and key else certificate
        self._verify = _file("ca_bundle", settings.ca_bundle) or True
        self._timeouts = (settings.connect_timeout_seconds, settings.read_timeout_seconds)

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> Exchange | NoAnswer:
        """Send a request and read the whole answer; a redirect is an answer and not followed.

        Raises:
            ValueError: The address or a header cannot be sent.
        """
        request = self.session.prepare_request(
            requests.Request("POST", address, data=message, headers=dict(headers))
        )
        began = time.monotonic()

        def exchange(
            status: int | None = None,
            response_headers: Mapping[str, str] | None = None,
            response: bytes = b"",
        ) -> Exchange:
            seconds = time.monotonic() - began
            return Exchange(
                address, dict(request.headers), message, seconds, status, response_headers or {}, response
            )

        # verify is given here because on the session REQUESTS_CA_BUNDLE would go before our setting.
        options = self.session.merge_environment_settings(address, {}, True, self._verify, None)
        record: Callable[..., Exchange] = exchange
        try:
            with self.session.send(
                request, timeout=self._timeouts, allow_redirects=False, **options
            ) as response:
                record = partial(exchange, response.status_code, dict(response.headers))
                return _read(response, record)
        except requests.RequestException as error:
            if isinstance(error, ValueError):  # the address or a header, found wrong only when sending
                raise
            kind, reason = self._explain(error)
            return NoAnswer(kind, reason, record())
        except OSError:  # how requests says that a file named in the environment is not there
            return NoAnswer(
                NoAnswerKind.TLS,
                "no secure connection: the file named in REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE cannot be read",
                record(),
            )

    def _explain(self, error: requests.RequestException) -> tuple[NoAnswerKind, str]:
        """Tell why there is no answer, by what stands behind the exception and never by its text."""
        cause = _innermost(error)
        what = getattr(cause, "strerror", None) or type(cause).__name__
        match error:
            case requests.exceptions.SSLError():
                return NoAnswerKind.TLS, (
                    f"no secure connection: {what}; check the address, call.ca_bundle and "
                    "call.client_certificate"
                )
            case requests.ConnectTimeout():
                return NoAnswerKind.TIMEOUT, (
                    f"no connection within {self._timeouts[0]:g} s; check the address and the firewalls"
                )
            case requests.Timeout() | requests.ConnectionError(args=(ReadTimeoutError(), *_)):
                return NoAnswerKind.TIMEOUT, (
                    f"no answer within {self._timeouts[1]:g} s; call again later, or wait longer "
                    "(call.read_timeout_seconds)"
                )
            case requests.exceptions.ContentDecodingError():
                return NoAnswerKind.NOT_SOAP, "the answer is compressed in a way that cannot be read"
            case _:
                return NoAnswerKind.CONNECTION, (
                    f"no connection, or it broke: {what}; check the address, and that the service is up"
                )


def _file(setting: str, path: Path | None) -> str | None:
    if path is None:
        return None
    if not path.is_file():
        raise CallError(f"call.{setting}: there is no file {path}")
    return str(path)


def _read(response: requests.Response, record: Callable[..., Exchange]) -> Exchange | NoAnswer:
    """Read the body, as far as the limit; ``record`` makes the exchange of it."""
    content = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        content += chunk
        if len(content) > MAX_RESPONSE_BYTES:
            return NoAnswer(
                NoAnswerKind.TOO_LARGE,
                f"the answer is larger than {MAX_RESPONSE_BYTES} bytes, the most that is read",
                record(),
            )
    return record(response=bytes(content))


def _innermost(error: BaseException) -> BaseException:
    """Return what all the others were raised because of, or wrapped around."""
    while inner := error.__cause__ or error.__context__ or _wrapped(error):
        error = inner
    return error


def _wrapped(error: BaseException) -> BaseException | None:
    first = error.args[0] if error.args else None
    return first if isinstance(first, BaseException) else None
