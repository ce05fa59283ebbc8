"""Calling the producer's WSGI application the way a server does, with everything that comes back checked."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from lxml import etree

from producer.wsgi import Producer
from tests.soap import check_envelope

TEXT_XML = "text/xml; charset=UTF-8"


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def element(self) -> etree._Element:
        """The element in the Body of the answer, which has been found valid."""
        return check_envelope(self.body)

    @property
    def fault(self) -> tuple[str, str]:
        """Local name of the faultcode, and the faultstring."""
        element = self.element
        assert element.tag.endswith("}Fault"), etree.tostring(element)
        return element.findtext("faultcode").partition(":")[2], element.findtext("faultstring")

    @property
    def result(self) -> tuple[str, str | None]:
        """ResultCode and resultText."""
        element = self.element
        return element.findtext("{*}resultCode"), element.findtext("{*}resultText")


def post(
    app: Producer,
    path: str,
    body: bytes,
    *,
    content_type: str | None = TEXT_XML,
    headers: dict[str, str] | None = None,
    chunked: bool = False,
    connection: dict[str, Any] | None = None,
) -> Response:
    """POST a body; the answer's envelope and content are checked against their schemas.

    ``connection`` is what the server says of it: its address, the client certificate.
    """
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "wsgi.input": BytesIO(body),
        **(connection or {}),
    }
    if content_type is not None:
        environ["CONTENT_TYPE"] = content_type
    if chunked:
        environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    else:
        environ["CONTENT_LENGTH"] = str(len(body))
    response = _call(app, path, environ, headers or {})
    check_envelope(response.body)
    assert response.headers["Content-Type"] == TEXT_XML
    return response


def get(
    app: Producer,
    path: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    connection: dict[str, Any] | None = None,
) -> Response:
    """GET, or another method without a body."""
    path, _, query = path.partition("?")
    environ = {"REQUEST_METHOD": method, "QUERY_STRING": query, **(connection or {})}
    return _call(app, path, environ, headers or {})


def _call(app: Producer, path: str, environ: dict[str, Any], headers: dict[str, str]) -> Response:
    environ |= {"SCRIPT_NAME": "", "PATH_INFO": path}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    setup_testing_defaults(environ)
    environ.setdefault("QUERY_STRING", "")
    started: list[Any] = []

    def start_response(status: str, response_headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.extend((int(status.split()[0]), dict(response_headers)))
        return lambda _: None

    result = validator(app)(environ, start_response)
    try:
        body = b"".join(result)
    finally:
        result.close()  # type: ignore[attr-defined]  # the validator's iterator has it
    return Response(started[0], started[1], body)
