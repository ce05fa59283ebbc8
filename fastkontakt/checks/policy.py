"""Checks of who may call what."""

from collections.abc import Iterator

from contracts.identifiers import HsaId
from fastkontakt.checks.found import Found, Installation, look, mend, ok
from fastkontakt.checks.service import proves_callers, served_addresses
from producer.access import Places, lists, permitted, worked_out
from producer.documents import offered
from producer.settings import FEED


def callers(installation: Installation) -> Iterator[Found]:
    """Which consumers may call which contracts at which LogicalAddresses."""
    settings = installation.settings
    policy = worked_out(settings.access)
    proven = proves_callers(settings)
    if not policy.permitted and proven:
        yield mend("access.rules", "nobody may call: nothing is listed (docs/access.md)")
    if not policy.lists and not proven:
        yield look("access.rules", "nothing is listed: everybody may call every contract")
    if proven and not policy.platforms:
        yield look(
            "access.platforms",
            "none: who calls through a platform (VP) counts as the platform and not itself",
        )
    for platform in settings.access.platforms:
        yield ok("access.platforms", f"{platform} names the consumers it calls for")
    if policy.lists or proven:
        called = {name for contracts in policy.permitted.values() for name in contracts}
        uncalled = [one.name for one in offered(settings) if one.name not in called]
        if uncalled and policy.permitted:
            yield look("access.rules", f"no rule lets anybody call {', '.join(uncalled)}")
    for consumer, contracts in policy.permitted.items():
        by_places: dict[Places, list[str]] = {}
        for name, places in contracts.items():
            by_places.setdefault(places, []).append(name)
        what = (f"{', '.join(names)} {_at(places)}" for places, names in by_places.items())
        yield ok(f"consumer {consumer}", "; ".join(what))


def _at(places: Places) -> str:
    return "everywhere" if places is None else f"at {', '.join(sorted(map(str, places)))}"


def update_listing(installation: Installation) -> Iterator[Found]:
    """Whether other regions' systems may tell of residents' moves (carelisting TKB, UpdateListing)."""
    settings = installation.settings
    if not lists(settings.access) and not proves_callers(settings):
        return
    for county in settings.regions:
        found = [
            str(consumer)
            for consumer, contracts in permitted(settings.access).items()
            if (places := contracts.get("UpdateListing", frozenset())) is None or HsaId(county) in places
        ]
        if len(found) > 1:
            yield ok("UpdateListing", f"{len(found)} consumers may call it for {county}")
            continue
        finding, who = (look, f"{found[0]} alone") if found else (mend, "nobody")
        yield finding(
            "UpdateListing",
            f"{who} may call it for {county}. Let other regions' systems in, not only 1177: else messages "
            "are parked there, and residents read that hemregionen har inte svarat",
        )


def rules(installation: Installation) -> Iterator[Found]:
    """Whether rules name what is not served."""
    settings = installation.settings
    served = {FEED, *(one.name for one in offered(settings))}
    addresses = {HsaId(one) for one in served_addresses(settings)}
    for number, rule in enumerate(settings.access.rules, 1):
        about = f"access.rules, number {number}"
        unserved = [name for name in rule.contracts if name not in served]
        unknown = [one for one in rule.logical_addresses if HsaId(one) not in addresses]
        if unserved:
            yield look(about, f"names contracts that are not served: {', '.join(unserved)}")
        if unknown:
            yield look(about, f"names LogicalAddresses that are not answered for: {', '.join(unknown)}")
