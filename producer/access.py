"""Who may call what: the rules of ``[access]`` as dictionaries, made at the start (docs/adr/0030).

RIV-TA Basic Profile 2.1 rule 28: a producer that denies access answers HTTP 403.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import structlog

from contracts.catalogue import Contract
from contracts.codes import ActorType
from contracts.identifiers import HsaId, LogicalAddress
from listings.settings import Visibility
from producer.callers import AccessError, Caller, Proxy, identified
from producer.faults import SoapFault
from producer.settings import FEED, RULED, AccessSettings

log = structlog.get_logger(__name__)

Reread = Callable[[], AccessSettings | None]
"""Returns ``[access]`` where it has changed since the last look, or raises `AccessError`."""

_LOOK_EVERY_SECONDS = 1.0

_NARROW = (Visibility.NONE, Visibility.OWN, Visibility.ALL)

Places = frozenset[HsaId] | None
"""LogicalAddresses, compared whatever their letter case as HSA-ids are; None: every one that is served."""

Permitted = Mapping[HsaId, Mapping[str, Places]]
"""Consumer -> name of a contract -> where it may call it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``[access]``, worked out.

    Attributes:
        lists: Whether it names who may call. If not, headers alone are let in, and nobody else.
        permitted: What each consumer may call.
    """

    lists: bool
    permitted: Permitted
    platforms: frozenset[HsaId]
    proxy: Proxy | None
    hidden: Mapping[HsaId, frozenset[HsaId]]
    visibility: Mapping[HsaId, Mapping[ActorType, Visibility]]

    def hidden_from(self, caller: Caller) -> frozenset[HsaId]:
        """Return the organisations that do not exist for a caller (`access.hidden_units`)."""
        return frozenset[HsaId]().union(*(self.hidden.get(one, ()) for one in _parties(caller)))

    def sees(self, caller: Caller, actor_type: ActorType, granted: Visibility) -> Visibility:
        """Return what an actor type sees by way of a caller: at most what the region has granted it."""
        if not self.visibility:
            return granted
        limits = (self.visibility.get(one, {}).get(actor_type, granted) for one in _parties(caller))
        return min((granted, *limits), key=_NARROW.index)


def _parties(caller: Caller) -> list[HsaId]:
    return [HsaId(one) for one in (caller.consumer, caller.on_behalf_of) if one is not None]


def lists(settings: AccessSettings) -> bool:
    """Tell whether it is named who may call the contracts."""
    return bool(settings.consumers or settings.rules)


def permitted(settings: AccessSettings) -> Permitted:
    """Return what each consumer may call."""
    found: defaultdict[HsaId, dict[str, Places]] = defaultdict(dict)

    def permit(consumers: Iterable[str], contracts: Sequence[str], addresses: Iterable[str] = ()) -> None:
        places = frozenset(map(HsaId, addresses)) or None
        for consumer in map(HsaId, consumers):
            for contract in contracts:
                before = found[consumer].get(contract, frozenset())
                found[consumer][contract] = None if before is None or places is None else before | places

    for rule in settings.rules:
        permit(rule.consumers, rule.contracts, rule.logical_addresses)
    permit(settings.consumers, [name for name in RULED if name != FEED])
    admitted = frozenset(map(HsaId, settings.consumers))
    permit((one for one in settings.feed_consumers if not admitted or HsaId(one) in admitted), (FEED,))
    return dict(found)


class Access:
    """Tells who calls and what they may. Safe to call from any thread.

    Args:
        settings: Section ``[access]``.
        reread: Returns it anew where it has changed; None where it never does.
        tls: Whether the service ends TLS itself.

    Raises:
        AccessError: The settings cannot be used.
    """

    def __init__(self, settings: AccessSettings, reread: Reread | None = None, *, tls: bool = False) -> None:
        self._policy = worked_out(settings)
        self._tls = tls
        self._reread = reread
        self._looking = Lock()
        self._look_at = 0.0

    @property
    def policy(self) -> Policy:
        """What holds now."""
        if self._reread is not None and time.monotonic() >= self._look_at and self._looking.acquire(False):
            try:
                self._look(self._reread)
            finally:
                self._looking.release()
        return self._policy

    def _look(self, reread: Reread) -> None:
        self._look_at = time.monotonic() + _LOOK_EVERY_SECONDS
        try:
            changed = reread()
            if changed is None:
                return
            policy = worked_out(changed)
            _check_change(self._policy, policy)
            self._policy = policy
        except AccessError as error:
            log.error("access_not_reread", problem=str(error))
        else:
            log.info("access_reread", consumers=len(self._policy.permitted))

    def caller(self, environ: Mapping[str, Any], claimed: Caller) -> Caller:
        """Return who calls; see `producer.callers.identified`."""
        policy = self.policy
        return identified(environ, claimed, policy.proxy, policy.platforms, tls=self._tls)

    def admit(self, caller: Caller) -> None:
        """Let a caller in who may call something; asked before anything of the body is read.

        Raises:
            SoapFault: FK402, it cannot be told who calls; FK401, it may call nothing.
        """
        if caller.unknown is not None:
            raise SoapFault("FK402", caller.unknown)
        if self._asks(caller) and (
            caller.consumer is None or HsaId(caller.consumer) not in self.policy.permitted
        ):
            raise SoapFault("FK401")

    def permit(self, caller: Caller, contract: Contract, address: LogicalAddress) -> None:
        """Let a caller call a contract at a LogicalAddress.

        Raises:
            SoapFault: FK403, it may not.
        """
        if self._asks(caller) and not self._lists(caller, contract.name, address):
            raise SoapFault("FK403", contract.name)

    def may_pull(self, caller: Caller) -> bool:
        """Tell whether a caller may have the feed of changes, for which it must always be listed."""
        return self._lists(caller, FEED)

    def _asks(self, caller: Caller) -> bool:
        """Tell whether a caller must be listed: not by its headers alone where nobody is."""
        return caller.proven or self.policy.lists

    def _lists(self, caller: Caller, name: str, address: LogicalAddress | None = None) -> bool:
        if caller.consumer is None:
            return False
        places = self.policy.permitted.get(HsaId(caller.consumer), {}).get(name, frozenset())
        return places is None or (address is not None and HsaId(address.value) in places)


def _check_change(before: Policy, after: Policy) -> None:
    """Refuse to open what was closed, as by a file that is half written or was emptied by a full disk.

    Raises:
        AccessError: After a start it would let everybody in, and may only by a start.
    """
    if before.proxy is not None and after.proxy is None:
        raise AccessError(
            "access.proxy: is gone, and headers alone would say who calls; restart to have it so"
        )
    if before.lists and not after.lists:
        raise AccessError("access.rules, access.consumers: nobody is listed any more; restart to have it so")


def worked_out(settings: AccessSettings) -> Policy:
    """Return ``[access]`` in the form it is asked in.

    Raises:
        AccessError: The file with the proxy's secret cannot be used.
    """
    return Policy(
        lists=lists(settings),
        permitted=permitted(settings),
        platforms=frozenset(map(HsaId, settings.platforms)),
        proxy=None if settings.proxy is None else Proxy(settings.proxy),
        hidden={HsaId(one): frozenset(map(HsaId, units)) for one, units in settings.hidden_units.items()},
        visibility={HsaId(one): dict(limits) for one, limits in settings.visibility.items()},
    )
