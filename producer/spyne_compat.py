"""Imports Spyne on every Python we support; the one place that knows what that takes.

Spyne 2.14 bundles six 1.14, whose import hook lacks ``find_spec``: Python 3.11 warns about it and 3.12 no
longer calls the old hook. We load the bundled six under its own name first and give its importer the methods
that six 1.16 has. Spyne also imports ``cgi``, which warns on 3.11 and 3.12 and is gone from 3.13, where the
``legacy-cgi`` package stands in for it.

Spyne logs exceptions and messages as they are, personal data included. Its loggers are silenced here; the
producer writes its own log events. Spyne also runs a full garbage collection after a call every second, which
held up answers for 80 ms when measured; Python collects on its own, so that is switched off.
"""

import logging
import sys
import warnings
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

_SIX = "spyne.util.six"


def _load_bundled_six() -> None:
    if _SIX in sys.modules:
        return
    package = find_spec("spyne")
    if package is None or package.submodule_search_locations is None:
        raise ImportError("Spyne is not installed")
    path = Path(package.submodule_search_locations[0]) / "util" / "six.py"
    spec = spec_from_file_location(_SIX, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"Spyne's bundled six is not at {path}")
    six = module_from_spec(spec)
    sys.modules[_SIX] = six
    spec.loader.exec_module(six)
    _teach(six._importer.__class__)


def _teach(importer: Any) -> None:
    """Give six's import hook the methods of today's import system, as six 1.16 does."""

    def find_spec(self: Any, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname in self.known_modules else None

    def create_module(self: Any, spec: ModuleSpec) -> ModuleType:
        module: ModuleType = self.load_module(spec.name)
        return module

    def exec_module(self: Any, module: ModuleType) -> None:
        """Nothing to do: load_module has run the module."""

    importer.find_spec = find_spec
    importer.create_module = create_module
    importer.exec_module = exec_module


_load_bundled_six()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # cgi, and escapes in Spyne's strings: nothing we can mend
    from spyne import AnyXml, Application, Service, const, rpc
    from spyne.model.fault import Fault
    from spyne.protocol.soap import Soap11
    from spyne.server.wsgi import WsgiApplication

const.MIN_GC_INTERVAL = float("inf")
logging.getLogger("spyne").setLevel(logging.CRITICAL + 1)

__all__ = ["AnyXml", "Application", "Fault", "Service", "Soap11", "WsgiApplication", "rpc"]
