"""The response element of PingForConfiguration 1.0."""

from collections.abc import Mapping
from datetime import datetime

from lxml import etree

from contracts.catalogue import by_name
from mapping.answers.elements import add

_CONTRACT = by_name("PingForConfiguration")
_NS = f"{{{_CONTRACT.namespace}}}"


def ping(version: str, now: datetime, configuration: Mapping[str, str]) -> etree._Element:
    """Return PingForConfigurationResponse.

    Args:
        version: Version of the product, for fault reports.
        now: Swedish local time of the answer.
        configuration: Name -> value of what support may want to know.
    """
    response = etree.Element(_CONTRACT.response, nsmap={None: _CONTRACT.namespace})
    add(response, f"{_NS}version", version)
    add(response, f"{_NS}pingDateTime", f"{now:%Y%m%d%H%M%S}")
    for name, value in configuration.items():
        entry = add(response, f"{_NS}configuration")
        add(entry, f"{_NS}name", name)
        add(entry, f"{_NS}value", value)
    return response
