/* Masks and priorities: a filter that drops, mirrors to a group, sends by a hash, or marks. */
#include <core.p4>
#include <v1model.p4>

header ethernet_t { bit<48> dst; bit<48> src; bit<16> type; }
header ipv4_t {
    bit<4> version; bit<4> ihl; bit<6> dscp; bit<2> ecn; bit<16> total_length; bit<16> id;
    bit<3> flags; bit<13> offset; bit<8> ttl; bit<8> protocol; bit<16> checksum; bit<32> src;
    bit<32> dst;
}
header ports_t { bit<16> src; bit<16> dst; }
struct headers_t { ethernet_t ethernet; ipv4_t ipv4; ports_t ports; }
struct metadata_t { bit<10> way; bit<7> mark; }

parser MyParse(packet_in packet, out headers_t hdr, inout metadata_t meta,
             inout standard_metadata_t standard) {
    state start {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.type) {
            0x0800: ipv4;
            default: accept;
        }
    }
    state ipv4 {
        packet.extract(hdr.ipv4);
        transition select(hdr.ipv4.ihl, hdr.ipv4.protocol, hdr.ipv4.offset) {
            (5, 6 .. 17, 0): ports;
            default: accept;
        }
    }
    state ports {
        packet.extract(hdr.ports);
        transition accept;
    }
}

control MyVerify(inout headers_t hdr, inout metadata_t meta) { apply { } }

control MyIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    register<bit<32>>(64) seen;
    counter(16, CounterType.packets) marks;

    action drop() { mark_to_drop(standard); }
    action forward(bit<9> port) { standard.egress_spec = port; }
    action mirror() { standard.mcast_grp = 2; }
    action spread(bit<9> first, bit<10> count) {
        hash(meta.way, HashAlgorithm.crc16, 10w0,
            { hdr.ipv4.src, hdr.ipv4.dst, hdr.ports.src, hdr.ports.dst, hdr.ipv4.dscp }, count);
        standard.egress_spec = first + (bit<9>)meta.way;
    }
    action mark(bit<6> dscp, bit<9> port) {
        hdr.ipv4.dscp = dscp;
        meta.mark = 1;
        standard.egress_spec = port;
        marks.count((bit<32>)(dscp & 0xf));
    }
    table filter {
        key = {
            hdr.ipv4.src: ternary @name("src");
            hdr.ipv4.dst: ternary @name("dst");
            hdr.ports.dst: ternary @name("dst_port");
            hdr.ports.isValid(): exact @name("has_ports");
        }
        actions = { drop; forward; mirror; spread; mark; }
        default_action = drop;
    }
    apply {
        if (hdr.ipv4.isValid()) {
            filter.apply();
            bit<32> count;
            seen.read(count, (bit<32>)(hdr.ipv4.dst & 0x3f));
            count = count + 1;
            seen.write((bit<32>)(hdr.ipv4.dst & 0x3f), count);
            hdr.ipv4.id = (bit<16>)count;
        } else {
            standard.egress_spec = 1;
        }
    }
}

control MyEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply {
        if (standard.egress_rid != 0) {
            hdr.ethernet.src = 32w0 ++ standard.egress_rid;
            if (standard.egress_port == standard.ingress_port) { mark_to_drop(standard); }
        }
        if (meta.mark == 1) { hdr.ipv4.ecn = 3; }
    }
}

control MyUpdate(inout headers_t hdr, inout metadata_t meta) { apply { } }

control MyDeparse(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.ethernet);
        packet.emit(hdr.ipv4);
        packet.emit(hdr.ports);
    }
}

V1Switch(MyParse(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparse()) main;
