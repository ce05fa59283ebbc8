"""Reads compiled schemas back into the shape of the interface facts.

What is read is the object model of the compiled components, so two spellings of the same schema give the same
facts. Traits the facts never mention (attributes, nillable, defaults, other facets and so on) are read only
where they occur, and then count as a difference.
"""

import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import xmlschema
from lxml import etree
from xmlschema.validators import XsdAnyElement, XsdComplexType, XsdElement, XsdGroup, XsdType

from tests.contract.wsdl_facts import XS, Facts, inline_schema, parse


def compile_contract(wsdl: Path) -> xmlschema.XMLSchema10:
    """The schema set that a WSDL imports, compiled by lxml and by xmlschema, without network.

    Each contract is compiled alone, because two versions of a domain schema can share one namespace. An
    import that leads nowhere is an error.
    """
    text = etree.tostring(inline_schema(wsdl), encoding="unicode")
    etree.XMLSchema(etree.fromstring(text, base_url=wsdl.as_uri()))
    with warnings.catch_warnings():
        warnings.simplefilter("error", xmlschema.XMLSchemaImportWarning)
        return xmlschema.XMLSchema10(text, base_url=wsdl.parent.as_uri(), allow="local")


def read_schema(schema: xmlschema.XMLSchema10, domain: Path, message_elements: Iterable[str]) -> Facts:
    """Every fact that stands in the schemas.

    Args:
        schema: the compiled schema set of one contract.
        domain: folder of the contract's domain.
        message_elements: the global elements that the parts of the messages name.
    """
    elements = {name: schema.maps.elements[name] for name in message_elements}
    responder = etree.QName(list(elements)[-1]).namespace
    in_messages = list(_reachable(element.type for element in elements.values()))
    unused = [t for name, t in schema.maps.types.items() if etree.QName(name).namespace == responder]
    return {
        "element_types": {name: element.type.name for name, element in elements.items()},
        "types": {str(t.name): _type(t) for t in in_messages + unused},
        "other_global_elements": {
            name: element.type.name
            for own in own_schemas(schema)
            for element in own.elements.values()
            if (name := element.name) not in elements
        },
        "schema_files": sorted(
            (_schema_file(own, domain) for own in own_schemas(schema)), key=lambda own: str(own["file"])
        ),
    }


def own_schemas(schema: xmlschema.XMLSchema10) -> list[Any]:
    """The schema files of the compiled set; neither the WSDL's own schema nor the standard ones."""
    return [
        own
        for own in schema.maps.iter_schemas()
        if own.url is not None and str(own.target_namespace).startswith("urn:")
    ]


def file_of(own: Any, domain: Path) -> str:
    """Where a schema was read from, relative to its domain folder."""
    path = Path(url2pathname(urlsplit(own.url).path))
    return Path(os.path.relpath(path, domain)).as_posix()


def _schema_file(own: Any, domain: Path) -> Facts:
    file = file_of(own, domain)
    return {
        "file": file,
        "targetNamespace": own.target_namespace,
        "version": own.version,
        "elementFormDefault": own.element_form_default,
        "compiles_with_lxml": _compiles_alone(domain / file),
    }


def _compiles_alone(path: Path) -> bool:
    try:
        etree.XMLSchema(parse(path))
    except etree.XMLSchemaParseError:
        return False
    return True


def _reachable(types: Iterable[XsdType]) -> Iterator[XsdType]:
    """The named types that elements of these types can hold, themselves included, each once."""
    seen: set[str] = set()
    waiting = list(types)
    while waiting:
        found = waiting.pop(0)
        name = str(found.name)
        if etree.QName(name).namespace == XS or name in seen:
            continue
        seen.add(name)
        yield found
        if isinstance(found, XsdComplexType) and isinstance(found.content, XsdGroup):
            children = found.content.iter_elements()
            waiting += [child.type for child in children if isinstance(child, XsdElement)]


def _type(xsd_type: Any) -> Facts:
    return _simple_type(xsd_type) if xsd_type.is_simple() else _complex_type(xsd_type)


def _simple_type(xsd_type: Any) -> Facts:
    facts: Facts = {"name": xsd_type.name, "kind": "simple", "base": xsd_type.base_type.name}
    for name, facet in xsd_type.facets.items():
        kind = etree.QName(name).localname
        if kind == "enumeration":
            facts[kind] = facet.enumeration
        elif kind == "pattern":
            facts[kind] = facet.regexps
        else:
            facts[kind] = str(facet)
    return facts


def _complex_type(xsd_type: Any) -> Facts:
    facts: Facts = {"name": xsd_type.name, "kind": "complex"}
    content = xsd_type.content
    if isinstance(content, XsdGroup):
        facts |= {"compositor": content.model, "elements": [_particle(p) for p in content]}
        facts |= _unless({"min": "1", "max": "1"}, _occurs(content))
    unusual = {
        "attributes": sorted(str(name) for name in xsd_type.attributes),
        "mixed": xsd_type.mixed,
        "abstract": xsd_type.abstract,
        "derivation": xsd_type.derivation,
    }
    return facts | _unless({"attributes": [], "mixed": False, "abstract": False, "derivation": None}, unusual)


def _particle(particle: Any) -> Facts:
    """An element, a wildcard, or a group within the group."""
    if isinstance(particle, XsdAnyElement):
        return {
            "any": True,
            "namespace": " ".join(sorted(particle.namespace)),
            "processContents": particle.process_contents,
            **_occurs(particle),
        }
    if isinstance(particle, XsdGroup):
        return {
            "compositor": particle.model,
            "elements": [_particle(p) for p in particle],
            **_occurs(particle),
        }
    name = etree.QName(particle.name)
    unusual = {"nillable": particle.nillable, "default": particle.default, "fixed": particle.fixed}
    return {
        "name": name.localname,
        "namespace": name.namespace,
        "ref": particle.ref is not None,
        "type": particle.type.name,
        **_occurs(particle),
        **_unless({"nillable": False, "default": None, "fixed": None}, unusual),
    }


def _occurs(particle: Any) -> Facts:
    most = particle.max_occurs
    return {"min": str(particle.min_occurs), "max": "unbounded" if most is None else str(most)}


def _unless(usual: Facts, found: Facts) -> Facts:
    """The traits that are not as usual."""
    return {name: value for name, value in found.items() if value != usual[name]}
