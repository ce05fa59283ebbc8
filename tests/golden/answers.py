"""The demo's answers on one fixed day, laid out for a person to read."""

import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from lxml import etree

from fastkontakt.demo_data import FOLDER, PROFILE, demo_settings
from fastkontakt.settings import Settings
from mapping.loads.pipeline import load
from mapping.sources.profile import load_profile
from producer.service import Service
from producer.wsgi import Producer
from register import schema
from register.database import Register
from tests.asking import ask
from tests.databases import opened
from tests.golden.situations import Situation
from tests.messages import actor, person

FILES = Path(__file__).parent
NOW = datetime(2026, 6, 15, 10, 0)
"""The moment of every answer, the day the data are loaded: a Monday."""


def answers(situations: Iterable[Situation]) -> dict[str, str]:
    """Return the answer to each question by the name of its file, each checked against its schema."""
    settings = demo_settings(None)
    texts = {}
    with tempfile.TemporaryDirectory() as folder, opened(f"sqlite:///{folder}/register.sqlite3") as register:
        schema.upgrade(register)
        load(register, load_profile(PROFILE), sorted(FOLDER.glob("*.csv")), today=NOW.date())
        for one in situations:
            assert one.name not in texts, f"two situations are called {one.name}"
            texts[one.name] = _laid_out(one, _answer(_producer(settings, register, one), one))
    return texts


def _producer(settings: Settings, register: Register, one: Situation) -> Producer:
    carelisting = settings.carelisting.model_copy(update={"doctor_extension": one.extended})
    chosen = settings.model_copy(update={"carelisting": carelisting})
    return Producer(Service(chosen, register, now=lambda: NOW, version="golden"))


def _answer(app: Producer, one: Situation) -> etree._Element:
    if one.contract == "GetCareManagers":
        return ask(app, one.contract, person("patientId", one.person), address=one.address)
    by = actor(one.actor_type, one.actor_id or one.person)
    return ask(app, one.contract, by, person("personId", one.person), address=one.address)


def _laid_out(one: Situation, answer: etree._Element) -> str:
    """Return the response as a document of its own, with what was asked above it."""
    alone = etree.fromstring(etree.tostring(answer), etree.XMLParser(remove_blank_text=True))
    etree.cleanup_namespaces(alone, keep_ns_prefixes=["core", "ext"])  # without the envelope's
    etree.indent(alone, "  ")
    text = etree.tostring(alone, encoding="unicode")
    return f"<!-- {one.contract} at {one.address} about {one.person}: {one.title} -->\n{text}\n"
