"""Scapy as the oracle of scapy-ts.

Reads one packet a line from the file argv[1]: {"layers": [[kind, fields], ...], "octets": hex}.
Writes one answer a line to the file argv[2]: {"built": hex, "parsed": [[kind, fields], ...]}:
the octets that scapy builds from the fields, and the fields that scapy parses from the octets.
Addresses travel as numbers (IPv6 as decimal text), octets in hexadecimal, unset fields not at all.
"""
import ipaddress
import json
import logging
import struct
import sys

logging.getLogger("scapy").setLevel(logging.CRITICAL)

from scapy.config import conf  # noqa: E402
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether  # noqa: E402
from scapy.layers import inet, inet6  # noqa: E402
from scapy.layers.inet import ICMP, IP, TCP, UDP  # noqa: E402
from scapy.packet import Padding, Raw  # noqa: E402

conf.debug_dissector = False

# Names of the fields, ours and scapy's, where nothing else differs.
ETHER = {"etherType": "type"}
DOT1Q = {"pcp": "prio", "dei": "id", "vid": "vlan", "etherType": "type"}
ARP_FIELDS = {
    "hardwareType": "hwtype", "protocolType": "ptype", "hardwareLength": "hwlen",
    "protocolLength": "plen", "operation": "op",
}
IPV4 = {
    "version": "version", "ihl": "ihl", "totalLength": "len", "id": "id",
    "fragmentOffset": "frag", "ttl": "ttl", "protocol": "proto", "checksum": "chksum",
}
IPV6 = {
    "version": "version", "flowLabel": "fl", "payloadLength": "plen", "nextHeader": "nh",
    "hopLimit": "hlim",
}
FRAGMENT = {
    "nextHeader": "nh", "reserved": "res1", "fragmentOffset": "offset", "reservedBits": "res2",
    "mf": "m", "id": "id",
}
TCP_FIELDS = {
    "srcPort": "sport", "dstPort": "dport", "seq": "seq", "ack": "ack", "dataOffset": "dataofs",
    "reserved": "reserved", "window": "window", "checksum": "chksum", "urgent": "urgptr",
}
UDP_FIELDS = {"srcPort": "sport", "dstPort": "dport", "length": "len", "checksum": "chksum"}


def ours_to_scapy(names, fields):
    return {theirs: fields[ours] for ours, theirs in names.items() if ours in fields}


def scapy_to_ours(names, layer):
    return {ours: int(layer.getfieldval(theirs)) for ours, theirs in names.items()}


def mac_text(number):
    return ":".join("%02x" % octet for octet in number.to_bytes(6, "big"))


def mac_number(text):
    return int(text.replace(":", ""), 16)


def ip_text(number):
    return str(ipaddress.IPv4Address(number))


def ip_number(text):
    return int(ipaddress.IPv4Address(text))


def ip6_text(number):
    return str(ipaddress.IPv6Address(int(number)))


def ip6_number(text):
    return str(int(ipaddress.IPv6Address(text)))


def addresses(fields, text, names=("src", "dst")):
    return {name: text(fields[name]) for name in names if name in fields}


# Options ------------------------------------------------------------------------------------

IP_ROUTES = {
    "recordRoute": inet.IPOption_RR,
    "looseSourceRoute": inet.IPOption_LSRR,
    "strictSourceRoute": inet.IPOption_SSRR,
}


def build_ip_option(option):
    kind = option["kind"]
    if kind == "nop":
        return inet.IPOption_NOP()
    if kind == "routerAlert":
        return inet.IPOption_Router_Alert(alert=option["value"])
    if kind in IP_ROUTES:
        routers = [ip_text(address) for address in option["route"]]
        return IP_ROUTES[kind](pointer=option["pointer"], routers=routers)
    value = bytes.fromhex(option["octets"])
    return Raw(bytes([option["type"], 2 + len(value)]) + value)


def parse_ip_option(option):
    if isinstance(option, inet.IPOption_NOP):
        return {"kind": "nop"}
    if isinstance(option, inet.IPOption_EOL):
        return {"kind": "eol"}
    if isinstance(option, inet.IPOption_Router_Alert):
        return {"kind": "routerAlert", "value": option.alert}
    for kind, layer in IP_ROUTES.items():
        if type(option) is layer:
            route = [ip_number(address) for address in option.routers]
            return {"kind": kind, "pointer": option.pointer, "route": route}
    octets = bytes(option)
    return {"kind": "unknown", "type": octets[0], "octets": octets[2:octets[1]].hex()}


def build_tcp_option(option):
    kind = option["kind"]
    if kind == "nop":
        return ("NOP", None)
    if kind == "mss":
        return ("MSS", option["mss"])
    if kind == "windowScale":
        return ("WScale", option["shift"])
    if kind == "sackPermitted":
        return ("SAckOK", b"")
    if kind == "sack":
        return ("SAck", tuple(b[edge] for b in option["blocks"] for edge in ("left", "right")))
    if kind == "timestamps":
        return ("Timestamp", (option["value"], option["echo"]))
    if kind == "md5":
        return ("MD5", bytes.fromhex(option["digest"]))
    if kind == "authentication":
        mac = bytes.fromhex(option["mac"])
        value = inet.TCPAOValue(keyid=option["keyId"], rnextkeyid=option["nextKeyId"], mac=mac)
        return ("AO", value)
    if kind == "fastOpen":
        return (34, bytes.fromhex(option["cookie"]))
    return (option["type"], bytes.fromhex(option["octets"]))


def parse_tcp_option(name, value):
    if name == "EOL":
        return {"kind": "eol"}
    if name == "NOP":
        return {"kind": "nop"}
    if name == "MSS":
        return {"kind": "mss", "mss": value}
    if name == "WScale":
        return {"kind": "windowScale", "shift": value}
    if name == "SAckOK":
        return {"kind": "sackPermitted"}
    if name == "SAck":
        pairs = zip(value[0::2], value[1::2])
        return {"kind": "sack", "blocks": [{"left": a, "right": b} for a, b in pairs]}
    if name == "Timestamp":
        return {"kind": "timestamps", "value": value[0], "echo": value[1]}
    if name == "MD5":
        return {"kind": "md5", "digest": value.hex()}
    if name == "AO":
        return {
            "kind": "authentication", "keyId": value.keyid, "nextKeyId": value.rnextkeyid,
            "mac": bytes(value.mac).hex(),
        }
    if name == "TFO":
        cookie = value if isinstance(value, bytes) else struct.pack("!II", *value)
        return {"kind": "fastOpen", "cookie": cookie.hex()}
    if name == "UTO":
        value = value if isinstance(value, bytes) else struct.pack("!H", value)
        return {"kind": "unknown", "type": 28, "octets": value.hex()}
    return {"kind": "unknown", "type": name, "octets": value.hex()}


# Fields to octets ---------------------------------------------------------------------------

# What scapy computes itself is left to it; where it knows no protocol for what follows, it is told.
TOLD_PROTOCOL = {"raw": 253, "tcpQuote": 6}


def build_ipv4(fields, following):
    given = ours_to_scapy(IPV4, fields)
    given.update(addresses(fields, ip_text))
    given["tos"] = fields.get("dscp", 0) << 2 | fields.get("ecn", 0)
    given["flags"] = fields.get("reserved", 0) << 2 | fields.get("df", 0) << 1 | fields.get("mf", 0)
    given["options"] = [build_ip_option(option) for option in fields.get("options", [])]
    if "proto" not in given and following in TOLD_PROTOCOL:
        given["proto"] = TOLD_PROTOCOL[following]
    return IP(**given)


def build_ipv6(fields, following):
    given = ours_to_scapy(IPV6, fields)
    given.update(addresses(fields, ip6_text))
    given["tc"] = fields.get("dscp", 0) << 2 | fields.get("ecn", 0)
    if "nh" not in given and following in TOLD_PROTOCOL:
        given["nh"] = TOLD_PROTOCOL[following]
    return inet6.IPv6(**given)


def build_extension(fields):
    classes = {0: inet6.IPv6ExtHdrHopByHop, 60: inet6.IPv6ExtHdrDestOpt}
    body = bytes.fromhex(fields["body"])
    options = [inet6.PadN(otype=body[0], optlen=body[1], optdata=body[2:])]
    return classes[fields["protocol"]](options=options, autopad=0)


def build_icmpv4(fields):
    given = {"type": fields["type"], "code": fields.get("code", 0)}
    rest = fields.get("rest", 0)
    high, low = rest >> 16, rest & 0xFFFF
    if given["type"] in (0, 8):
        given.update(id=high, seq=low)
    elif given["type"] == 3:
        given.update(reserved=high >> 8, length=high & 255, nexthopmtu=low)
    elif given["type"] == 11:
        given.update(reserved=high >> 8, length=high & 255, unused=low)
    else:
        given.update(ptr=high >> 8, length=high & 255, unused=low)
    return ICMP(**given)


def build_icmpv6(fields):
    kind, code, rest = fields["type"], fields.get("code", 0), fields.get("rest", 0)
    if kind in (128, 129):
        echo = inet6.ICMPv6EchoRequest if kind == 128 else inet6.ICMPv6EchoReply
        return echo(code=code, id=rest >> 16, seq=rest & 0xFFFF)
    if kind == 2:
        return inet6.ICMPv6PacketTooBig(code=code, mtu=rest)
    if kind == 4:
        return inet6.ICMPv6ParamProblem(code=code, ptr=rest)
    error = inet6.ICMPv6DestUnreach if kind == 1 else inet6.ICMPv6TimeExceeded
    return error(code=code, length=rest >> 24, unused=rest & 0xFFFFFF)


def build_tcp(fields):
    given = ours_to_scapy(TCP_FIELDS, fields)
    options = [build_tcp_option(option) for option in fields.get("options", [])]
    return TCP(flags=fields.get("flags", 2), options=options, **given)


def build_layer(kind, fields, following):
    if kind == "ether":
        macs = addresses(fields, mac_text)
        return Ether(**ours_to_scapy(ETHER, fields), **macs)
    if kind == "dot1q":
        return Dot1Q(**ours_to_scapy(DOT1Q, fields))
    if kind == "arp":
        given = ours_to_scapy(ARP_FIELDS, fields)
        return ARP(
            hwsrc=mac_text(fields["senderMac"]), psrc=ip_text(fields["senderIp"]),
            hwdst=mac_text(fields["targetMac"]), pdst=ip_text(fields["targetIp"]), **given)
    if kind == "ipv4":
        return build_ipv4(fields, following)
    if kind == "ipv6":
        return build_ipv6(fields, following)
    if kind == "ipv6Extension":
        return build_extension(fields)
    if kind == "ipv6Fragment":
        return inet6.IPv6ExtHdrFragment(**ours_to_scapy(FRAGMENT, fields))
    if kind == "icmpv4":
        return build_icmpv4(fields)
    if kind == "icmpv6":
        return build_icmpv6(fields)
    if kind == "tcp":
        return build_tcp(fields)
    if kind == "tcpQuote":
        return Raw(struct.pack("!HHI", fields["srcPort"], fields["dstPort"], fields["seq"]))
    if kind == "udp":
        return UDP(**ours_to_scapy(UDP_FIELDS, fields))
    octets = bytes.fromhex(fields["octets"])
    return Padding(octets) if kind == "padding" else Raw(octets)


def build(layers):
    packet = None
    for index, (kind, fields) in enumerate(layers):
        following = layers[index + 1][0] if index + 1 < len(layers) else None
        layer = build_layer(kind, fields, following)
        packet = layer if packet is None else packet / layer
    return bytes(packet)


# Octets to fields ---------------------------------------------------------------------------

def parse_ipv4(layer):
    flags = int(layer.flags)
    return dict(
        scapy_to_ours(IPV4, layer), dscp=layer.tos >> 2, ecn=layer.tos & 3, reserved=flags >> 2,
        df=flags >> 1 & 1, mf=flags & 1, src=ip_number(layer.src), dst=ip_number(layer.dst),
        options=[parse_ip_option(option) for option in layer.options])


def parse_ipv6(layer):
    return dict(
        scapy_to_ours(IPV6, layer), dscp=layer.tc >> 2, ecn=layer.tc & 3,
        src=ip6_number(layer.src), dst=ip6_number(layer.dst))


def own_octets(layer):
    return bytes(layer.original)[:len(layer.original) - len(layer.payload.original)]


def parse_tcp(layer):
    options = [parse_tcp_option(name, value) for name, value in layer.options]
    return dict(scapy_to_ours(TCP_FIELDS, layer), flags=int(layer.flags), options=options)


def parse_icmpv4(layer):
    if layer.type in (0, 8):
        rest = layer.id << 16 | layer.seq
    elif layer.type == 3:
        rest = layer.reserved << 24 | layer.length << 16 | layer.nexthopmtu
    elif layer.type == 11:
        rest = layer.reserved << 24 | layer.length << 16 | layer.unused
    else:
        rest = layer.ptr << 24 | layer.length << 16 | layer.unused
    return {"type": layer.type, "code": layer.code, "checksum": layer.chksum, "rest": rest}


def parse_icmpv6(layer):
    if layer.type in (128, 129):
        rest = layer.id << 16 | layer.seq
    elif layer.type == 2:
        rest = layer.mtu
    elif layer.type == 4:
        rest = layer.ptr
    else:
        rest = layer.length << 24 | layer.unused
    return {"type": layer.type, "code": layer.code, "checksum": layer.cksum, "rest": rest}


ICMPV6 = (
    inet6.ICMPv6EchoRequest, inet6.ICMPv6EchoReply, inet6.ICMPv6DestUnreach,
    inet6.ICMPv6PacketTooBig, inet6.ICMPv6TimeExceeded, inet6.ICMPv6ParamProblem,
)


def parse_layer(layer):
    if isinstance(layer, Ether):
        macs = {"dst": mac_number(layer.dst), "src": mac_number(layer.src)}
        return ["ether", dict(scapy_to_ours(ETHER, layer), **macs)]
    if isinstance(layer, (Dot1Q, Dot1AD)):
        return ["dot1q", scapy_to_ours(DOT1Q, layer)]
    if isinstance(layer, ARP):
        return ["arp", dict(
            scapy_to_ours(ARP_FIELDS, layer),
            senderMac=mac_number(layer.hwsrc), senderIp=ip_number(layer.psrc),
            targetMac=mac_number(layer.hwdst), targetIp=ip_number(layer.pdst))]
    if isinstance(layer, IP):
        return ["ipv4", parse_ipv4(layer)]
    if isinstance(layer, inet6.IPv6):
        return ["ipv6", parse_ipv6(layer)]
    if isinstance(layer, inet6.IPv6ExtHdrFragment):
        return ["ipv6Fragment", scapy_to_ours(FRAGMENT, layer)]
    if isinstance(layer, (inet6.IPv6ExtHdrHopByHop, inet6.IPv6ExtHdrDestOpt)):
        protocol = 0 if isinstance(layer, inet6.IPv6ExtHdrHopByHop) else 60
        body = own_octets(layer)[2:].hex()
        return ["ipv6Extension", {
            "protocol": protocol, "nextHeader": layer.nh, "length": layer.len, "body": body}]
    if isinstance(layer, TCP):
        return ["tcp", parse_tcp(layer)]
    if isinstance(layer, UDP):
        return ["udp", scapy_to_ours(UDP_FIELDS, layer)]
    if isinstance(layer, ICMP):
        return ["icmpv4", parse_icmpv4(layer)]
    if isinstance(layer, ICMPV6):
        return ["icmpv6", parse_icmpv6(layer)]
    kind = "padding" if isinstance(layer, Padding) else "raw"
    return [kind, {"octets": bytes(layer.load).hex()}]


def parse(octets):
    layers = []
    layer = Ether(octets)
    while layer:
        quoted = isinstance(layer.underlayer, (inet.IPerror, inet6.IPerror6))
        if quoted and len(layer.original) == 8:
            # Scapy has no layer for a quote of eight octets.
            ports = struct.unpack("!HHI", layer.original)
            layers.append(["tcpQuote", dict(zip(("srcPort", "dstPort", "seq"), ports))])
            layer = layer.getlayer(Padding)
            continue
        layers.append(parse_layer(layer))
        if isinstance(layer, (inet6.ICMPv6EchoRequest, inet6.ICMPv6EchoReply)) and layer.data:
            layers.append(["raw", {"octets": bytes(layer.data).hex()}])
        layer = layer.payload
    return layers


def main():
    with open(sys.argv[1]) as packets, open(sys.argv[2], "w") as answers:
        for line in packets:
            packet = json.loads(line)
            answer = {
                "built": build(packet["layers"]).hex(),
                "parsed": parse(bytes.fromhex(packet["octets"])),
            }
            answers.write(json.dumps(answer) + "\n")


main()
