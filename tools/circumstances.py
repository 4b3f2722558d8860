"""The circumstances of an act that are stored as evidence, limited to what is needed (GDPR art. 5(1)(c))."""

import ipaddress

MAX_USER_AGENT = 256
#: How much of the IP address is stored, by company.
IP_DETAILS = [
    ("off", "Nothing"),
    ("network", "The network only (/24, /48)"),
    ("full", "The whole address"),
]


def network(address: str | None) -> str | None:
    """Return the network of an IP address (/24, or /48 for IPv6), which does not identify a person."""
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

    :param address: the client's IP address
    :param page: path of the page, without personal data
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
