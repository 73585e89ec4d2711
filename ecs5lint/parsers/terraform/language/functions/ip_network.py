"""Implement the IP network functions.

https://developer.hashicorp.com/terraform/language/functions#ip-network-functions
"""

from __future__ import annotations

from ecs5lint.light_typing import TYPE_CHECKING
from ecs5lint.parsers.terraform.language.functions.function import plain, require
from ecs5lint.parsers.terraform.language.types import BOOL, NUMBER, STRING, list_of
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.values.kinds import Unknown

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network


def _network(prefix: str) -> Network:
    from ipaddress import ip_network

    require("/" in prefix, f"{prefix} is not a network in CIDR notation")
    try:
        # Terraform reads a number with a leading zero in an IPv4 address as decimal.
        address, _, length = prefix.partition("/")
        if ":" not in address:
            address = ".".join(str(int(part)) if part.isdecimal() else part for part in address.split("."))
        require(length.isdecimal(), f"{prefix} is not a network in CIDR notation")
        return ip_network(f"{address}/{length}", strict=False)
    except ValueError:
        raise EvaluationError(f"{prefix} is not a network in CIDR notation") from None


def _whole(value: float) -> int:
    require(value == int(value), "a whole number is required")
    return int(value)


def _cidrhost(prefix: str, number: float) -> str:
    network, host = _network(prefix), _whole(number)
    require(-network.num_addresses <= host < network.num_addresses, "the network has no such host")
    return str(network[host])


def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    require(network.version == 4, "IPv6 networks have no netmask")
    return str(network.netmask)


def _subnet(network: Network, new_bits: int, number: int) -> Network:
    if new_bits < 0 or number < 0:
        raise NotKnown(Unknown("a negative number is not supported here"))
    length = network.prefixlen + new_bits
    require(length <= network.max_prefixlen, "the network is too small")
    require(number < 1 << new_bits, "there is no such subnet")
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return type(network)((start, length))


def _cidrsubnet(prefix: str, new_bits: float, number: float) -> str:
    return str(_subnet(_network(prefix), _whole(new_bits), _whole(number)))


def _cidrsubnets(prefix: str, *new_bits: float) -> list[str]:
    """Return consecutive subnets of the given sizes. Each starts at the next address where it fits."""
    network = _network(prefix)
    if network.prefixlen == 0:
        raise NotKnown(Unknown("subnets of the whole address space are not evaluated"))
    found = []
    address = int(network.network_address)
    for bits in map(_whole, new_bits):
        require(bits >= 1, "a subnet must be smaller than the network")
        size = 1 << max(0, network.max_prefixlen - network.prefixlen - bits)
        address = -(-address // size) * size
        subnet = _subnet(network, bits, (address - int(network.network_address)) // size)
        found.append(str(subnet))
        address += size
    return found


def _cidrcontains(prefix: str, contained: str) -> bool:
    """Tell whether a network contains an address or another network. This is a function of OpenTofu.

    https://opentofu.org/docs/language/functions/cidrcontains/
    """
    outer = _network(prefix)
    inner = _network(contained if "/" in contained else f"{contained}/{32 if ':' not in contained else 128}")
    require(outer.version == inner.version, "an IPv4 and an IPv6 address cannot be compared")
    first, last = int(inner.network_address), int(inner.broadcast_address)
    return int(outer.network_address) <= first and last <= int(outer.broadcast_address)


FUNCTIONS = {
    "cidrcontains": plain(_cidrcontains, (STRING, STRING), BOOL),
    "cidrhost": plain(_cidrhost, (STRING, NUMBER), STRING),
    "cidrnetmask": plain(_cidrnetmask, (STRING,), STRING),
    "cidrsubnet": plain(_cidrsubnet, (STRING, NUMBER, NUMBER), STRING),
    "cidrsubnets": plain(_cidrsubnets, (STRING,), list_of(STRING), variadic=NUMBER),
}
