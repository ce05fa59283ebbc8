"""PingForConfiguration 1.0: is the service up, and which version is it?"""

from contracts.messages import PingForConfiguration
from mapping.answers import monitoring
from producer.service import Call, Reply, Service


def ping_for_configuration(service: Service, call: Call, request: PingForConfiguration) -> Reply:
    """Answer with the version once the register has answered; any LogicalAddress will do.

    If this fails the other contracts are expected to fail too (annotation in the contract's WSDL), so a
    register that cannot be read becomes a Fault.
    """
    service.register.ping()
    settings = service.settings
    configuration = {
        "product": "fastkontakt",
        "regions": ", ".join(sorted(settings.regions)),
        "sourceSystemId": settings.care_managers.source_system_id if settings.care_managers else "",
        "demo": str(settings.demo.enabled).lower(),
    }
    return Reply(monitoring.ping(service.version, call.now, configuration))
