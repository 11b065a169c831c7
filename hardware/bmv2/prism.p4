/*
 * A Prism switch.
 *
 *   client ──┐                        ┌──▶ owner     destination, numbers, MAC
 *            ├─▶ flows ─▶ rules[index] ─┤
 *   owner ───┘                        └──▶ client    source, numbers
 *
 * A rule is one entry of `rules`: one write turns both directions on, changes both, or turns both
 * off. The entries of `flows` that lead to it come before it and go after it.
 *
 * What belongs to a ruled connection and is not rewritten here goes to the controller as it came,
 * and never on its way; everything else is bridged.
 *
 * A frame travels once:  parse, find the rule, translate, forward, move the checksums.
 *
 * RFC 791, 792, 1624, 4443, 5508, 7323, 8200, 9293; IEEE 802.1Q.
 */
#include <core.p4>
#include <v1model.p4>
#include "headers.p4"
#include "bridge.p4"

typedef bit<32> index_t;

const bit<32> DATAGRAMS = 4096;
const bit<32> RULES = 1024;
const bit<32> FLOWS = 16384;

const bit<8> HOP_BY_HOP = 0;
const bit<8> ROUTING = 43;
const bit<8> FRAGMENTED = 44;
const bit<8> DESTINATION = 60;

/* Hop-by-hop options, destination options: eight octets, and eight for each that `length` counts. */
header extension_t {
    bit<8> next_header;
    bit<8> length;
    bit<48> first;
    varbit<16320> rest;
}

header tcp_t {
    bit<16> src_port;
    bit<16> dst_port;
    bit<32> seq;
    bit<32> ack;
    bit<4> offset;
    bit<7> above_ack;   /* reserved, AE, CWR, ECE, URG */
    bit<1> has_ack;
    bit<2> psh_rst;
    bit<1> syn;
    bit<1> fin;
    bit<16> window;
    bit<16> checksum;
    bit<16> urgent;
}

header icmp_t {
    bit<8> type;
    bit<8> code;
    bit<16> checksum;
    bit<32> rest;
}

/* What every ICMP error quotes of a segment. RFC 792. */
header quoted_tcp_t {
    bit<16> src_port;
    bit<16> dst_port;
    bit<32> seq;
}

/* Shifts by octets: v1model shifts by less than 256 bits at once. */
#define LEFT(value, octets) ((value) << ((octets) << 2) << ((octets) << 2))
#define RIGHT(value, octets) ((value) >> ((octets) << 2) >> ((octets) << 2))

struct headers_t {
    ethernet_t ethernet;
    vlan_t[4] tags;
    ipv4_t ipv4;
    word_t[10] ip_options;
    ipv6_t ipv6;
    extension_t extension;
    extension_t second_extension;
    tcp_t tcp;
    word_t[10] options;
    icmp_t icmp;
    ipv4_t quoted_ipv4;
    word_t[10] quoted_ip_options;
    ipv6_t quoted_ipv6;
    quoted_tcp_t quoted_tcp;
}

/* What a frame is to the rules. */
const bit<3> PLAIN = 0;      /* nothing that a rule could be for */
const bit<3> SEGMENT = 1;    /* a TCP header stands where it should */
const bit<3> FRAGMENT = 2;   /* a later fragment: its datagram's first one had the TCP header */
const bit<3> ERROR = 3;      /* an ICMP error that quotes a segment */
const bit<3> OPAQUE = 4;     /* may belong to a connection, and cannot be told or not be rewritten */

/* What becomes of a frame that is not forwarded by layer 2. */
const bit<2> DROP = 1;
const bit<2> PUNT = 2;       /* as it came, to the controller */

/* What names a connection, as one side's packets carry it. */
struct flow_t {
    bit<4> version;
    address_t src;
    address_t dst;
    bit<16> src_port;
    bit<16> dst_port;
}

/* What translation changes, as it came and in ones' complement, for checksums to take it away. */
struct taken_t {
    flow_t flow;
    address_t src;
    address_t dst;
    bit<32> seq;
    bit<32> ack;
    bit<16> window;
    bit<320> options;
    bit<16> ip_checksum;
    bit<16> checksum;           /* of TCP, or of ICMP */
    bit<16> quoted_checksum;
}

struct rule_t {
    bit<32> generation;        /* of two rules never the same, and never 0 */
    bit<1> locked;
    address_t owner;
    bit<16> owner_port;
    mac_t owner_mac;
    address_t virtual;
    bit<16> virtual_port;
    bit<32> client_seq;
    bit<32> owner_seq;
    bit<32> client_timestamp;
    bit<32> owner_timestamp;
    bit<8> client_window_in;
    bit<8> client_window_out;
    bit<8> owner_window_in;
    bit<8> owner_window_out;
}

/* What one direction of a rule adds. */
struct change_t {
    bit<32> seq;
    bit<32> ack;
    bit<32> value;
    bit<32> echo;
    bit<8> window_in;
    bit<8> window_out;
}

struct metadata_t {
    bit<3> view;
    bit<2> fate;
    bit<16> ip_at;            /* octets before the IP header */
    bit<16> ip_octets;        /* of the IP packet, as its header says */
    bit<16> headers_octets;   /* of IP, and of what is read behind it */
    bit<8> words;             /* of options, still to be read */
    bit<320> options;         /* of TCP, from the left */
    bit<320> rest;            /* what of them has not been looked at yet, from the left */
    bit<8> rest_at;           /* how many octets stand to the right of where it begins */
    bit<8> rest_octets;
    bit<8> option_octets;
    bit<1> has_timestamps;
    bit<8> timestamps_at;     /* how many octets stand to the right of where the option begins */
    bit<3> sack_blocks;
    bit<8> sack_at;
    flow_t flow;              /* of an error: of the reply to what it quotes */
    bit<1> from_client;
    bit<1> is_ruled;
    index_t index;
    rule_t rule;
    change_t change;
    taken_t taken;
    address_t src;            /* as they leave */
    address_t dst;
}

parser PrismParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                   inout standard_metadata_t standard) {
    state start {
        packet.extract(hdr.ethernet);
        meta.view = PLAIN;
        meta.ip_at = 14;
        transition select(hdr.ethernet.type) {
            TYPE_VLAN: tag;
            TYPE_QINQ: tag;
            TYPE_IPV4: ipv4;
            TYPE_IPV6: ipv6;
            default: accept;
        }
    }

    state tag {
        packet.extract(hdr.tags.next);
        meta.ip_at = meta.ip_at + 4;
        transition select(hdr.tags.last.type) {
            TYPE_VLAN: tag;
            TYPE_QINQ: tag;
            TYPE_IPV4: ipv4;
            TYPE_IPV6: ipv6;
            default: accept;
        }
    }

    state ipv4 {
        packet.extract(hdr.ipv4);
        meta.flow.version = 4;
        meta.flow.src = (address_t)hdr.ipv4.src;
        meta.flow.dst = (address_t)hdr.ipv4.dst;
        meta.ip_octets = hdr.ipv4.total_length;
        meta.headers_octets = (bit<16>)hdr.ipv4.ihl << 2;
        meta.words = (bit<8>)hdr.ipv4.ihl - 5;
        transition select(hdr.ipv4.version, hdr.ipv4.ihl, hdr.ipv4.protocol) {
            (4, 5, _): ipv4_payload;
            (4, 6 .. 15, _): ip_option;
            (_, _, PROTO_TCP): opaque;
            default: accept;
        }
    }

    state ip_option {
        packet.extract(hdr.ip_options.next);
        meta.words = meta.words - 1;
        transition select(meta.words) {
            0: ipv4_payload;
            default: ip_option;
        }
    }

    state ipv4_payload {
        transition select(hdr.ipv4.protocol, hdr.ipv4.offset, hdr.ipv4.mf) {
            (PROTO_TCP, 0, _): tcp;
            (PROTO_TCP, _, _): fragment;
            (PROTO_ICMP, 0, 0): icmp;
            default: accept;
        }
    }

    state ipv6 {
        packet.extract(hdr.ipv6);
        meta.flow.version = 6;
        meta.flow.src = hdr.ipv6.src;
        meta.flow.dst = hdr.ipv6.dst;
        meta.ip_octets = hdr.ipv6.payload_length + 40;
        meta.headers_octets = 40;
        transition select(hdr.ipv6.version, hdr.ipv6.next_header) {
            (6, PROTO_TCP): tcp;
            (6, PROTO_ICMPV6): icmp;
            (6, HOP_BY_HOP): extension;
            (6, DESTINATION): extension;
            (6, ROUTING): hidden;
            (6, FRAGMENTED): hidden;
            (_, PROTO_TCP): opaque;
            default: accept;
        }
    }

    state extension {
        meta.headers_octets = meta.headers_octets + 8 +
            ((bit<16>)packet.lookahead<bit<16>>()[7:0] << 3);
        packet.extract(hdr.extension, (bit<32>)packet.lookahead<bit<16>>()[7:0] << 6);
        transition select(hdr.extension.next_header) {
            PROTO_TCP: tcp;
            PROTO_ICMPV6: icmp;
            HOP_BY_HOP: second_extension;
            DESTINATION: second_extension;
            ROUTING: hidden;
            FRAGMENTED: hidden;
            default: accept;
        }
    }

    state second_extension {
        meta.headers_octets = meta.headers_octets + 8 +
            ((bit<16>)packet.lookahead<bit<16>>()[7:0] << 3);
        packet.extract(hdr.second_extension, (bit<32>)packet.lookahead<bit<16>>()[7:0] << 6);
        transition select(hdr.second_extension.next_header) {
            PROTO_TCP: tcp;
            PROTO_ICMPV6: icmp;
            HOP_BY_HOP: hidden;
            DESTINATION: hidden;
            ROUTING: hidden;
            FRAGMENTED: hidden;
            default: accept;
        }
    }

    /* Behind a route that may go on, behind a fragment header, or too deep: TCP is not looked for. */
    state hidden {
        transition select(packet.lookahead<bit<8>>()) {
            PROTO_TCP: opaque;
            HOP_BY_HOP: opaque;
            ROUTING: opaque;
            FRAGMENTED: opaque;
            DESTINATION: opaque;
            default: accept;
        }
    }

    state opaque {
        meta.view = OPAQUE;
        transition accept;
    }

    state fragment {
        meta.view = FRAGMENT;
        transition accept;
    }

    state tcp {
        /* Until it is read whole. */
        meta.view = OPAQUE;
        packet.extract(hdr.tcp);
        meta.flow.src_port = hdr.tcp.src_port;
        meta.flow.dst_port = hdr.tcp.dst_port;
        meta.headers_octets = meta.headers_octets + ((bit<16>)hdr.tcp.offset << 2);
        meta.words = (bit<8>)hdr.tcp.offset - 5;
        meta.rest_octets = meta.words << 2;
        transition select(hdr.tcp.offset) {
            0 .. 4: accept;
            5: segment;
            default: options;
        }
    }

    state options {
        packet.extract(hdr.options.next);
        meta.options = meta.options << 32 | (bit<320>)hdr.options.last.value;
        meta.words = meta.words - 1;
        transition select(meta.words) {
            0: all_options;
            default: options;
        }
    }

    state all_options {
        meta.options = LEFT(meta.options, 40 - meta.rest_octets);
        meta.rest = meta.options;
        meta.rest_at = 40;
        transition option;
    }

    /* Options of TCP, whatever their order and alignment. RFC 9293 section 3.1. */
    state option {
        transition select(meta.rest_octets, meta.rest[319:312]) {
            (0, _): segment;
            (_, 0): segment;
            (_, 1): no_operation;
            (1, _): segment;                          /* cut by the end of the header */
            default: long_option;
        }
    }

    state no_operation {
        meta.option_octets = 1;
        transition next_option;
    }

    state long_option {
        meta.option_octets = meta.rest[311:304];
        transition select(meta.rest[319:304], meta.rest_octets) {
            (0x0000 &&& 0x00fe, _): segment;          /* shorter than its own kind and length */
            (0x080a, 10 .. 40): timestamps;
            (0x050a, 10 .. 40): sack;
            (0x0512, 18 .. 40): sack;
            (0x051a, 26 .. 40): sack;
            (0x0522, 34 .. 40): sack;
            default: other_option;
        }
    }

    state other_option {
        transition select((bit<1>)(meta.option_octets > meta.rest_octets)) {
            1: segment;                               /* longer than what is left */
            default: next_option;
        }
    }

    state timestamps {
        meta.timestamps_at = meta.rest_at;
        transition select(meta.has_timestamps) {
            0: first_timestamps;
            default: accept;                          /* twice: nobody sends that */
        }
    }

    state first_timestamps {
        meta.has_timestamps = 1;
        transition next_option;
    }

    state sack {
        meta.sack_at = meta.rest_at;
        transition select(meta.sack_blocks) {
            0: first_sack;
            default: accept;
        }
    }

    state first_sack {
        meta.sack_blocks = (bit<3>)(meta.option_octets >> 3);
        transition next_option;
    }

    state next_option {
        meta.rest = LEFT(meta.rest, meta.option_octets);
        meta.rest_at = meta.rest_at - meta.option_octets;
        meta.rest_octets = meta.rest_octets - meta.option_octets;
        transition option;
    }

    state segment {
        meta.view = SEGMENT;
        transition accept;
    }

    /* Errors quote what caused them. RFC 792, RFC 4443. */
    state icmp {
        packet.extract(hdr.icmp);
        meta.headers_octets = meta.headers_octets + 8;
        transition select(hdr.ipv4.isValid(), hdr.icmp.type) {
            (true, 3): quoted_ipv4;
            (true, 11): quoted_ipv4;
            (true, 12): quoted_ipv4;
            (false, 1 .. 4): quoted_ipv6;
            default: accept;
        }
    }

    state quoted_ipv4 {
        packet.extract(hdr.quoted_ipv4);
        meta.headers_octets = meta.headers_octets + ((bit<16>)hdr.quoted_ipv4.ihl << 2);
        meta.words = (bit<8>)hdr.quoted_ipv4.ihl - 5;
        transition select(hdr.quoted_ipv4.ihl, hdr.quoted_ipv4.protocol, hdr.quoted_ipv4.offset) {
            (5, PROTO_TCP, 0): quoted_tcp;
            (6 .. 15, PROTO_TCP, 0): quoted_ip_option;
            default: accept;
        }
    }

    state quoted_ip_option {
        packet.extract(hdr.quoted_ip_options.next);
        meta.words = meta.words - 1;
        transition select(meta.words) {
            0: quoted_tcp;
            default: quoted_ip_option;
        }
    }

    state quoted_ipv6 {
        packet.extract(hdr.quoted_ipv6);
        meta.headers_octets = meta.headers_octets + 40;
        transition select(hdr.quoted_ipv6.next_header) {
            PROTO_TCP: quoted_tcp;
            default: accept;
        }
    }

    state quoted_tcp {
        packet.extract(hdr.quoted_tcp);
        meta.headers_octets = meta.headers_octets + 8;
        meta.view = ERROR;
        transition accept;
    }
}

control NoVerification(inout headers_t hdr, inout metadata_t meta) {
    /* What was corrupt when it came stays corrupt: hosts find it, as without a switch. */
    apply { }
}

/* Writes one direction of a rule into a packet; what it takes away is kept for the checksums. */
control Translation(inout headers_t hdr, inout metadata_t meta, in flow_t translated) {
    /* The addresses of the IP header; those that are not the connection's own stay. */
    action take_addresses(address_t src, address_t dst) {
        meta.taken.src = ~src;
        meta.taken.dst = ~dst;
        meta.src = (src == meta.flow.src) ? translated.src : src;
        meta.dst = (dst == meta.flow.dst) ? translated.dst : dst;
    }

    /* Adds to a number in the options: `at` octets stand to the right of it. */
    action add(bit<8> at, bit<32> delta) {
        bit<32> number = (bit<32>)RIGHT(meta.options, at);
        bit<320> changed = (bit<320>)(number ^ (number + delta));
        meta.options = meta.options ^ LEFT(changed, at);
    }

    /* Both edges of a block count what acknowledgments count. RFC 2018. */
    action add_to_block(bit<8> at) {
        add(at + 4, meta.change.ack);
        add(at, meta.change.ack);
    }

    apply {
        meta.taken.flow = { meta.flow.version, ~meta.flow.src, ~meta.flow.dst,
                            ~meta.flow.src_port, ~meta.flow.dst_port };
        if (hdr.ipv4.isValid()) {
            take_addresses((address_t)hdr.ipv4.src, (address_t)hdr.ipv4.dst);
            meta.taken.ip_checksum = ~hdr.ipv4.checksum;
            hdr.ipv4.src = (bit<32>)meta.src;
            hdr.ipv4.dst = (bit<32>)meta.dst;
        } else {
            take_addresses(hdr.ipv6.src, hdr.ipv6.dst);
            hdr.ipv6.src = meta.src;
            hdr.ipv6.dst = meta.dst;
        }

        if (meta.view == SEGMENT) {
            meta.taken.seq = ~hdr.tcp.seq;
            meta.taken.ack = ~hdr.tcp.ack;
            meta.taken.window = ~hdr.tcp.window;
            meta.taken.checksum = ~hdr.tcp.checksum;
            /* Without ACK nothing is acknowledged, and nothing echoed. RFC 9293, RFC 7323. */
            if (hdr.tcp.has_ack == 0) {
                meta.change.ack = 0;
                meta.change.echo = 0;
            }
            hdr.tcp.src_port = translated.src_port;
            hdr.tcp.dst_port = translated.dst_port;
            hdr.tcp.seq = hdr.tcp.seq + meta.change.seq;
            hdr.tcp.ack = hdr.tcp.ack + meta.change.ack;
            /* The window of a SYN is never scaled. RFC 7323 section 2.2. */
            if (hdr.tcp.syn == 0) {
                bit<32> window = ((bit<32>)hdr.tcp.window << meta.change.window_in)
                    >> meta.change.window_out;
                hdr.tcp.window = (window > 65535) ? 16w65535 : (bit<16>)window;
            }
            meta.taken.options = ~meta.options;
            if (meta.has_timestamps == 1) {
                add(meta.timestamps_at - 6, meta.change.value);
                /* An echo of 0 is none. */
                if ((bit<32>)RIGHT(meta.options, meta.timestamps_at - 10) != 0) {
                    add(meta.timestamps_at - 10, meta.change.echo);
                }
            }
            if (meta.sack_blocks > 0) { add_to_block(meta.sack_at - 10); }
            if (meta.sack_blocks > 1) { add_to_block(meta.sack_at - 18); }
            if (meta.sack_blocks > 2) { add_to_block(meta.sack_at - 26); }
            if (meta.sack_blocks > 3) { add_to_block(meta.sack_at - 34); }
            hdr.options[0].value = meta.options[319:288];
            hdr.options[1].value = meta.options[287:256];
            hdr.options[2].value = meta.options[255:224];
            hdr.options[3].value = meta.options[223:192];
            hdr.options[4].value = meta.options[191:160];
            hdr.options[5].value = meta.options[159:128];
            hdr.options[6].value = meta.options[127:96];
            hdr.options[7].value = meta.options[95:64];
            hdr.options[8].value = meta.options[63:32];
            hdr.options[9].value = meta.options[31:0];
        } else if (meta.view == ERROR) {
            /* What it quotes went the other way: its sequence number is one of acknowledgment. */
            meta.taken.seq = ~hdr.quoted_tcp.seq;
            meta.taken.checksum = ~hdr.icmp.checksum;
            hdr.quoted_tcp.src_port = translated.dst_port;
            hdr.quoted_tcp.dst_port = translated.src_port;
            hdr.quoted_tcp.seq = hdr.quoted_tcp.seq + meta.change.ack;
            if (hdr.quoted_ipv4.isValid()) {
                meta.taken.quoted_checksum = ~hdr.quoted_ipv4.checksum;
                hdr.quoted_ipv4.src = (bit<32>)translated.dst;
                hdr.quoted_ipv4.dst = (bit<32>)translated.src;
            } else {
                hdr.quoted_ipv6.src = translated.dst;
                hdr.quoted_ipv6.dst = translated.src;
            }
        }
    }
}

/* Finds the rule of a packet, and does to it what the rule says. */
control Prism(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    /* What the first fragment of each datagram was, by a hash of what names the datagram. */
    register<bit<80>>(DATAGRAMS) datagram_names;
    register<bit<32>>(DATAGRAMS) datagram_ports;
    register<bit<32>>(DATAGRAMS) datagram_generations;

    counter(RULES, CounterType.packets_and_bytes) from_client;
    counter(RULES, CounterType.packets_and_bytes) from_owner;

    Translation() translation;

    action drop() {
        meta.fate = DROP;
    }

    action punt() {
        meta.fate = PUNT;
    }

    /* What the client sends. */
    action client_of(index_t index) {
        meta.index = index;
        meta.from_client = 1;
    }

    /* What the owner sends, or will send, or has sent. */
    action owner_of(index_t index) {
        meta.index = index;
        meta.from_client = 0;
    }

    table flows {
        key = {
            meta.flow.version: exact @name("version");
            meta.flow.src: exact @name("src");
            meta.flow.src_port: exact @name("src_port");
            meta.flow.dst: exact @name("dst");
            meta.flow.dst_port: exact @name("dst_port");
        }
        /* drop: packets as the virtual endpoint, or as an owner that the connection has left. */
        actions = { client_of; owner_of; drop; @defaultonly NoAction; }
        const default_action = NoAction;
        size = FLOWS;
    }

    /* The rule of a connection, for both directions. An owner's number is the client's and delta. */
    action rule(bit<32> generation, bit<1> locked,
                address_t owner, bit<16> owner_port, mac_t owner_mac,
                address_t virtual, bit<16> virtual_port,
                bit<32> client_seq, bit<32> owner_seq,
                bit<32> client_timestamp, bit<32> owner_timestamp,
                bit<8> client_window_in, bit<8> client_window_out,
                bit<8> owner_window_in, bit<8> owner_window_out) {
        meta.is_ruled = 1;
        meta.rule = { generation, locked, owner, owner_port, owner_mac, virtual, virtual_port,
                      client_seq, owner_seq, client_timestamp, owner_timestamp,
                      client_window_in, client_window_out, owner_window_in, owner_window_out };
    }

    table rules {
        key = { meta.index: exact @name("index"); }
        actions = { rule; @defaultonly NoAction; }
        const default_action = NoAction;
        size = RULES;
        support_timeout = true;
    }

    /* Hosts between which there may be a ruled connection. */
    table hosts {
        key = {
            meta.flow.version: exact @name("version");
            meta.flow.src: exact @name("src");
            meta.flow.dst: exact @name("dst");
        }
        actions = { punt; @defaultonly NoAction; }
        const default_action = NoAction;
        size = FLOWS;
    }

    apply {
        bit<32> at = 0;
        bit<80> name = 0;
        bit<32> first_generation = 0;
        flow_t translated = meta.flow;

        /* A frame that ends before its headers do, or headers that are longer than they say. */
        if (meta.view != PLAIN &&
            (standard.parser_error != error.NoError || meta.headers_octets > meta.ip_octets ||
             (bit<32>)meta.ip_at + (bit<32>)meta.ip_octets > standard.packet_length)) {
            meta.view = (meta.view == ERROR) ? PLAIN : OPAQUE;
        }

        /* Only the first fragment of a datagram has its ports. RFC 791. */
        if (hdr.ipv4.isValid() &&
            (meta.view == FRAGMENT || (meta.view == SEGMENT && hdr.ipv4.mf == 1))) {
            name = hdr.ipv4.src ++ hdr.ipv4.dst ++ hdr.ipv4.id;
            hash(at, HashAlgorithm.crc32, 32w0, { name }, DATAGRAMS);
        }
        if (meta.view == FRAGMENT) {
            bit<80> first;
            bit<32> ports;
            datagram_names.read(first, at);
            datagram_ports.read(ports, at);
            datagram_generations.read(first_generation, at);
            meta.flow.src_port = ports[31:16];
            meta.flow.dst_port = ports[15:0];
            if (first != name) { meta.view = OPAQUE; }
        }

        /* An error goes the way of a reply to what it quotes. RFC 5508 section 4.2. */
        if (meta.view == ERROR) {
            address_t addressee = meta.flow.dst;
            if (hdr.quoted_ipv4.isValid()) {
                meta.flow.src = (address_t)hdr.quoted_ipv4.dst;
                meta.flow.dst = (address_t)hdr.quoted_ipv4.src;
            } else {
                meta.flow.src = hdr.quoted_ipv6.dst;
                meta.flow.dst = hdr.quoted_ipv6.src;
            }
            meta.flow.src_port = hdr.quoted_tcp.dst_port;
            meta.flow.dst_port = hdr.quoted_tcp.src_port;
            /* It is for the sender of what it quotes. RFC 1122 section 3.2.2. */
            if (addressee != meta.flow.dst) { meta.view = PLAIN; }
        }

        if (meta.view == SEGMENT || meta.view == FRAGMENT || meta.view == ERROR) {
            switch (flows.apply().action_run) {
                client_of: { rules.apply(); }
                owner_of: { rules.apply(); }
            }
        }

        /* A datagram is translated whole or not at all. */
        if (meta.view == FRAGMENT && first_generation != meta.rule.generation) {
            meta.is_ruled = 0;
            meta.view = OPAQUE;
        }
        if (meta.view == SEGMENT && hdr.ipv4.isValid() && hdr.ipv4.mf == 1) {
            datagram_names.write(at, name);
            datagram_ports.write(at, hdr.tcp.src_port ++ hdr.tcp.dst_port);
            datagram_generations.write(at, meta.rule.generation);
        }

        if (meta.view == OPAQUE) {
            hosts.apply();
        } else if (meta.is_ruled == 1) {
            translated = meta.flow;
            if (meta.from_client == 1) {
                translated.dst = meta.rule.owner;
                translated.dst_port = meta.rule.owner_port;
                meta.change = { meta.rule.client_seq, meta.rule.owner_seq,
                                meta.rule.client_timestamp, meta.rule.owner_timestamp,
                                meta.rule.client_window_in, meta.rule.client_window_out };
            } else {
                translated.src = meta.rule.virtual;
                translated.src_port = meta.rule.virtual_port;
                meta.change = { -meta.rule.owner_seq, -meta.rule.client_seq,
                                -meta.rule.owner_timestamp, -meta.rule.client_timestamp,
                                meta.rule.owner_window_in, meta.rule.owner_window_out };
            }

            /* An owner to be, or one that was; and of two with one address the MAC tells. */
            bool is_foreign = meta.from_client == 0 &&
                (meta.flow.src != meta.rule.owner || meta.flow.src_port != meta.rule.owner_port ||
                 (meta.flow.src == meta.rule.virtual &&
                  meta.flow.src_port == meta.rule.virtual_port &&
                  meta.view != ERROR && hdr.ethernet.src != meta.rule.owner_mac));

            if (is_foreign || meta.rule.locked == 1) {
                drop();
            } else {
                if (meta.from_client == 1) {
                    hdr.ethernet.dst = meta.rule.owner_mac;
                    from_client.count(meta.index);
                } else {
                    from_owner.count(meta.index);
                }
                translation.apply(hdr, meta, translated);
                meta.flow = translated;
            }
        }
    }
}

control PrismIngress(inout headers_t hdr, inout metadata_t meta,
                     inout standard_metadata_t standard) {
    Prism() prism;
    Bridge() bridge;

    apply {
        if (standard.ingress_port == CONTROL_PORT) {
            standard.egress_spec = AGENT_PORT;
        } else if (standard.ingress_port == AGENT_PORT) {
            standard.egress_spec = CONTROL_PORT;
        } else if (!hdr.ethernet.isValid()) {
            mark_to_drop(standard);
        } else {
            prism.apply(hdr, meta, standard);
            /* What a rule has sent on may leave where it came in. */
            bridge.apply(hdr.ethernet, meta.is_ruled, standard);
            if (meta.fate == DROP) {
                mark_to_drop(standard);
            } else if (meta.fate == PUNT) {
                standard.mcast_grp = 0;
                standard.egress_spec = PUNT_PORT;
            }
        }
    }
}

control PrismEgress(inout headers_t hdr, inout metadata_t meta,
                    inout standard_metadata_t standard) {
    Flood() flood;
    apply { flood.apply(standard); }
}

/*
 * A checksum is never computed anew but moved by what has changed, so that payload does not enter
 * and what was corrupt stays so:  new = ~(~old checksum + ~old words + new words).  RFC 1624.
 */
control PrismChecksums(inout headers_t hdr, inout metadata_t meta) {
    apply {
        update_checksum(meta.is_ruled == 1 && hdr.ipv4.isValid(),
            { meta.taken.ip_checksum, meta.taken.src, meta.taken.dst, meta.src, meta.dst },
            hdr.ipv4.checksum, HashAlgorithm.csum16);
        update_checksum(meta.is_ruled == 1 && meta.view == SEGMENT,
            { meta.taken.checksum, meta.taken.src, meta.taken.dst, meta.src, meta.dst,
              meta.taken.flow.src_port, meta.taken.flow.dst_port,
              meta.flow.src_port, meta.flow.dst_port,
              meta.taken.seq, meta.taken.ack, meta.taken.window,
              hdr.tcp.seq, hdr.tcp.ack, hdr.tcp.window, meta.taken.options, meta.options },
            hdr.tcp.checksum, HashAlgorithm.csum16);
        update_checksum(meta.is_ruled == 1 && hdr.quoted_ipv4.isValid(),
            { meta.taken.quoted_checksum, meta.taken.flow.src, meta.taken.flow.dst,
              meta.flow.src, meta.flow.dst },
            hdr.quoted_ipv4.checksum, HashAlgorithm.csum16);
        /* ICMP has no pseudo-header, and a quoted IPv4 header sums to what it did before. */
        update_checksum(meta.is_ruled == 1 && hdr.quoted_ipv4.isValid(),
            { meta.taken.checksum, meta.taken.flow.src_port, meta.taken.flow.dst_port,
              meta.flow.src_port, meta.flow.dst_port, meta.taken.seq, hdr.quoted_tcp.seq },
            hdr.icmp.checksum, HashAlgorithm.csum16);
        update_checksum(meta.is_ruled == 1 && hdr.quoted_ipv6.isValid(),
            { meta.taken.checksum, meta.taken.src, meta.taken.dst, meta.src, meta.dst,
              meta.taken.flow.src, meta.taken.flow.dst, meta.flow.src, meta.flow.dst,
              meta.taken.flow.src_port, meta.taken.flow.dst_port,
              meta.flow.src_port, meta.flow.dst_port, meta.taken.seq, hdr.quoted_tcp.seq },
            hdr.icmp.checksum, HashAlgorithm.csum16);
    }
}

control PrismDeparser(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.ethernet);
        packet.emit(hdr.tags);
        packet.emit(hdr.ipv4);
        packet.emit(hdr.ip_options);
        packet.emit(hdr.ipv6);
        packet.emit(hdr.extension);
        packet.emit(hdr.second_extension);
        packet.emit(hdr.tcp);
        packet.emit(hdr.options);
        packet.emit(hdr.icmp);
        packet.emit(hdr.quoted_ipv4);
        packet.emit(hdr.quoted_ip_options);
        packet.emit(hdr.quoted_ipv6);
        packet.emit(hdr.quoted_tcp);
    }
}

V1Switch(PrismParser(), NoVerification(), PrismIngress(), PrismEgress(), PrismChecksums(),
         PrismDeparser()) main;
