"""What the platform adds and rewrites changes nothing."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "SKLTP VP, OutHeaderProcessorImpl and ConvertRequestCharset", rows="RT-27")
def check(probe: Probe) -> None:
    understood(
        probe,
        "with the headers that the platform sends",
        headers={
            "Content-Type": "text/xml;charset=UTF-8",
            "User-Agent": "SKLTP VP/4.3.x",
            "x-rivta-original-serviceconsumer-hsaid": "SE5565594230-B9P",
            "x-rivta-routing-history": "SE5565594230-B9P#vp",
            "x-vp-sender-id": "SE5565594230-B9P",
            "x-vp-instance-id": "vp",
            "x-skltp-correlation-id": "1f3e2d4c-0000-4000-8000-000000000000",
        },
    )
