/* Headers below TCP. IEEE 802.3, 802.1Q; RFC 791, 8200. */
#ifndef HEADERS_P4
#define HEADERS_P4

typedef bit<9>   port_t;
typedef bit<48>  mac_t;
/* An IPv4 address in the last 32 bits, the rest 0; so one table serves both versions. */
typedef bit<128> address_t;

const bit<16> TYPE_VLAN = 0x8100;
const bit<16> TYPE_QINQ = 0x88a8;
const bit<16> TYPE_IPV4 = 0x0800;
const bit<16> TYPE_IPV6 = 0x86dd;
const bit<8> PROTO_ICMP = 1;
const bit<8> PROTO_TCP = 6;
const bit<8> PROTO_ICMPV6 = 58;

header ethernet_t {
    mac_t dst;
    mac_t src;
    bit<16> type;
}

header vlan_t {
    bit<16> tci;
    bit<16> type;
}

header ipv4_t {
    bit<4> version;
    bit<4> ihl;
    bit<8> tos;
    bit<16> total_length;
    bit<16> id;
    bit<1> reserved;
    bit<1> df;
    bit<1> mf;
    bit<13> offset;
    bit<8> ttl;
    bit<8> protocol;
    bit<16> checksum;
    bit<32> src;
    bit<32> dst;
}

header ipv6_t {
    bit<4> version;
    bit<8> traffic_class;
    bit<20> flow_label;
    bit<16> payload_length;
    bit<8> next_header;
    bit<8> hop_limit;
    bit<128> src;
    bit<128> dst;
}

/* Of options. */
header word_t {
    bit<32> value;
}

#endif
