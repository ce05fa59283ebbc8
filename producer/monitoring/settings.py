"""Settings of what an operator sees of a running service."""

from pydantic import Field

from contracts.fields import Section


class MonitoringSettings(Section):
    """Section ``[monitoring]``: health and metrics, on an address of their own (docs/operations.md)."""

    host: str = Field(
        "127.0.0.1",
        description="Address on which health and metrics are served, in plain HTTP to whoever reaches it. "
        "They hold no personal data, but the names of consumers and sources.",
    )
    port: int | None = Field(
        None, ge=0, le=65535, description="Port of that; 0 picks a free one. Left out, neither is served."
    )
    late_minutes: int = Field(
        60,
        ge=1,
        description="How long a message to another region, or a post to the index, may lie before "
        "/health/ready calls what goes out late. That alone never makes the service unready.",
    )
    certificate_days: int = Field(
        30,
        ge=1,
        description="How many days before its end /health/ready calls a certificate late. One that has "
        "ended makes the service unready.",
    )
