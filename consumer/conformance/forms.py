"""Two questions that many cases ask: is a request in this form understood, and is this one refused?"""

from collections.abc import Callable, Mapping

from consumer.conformance.case import Blocked
from consumer.conformance.probe import Probe
from consumer.conformance.seen import Seen, outline
from consumer.conformance.session import Plain

Alter = Callable[[Plain], bytes]
"""Makes another request of the plainest one."""

HEADER_END = b":Header>"


def understood(
    probe: Probe,
    form: str,
    alter: Alter = lambda plain: plain.body,
    headers: Mapping[str, str | None] | None = None,
    *,
    chunked: bool = False,
) -> None:
    """Send a request that means the same as the plainest, and expect the same answer.

    Args:
        probe: The case's.
        form: What is different about it, in words that go after "a request".
        alter: Makes it of the plainest.
        headers: HTTP headers in place of the plain ones.
        chunked: Whether to send it in chunks.

    Raises:
        Blocked: The plainest is not answered either.
    """
    plain, first = _plainest(probe)
    seen = probe.raw(plain.contract, alter(plain), headers, chunked=chunked)
    same = seen.answered and outline(seen.content) == outline(first.content)
    came = "another answer" if seen.answered else seen.what
    probe.expect(same, f"A request {form} got {came}, and not the answer that the plainest one gets.")


def refused(
    probe: Probe,
    form: str,
    alter: Alter,
    headers: Mapping[str, str | None] | None = None,
    *,
    faultcode: str = "Client",
) -> Seen:
    """Send a request that cannot be answered, and expect a Fault; return what came.

    Args:
        probe: The case's.
        form: What is wrong with it, in words that go after "a request".
        alter: Makes it of the plainest.
        headers: HTTP headers in place of the plain ones.
        faultcode: Local name of the faultcode it should have.

    Raises:
        Blocked: The plainest is not answered either.
    """
    plain, _ = _plainest(probe)
    seen = probe.raw(plain.contract, alter(plain), headers)
    probe.expect(seen.fault is not None, f"A request {form} got {seen.what}, and must get a SOAP Fault.")
    if seen.fault is not None:
        code = seen.fault.code.partition(".")[0]
        own = bool(seen.fault.namespace) and "schemas.xmlsoap.org" not in (seen.fault.namespace or "")
        probe.expect(
            code == faultcode or own,
            f"A request {form} got a Fault with faultcode {seen.fault.code or '(none)'}; "
            f"it should be {faultcode}, so that the sender knows whether sending it again may help.",
        )
    return seen


def not_done(probe: Probe, form: str, alter: Alter) -> Seen:
    """Send a request that must not be carried out, and expect ERROR or a Fault; return what came.

    Raises:
        Blocked: The plainest is not answered either.
    """
    plain, _ = _plainest(probe)
    seen = probe.raw(plain.contract, alter(plain))
    probe.expect(
        seen.refused, f"A request {form} got {seen.what}; it must get resultCode ERROR or a SOAP Fault."
    )
    return seen


def replaced(*pairs: tuple[str, str]) -> Alter:
    """Return what puts texts in place of others in a request.

    Raises:
        Blocked: When used, and one of the texts is not there: the request is not as the case expects it.
    """

    def alter(plain: Plain) -> bytes:
        text = plain.body.decode("utf-8")
        for old, new in pairs:
            if old not in text:
                raise Blocked(f"the plainest request has no {old} to alter")
            text = text.replace(old, new, 1)
        return text.encode("utf-8")

    return alter


def _plainest(probe: Probe) -> tuple[Plain, Seen]:
    plain = probe.plain()
    first = probe.ask(plain.message)
    if not first.done:
        raise Blocked(f"the plainest request, a {plain.contract.name}, got {first.what}")
    return plain, first
