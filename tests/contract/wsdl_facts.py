"""Reads a WSDL back into the shape of the interface facts."""

from pathlib import Path
from typing import Any

from lxml import etree

WSDL = "http://schemas.xmlsoap.org/wsdl/"
XS = "http://www.w3.org/2001/XMLSchema"
NAMESPACES = {"wsdl": WSDL, "xs": XS}

Facts = dict[str, Any]


def parse(path: Path) -> Any:
    """The root element of an XML file, read without entities and without network."""
    return etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()


def inline_schema(wsdl: Path) -> Any:
    """The one xs:schema in wsdl:types: what it imports is the contract's schema set."""
    (schema,) = parse(wsdl).iterfind("wsdl:types/xs:schema", NAMESPACES)
    return schema


def read_wsdl(path: Path) -> Facts:
    """Every fact that stands in the WSDL itself."""
    root = parse(path)
    bindings = [_binding(e) for e in root.iterfind("wsdl:binding", NAMESPACES)]
    messages = [_message(e) for e in root.iterfind("wsdl:message", NAMESPACES)]
    request, response = (message["parts"][-1]["element"] for message in messages)
    return {
        "interaction": root.get("name"),
        "operation": bindings[0]["operations"][0]["name"],
        "wsdl_targetNamespace": root.get("targetNamespace"),
        "initiator_namespace_declared": next((n for n in root.nsmap.values() if "Initiator:" in n), None),
        "responder_namespace": etree.QName(request).namespace,
        "types_imports": [dict(e.attrib) for e in inline_schema(path).iterfind("xs:import", NAMESPACES)],
        "messages": messages,
        "portTypes": [_port_type(e) for e in root.iterfind("wsdl:portType", NAMESPACES)],
        "bindings": bindings,
        "services": [_service(e) for e in root.iterfind("wsdl:service", NAMESPACES)],
        "soapAction": bindings[0]["operations"][0]["soapAction"],
        "soap_version": _soap_version(root),
        "request_element": request,
        "response_element": response,
    }


def _resolved(element: Any, attribute: str) -> str | None:
    """An attribute with a prefixed name, as {namespace}name."""
    value = element.get(attribute)
    if value is None:
        return None
    prefix, _, name = value.rpartition(":")
    return f"{{{element.nsmap[prefix or None]}}}{name}"


def _message(element: Any) -> Facts:
    parts = element.iterfind("wsdl:part", NAMESPACES)
    return {
        "name": element.get("name"),
        "parts": [{"name": part.get("name"), "element": _resolved(part, "element")} for part in parts],
    }


def _port_type(element: Any) -> Facts:
    return {
        "name": element.get("name"),
        "operations": [
            {
                "name": operation.get("name"),
                "input": _resolved(operation.find("wsdl:input", NAMESPACES), "message"),
                "output": _resolved(operation.find("wsdl:output", NAMESPACES), "message"),
                "faults": [fault.get("name") for fault in operation.iterfind("wsdl:fault", NAMESPACES)],
            }
            for operation in element.iterfind("wsdl:operation", NAMESPACES)
        ],
    }


def _soap_binding(binding: Any) -> Any:
    """The extension element of a binding; its namespace tells the SOAP version."""
    return binding.find("{*}binding")


def _soap_version(root: Any) -> str:
    namespace = etree.QName(_soap_binding(root.find("wsdl:binding", NAMESPACES))).namespace
    version = {"http://schemas.xmlsoap.org/wsdl/soap/": "1.1"}.get(str(namespace), "unknown")
    return f"{version} (binding namespace {namespace})"


def _binding(element: Any) -> Facts:
    return {
        "name": element.get("name"),
        "type": _resolved(element, "type"),
        "transport": _soap_binding(element).get("transport"),
        "style": _soap_binding(element).get("style"),
        "operations": [_bound_operation(e) for e in element.iterfind("wsdl:operation", NAMESPACES)],
    }


def _bound_operation(element: Any) -> Facts:
    soap_operation = element.find("{*}operation")
    request = element.find("wsdl:input", NAMESPACES)
    response = element.find("wsdl:output", NAMESPACES)
    return {
        "name": element.get("name"),
        "soapAction": soap_operation.get("soapAction"),
        "style": soap_operation.get("style"),
        "input_headers": _headers(request),
        "input_body": dict(request.find("{*}body").attrib),
        "output_headers": _headers(response),
        "output_body": dict(response.find("{*}body").attrib),
    }


def _headers(message: Any) -> list[Facts]:
    return [
        {**header.attrib, "message": _resolved(header, "message")} for header in message.iterfind("{*}header")
    ]


def _service(element: Any) -> Facts:
    return {
        "name": element.get("name"),
        "ports": [
            {
                "name": port.get("name"),
                "binding": _resolved(port, "binding"),
                "address": port.find("{*}address").get("location"),
            }
            for port in element.iterfind("wsdl:port", NAMESPACES)
        ],
    }
