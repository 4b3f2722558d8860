"""What we keep of how an act reached us, and no more (GDPR art. 5(1)(c), requirement R-065)."""

import ipaddress

MAX_USER_AGENT = 256
#: How much of the IP address a company keeps.
IP_DETAILS = [
    ("off", "Nothing"),
    ("network", "The network only (/24, /48)"),
    ("full", "The whole address"),
]


def network(address: str | None) -> str | None:
    """Return the network that an IP address is in (/24, or /48 of IPv6): enough to tell acts apart, not people."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    prefix = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network((found, prefix), strict=False))


def of_request(
    address: str | None, user_agent: str | None, page: str, language: str, ip_detail: str = "network"
) -> dict[str, str]:
    """Return the circumstances of an act on one of our pages, as evidence.

    :param address: the IP address it came from
    :param page: which page, without anything that names a person
    :param ip_detail: a value of `IP_DETAILS`
    """
    found = {
        "ip": ip_detail == "full" and address,
        "network": ip_detail == "network" and network(address),
        "user_agent": (user_agent or "")[:MAX_USER_AGENT],
        "page": page,
        "language": language,
    }
    return {name: value for name, value in found.items() if value}
