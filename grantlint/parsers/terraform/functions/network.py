"""Arithmetic on IP networks. https://github.com/apparentlymart/go-cidr."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network

from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.terraform.functions.declaration import FunctionError, Parameter, plain
from grantlint.parsers.terraform.functions.whole import whole_number
from grantlint.value import NUMBER, STRING, Type

Network = IPv4Network | IPv6Network
Number = int | Fraction
_PREFIX = Parameter("prefix", STRING)


def _network(text: str, parameter: int | None = None) -> Network:
    """Leading zeros of a part are allowed and decimal, as Terraform does."""
    address, slash, length = text.partition("/")
    refused = FunctionError(f"invalid CIDR expression: invalid CIDR address: {text}", parameter)
    if not slash or not re.fullmatch(r"\d{1,3}", length, re.ASCII) or "%" in address:
        raise refused
    if ":" not in address:
        address = ".".join(part.lstrip("0") or part[:1] for part in address.split("."))
    try:
        return ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError:
        raise refused from None


def _text(network: Network, number: int) -> str:
    address = type(network.network_address)(number)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        raise UnknowableError("an IPv4 address written as an IPv6 address")
    return str(address)


def _integer(amount: Number) -> int:
    if isinstance(amount, Fraction):
        raise FunctionError("value must be a whole number")
    return amount


@plain(_PREFIX, Parameter("hostnum", NUMBER), returns=STRING)
def cidrhost(prefix: str, host: Number) -> str:
    """A negative number counts from the end."""
    number = _integer(host)
    network = _network(prefix)
    bits = network.max_prefixlen - network.prefixlen
    most = 2**bits - 1
    if (number if number >= 0 else -number - 1) > most:
        shown = number if number >= 0 else number + 2**bits
        text = f"prefix of {network.prefixlen} does not accommodate a host numbered {shown}"
        raise FunctionError(text)
    if number < 0:
        number += 2**bits
    return _text(network, int(network.network_address) | number)


@plain(_PREFIX, returns=STRING)
def cidrnetmask(prefix: str) -> str:
    """Of an IPv4 network."""
    network = _network(prefix)
    if network.version != 4:
        raise FunctionError(f"IPv6 addresses cannot have a netmask: {prefix}")
    return str(network.netmask)


@plain(_PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER), returns=STRING)
def cidrsubnet(prefix: str, bits: Number, number: Number) -> str:
    """One of the networks inside a network."""
    more, wanted = whole_number(bits), _integer(number)
    network = _network(prefix)
    length = network.prefixlen + more
    if length > network.max_prefixlen:
        raise FunctionError(
            f"insufficient address space to extend prefix of {network.prefixlen} by {more}"
        )
    if more < 0 or wanted < 0:
        raise UnknowableError("a network with negative numbers")
    if wanted > 2**more - 1:
        text = f"prefix extension of {more} does not accommodate a subnet numbered {wanted}"
        raise FunctionError(text)
    start = int(network.network_address) | wanted << (network.max_prefixlen - length)
    return f"{_text(network, start)}/{length}"


@plain(_PREFIX, rest=Parameter("newbits", NUMBER), returns=Type("list", STRING))
def cidrsubnets(prefix: str, *bits: Number) -> Sequence[str]:
    """Networks inside a network, one behind the other."""
    network = _network(prefix, 0)
    found: list[str] = []
    following = int(network.network_address)
    last = f"{network}"
    for at, amount in enumerate(bits, 1):
        more = _new_bits(network, amount, at)
        length = network.prefixlen + more
        size = 2 ** (network.max_prefixlen - length)
        start = -(-following // size) * size
        if start + size - 1 > int(network.broadcast_address):
            raise FunctionError(
                "not enough remaining address space for a subnet with a prefix of "
                f"{length} bits after {last}",
                at,
            )
        last = f"{_text(network, start)}/{length}"
        found.append(last)
        following = start + size
    return found


def _new_bits(network: Network, amount: Number, at: int) -> int:
    more = whole_number(amount, at)
    if more < 1:
        raise FunctionError("must extend prefix by at least one bit", at)
    if more > 32:
        raise FunctionError("may not extend prefix by more than 32 bits", at)
    length = network.prefixlen + more
    if length > network.max_prefixlen:
        text = f"would extend prefix to {length} bits, which is too long for an"
        raise FunctionError(f"{text} IPv{network.version} address", at)
    return more
