/*
 * A switch that can only set fields: what OpenFlow's set-field gives, written in P4.
 *
 *   client ──┐                    ┌──▶ owner     destination, MAC
 *            ├─▶ flows ─▶ set ────┤
 *   owner ───┘                    └──▶ client    source
 *
 * An entry writes constants into addresses and ports, and checksums follow (OpenFlow Switch 1.5.1
 * section 7.2.3.7). It cannot add to what it finds: not to sequence and acknowledgment numbers, nor
 * to what stands in options; and it does not see what an ICMP error quotes. See why-p4.md.
 */
#include <core.p4>
#include <v1model.p4>
#include "headers.p4"
#include "bridge.p4"

header tcp_t {
    bit<16> src_port;
    bit<16> dst_port;
    bit<64> numbers;
    bit<4> offset;
    bit<28> flags_and_window;
    bit<16> checksum;
}

struct headers_t {
    ethernet_t ethernet;
    vlan_t[4] tags;
    ipv4_t ipv4;
    word_t[10] ip_options;
    ipv6_t ipv6;
    tcp_t tcp;
}

/* What stood in the fields that an entry sets, in ones' complement: for the checksums. */
struct taken_t {
    address_t src;
    address_t dst;
    bit<16> src_port;
    bit<16> dst_port;
    bit<16> ip_checksum;
    bit<16> checksum;
}

struct metadata_t {
    bit<16> ip_at;            /* octets before the IP header */
    bit<16> ip_octets;        /* of the IP packet, as its header says */
    bit<16> headers_octets;   /* of IP and TCP */
    bit<8> words;             /* of IPv4 options, still to be read */
    bit<4> version;
    address_t src;
    address_t dst;
    bit<16> src_port;
    bit<16> dst_port;
    bit<1> is_set;
    bit<1> is_dropped;
    taken_t taken;
}

parser SetFieldParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                      inout standard_metadata_t standard) {
    state start {
        packet.extract(hdr.ethernet);
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
        meta.version = 4;
        meta.src = (address_t)hdr.ipv4.src;
        meta.dst = (address_t)hdr.ipv4.dst;
        meta.ip_octets = hdr.ipv4.total_length;
        meta.headers_octets = (bit<16>)hdr.ipv4.ihl << 2;
        meta.words = (bit<8>)hdr.ipv4.ihl - 5;
        transition select(hdr.ipv4.version, hdr.ipv4.ihl) {
            (4, 5): ipv4_payload;
            (4, 6 .. 15): ip_option;
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
        transition select(hdr.ipv4.protocol, hdr.ipv4.offset) {
            (PROTO_TCP, 0): tcp;
            default: accept;
        }
    }

    state ipv6 {
        packet.extract(hdr.ipv6);
        meta.version = 6;
        meta.src = hdr.ipv6.src;
        meta.dst = hdr.ipv6.dst;
        meta.ip_octets = hdr.ipv6.payload_length + 40;
        meta.headers_octets = 40;
        transition select(hdr.ipv6.version, hdr.ipv6.next_header) {
            (6, PROTO_TCP): tcp;
            default: accept;
        }
    }

    state tcp {
        packet.extract(hdr.tcp);
        meta.src_port = hdr.tcp.src_port;
        meta.dst_port = hdr.tcp.dst_port;
        meta.headers_octets = meta.headers_octets + ((bit<16>)hdr.tcp.offset << 2);
        transition accept;
    }
}

control NoVerification(inout headers_t hdr, inout metadata_t meta) {
    apply { }
}

control SetFieldIngress(inout headers_t hdr, inout metadata_t meta,
                        inout standard_metadata_t standard) {
    Bridge() bridge;

    counter(1024, CounterType.packets_and_bytes) from_client;
    counter(1024, CounterType.packets_and_bytes) from_owner;

    action drop() {
        meta.is_dropped = 1;
    }

    action set_destination(mac_t mac, address_t address, bit<16> port, bit<32> cell) {
        from_client.count(cell);
        meta.is_set = 1;
        hdr.ethernet.dst = mac;
        meta.dst = address;
        meta.dst_port = port;
    }

    action set_source(address_t address, bit<16> port, bit<32> cell) {
        from_owner.count(cell);
        meta.is_set = 1;
        meta.src = address;
        meta.src_port = port;
    }

    table flows {
        key = {
            meta.version: exact @name("version");
            meta.src: exact @name("src");
            meta.src_port: exact @name("src_port");
            meta.dst: exact @name("dst");
            meta.dst_port: exact @name("dst_port");
            /* Of two senders with one address the MAC tells. */
            hdr.ethernet.src: ternary @name("mac");
        }
        actions = { set_destination; set_source; drop; @defaultonly NoAction; }
        const default_action = NoAction;
        size = 16384;
    }

    action set_fields() {
        hdr.tcp.src_port = meta.src_port;
        hdr.tcp.dst_port = meta.dst_port;
        hdr.ipv4.src = (bit<32>)meta.src;
        hdr.ipv4.dst = (bit<32>)meta.dst;
        hdr.ipv6.src = meta.src;
        hdr.ipv6.dst = meta.dst;
    }

    apply {
        if (standard.ingress_port == CONTROL_PORT) {
            standard.egress_spec = AGENT_PORT;
        } else if (standard.ingress_port == AGENT_PORT) {
            standard.egress_spec = CONTROL_PORT;
        } else if (!hdr.ethernet.isValid()) {
            mark_to_drop(standard);
        } else {
            if (hdr.tcp.isValid() && hdr.tcp.offset >= 5 &&
                standard.parser_error == error.NoError &&
                meta.headers_octets <= meta.ip_octets &&
                (bit<32>)meta.ip_at + (bit<32>)meta.ip_octets <= standard.packet_length) {
                meta.taken = { ~meta.src, ~meta.dst, ~meta.src_port, ~meta.dst_port,
                               ~hdr.ipv4.checksum, ~hdr.tcp.checksum };
                flows.apply();
            }
            if (meta.is_set == 1) { set_fields(); }
            bridge.apply(hdr.ethernet, meta.is_set, standard);
            if (meta.is_dropped == 1) {
                mark_to_drop(standard);
            }
        }
    }
}

control SetFieldEgress(inout headers_t hdr, inout metadata_t meta,
                       inout standard_metadata_t standard) {
    Flood() flood;
    apply { flood.apply(standard); }
}

control SetFieldChecksums(inout headers_t hdr, inout metadata_t meta) {
    apply {
        update_checksum(meta.is_set == 1 && hdr.ipv4.isValid(),
            { meta.taken.ip_checksum, meta.taken.src, meta.taken.dst, meta.src, meta.dst },
            hdr.ipv4.checksum, HashAlgorithm.csum16);
        update_checksum(meta.is_set == 1,
            { meta.taken.checksum, meta.taken.src, meta.taken.dst, meta.taken.src_port,
              meta.taken.dst_port, meta.src, meta.dst, meta.src_port, meta.dst_port },
            hdr.tcp.checksum, HashAlgorithm.csum16);
    }
}

control SetFieldDeparser(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.ethernet);
        packet.emit(hdr.tags);
        packet.emit(hdr.ipv4);
        packet.emit(hdr.ip_options);
        packet.emit(hdr.ipv6);
        packet.emit(hdr.tcp);
    }
}

V1Switch(SetFieldParser(), NoVerification(), SetFieldIngress(), SetFieldEgress(),
         SetFieldChecksums(), SetFieldDeparser()) main;
