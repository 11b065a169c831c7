/* Headers as long as they say: IPv4 options are read, counted, checked and taken away. RFC 791. */
#include <core.p4>
#include <v1model.p4>

header ethernet_t { bit<48> dst; bit<48> src; bit<16> type; }
header ipv4_t {
    bit<4> version; bit<4> ihl; bit<8> tos; bit<16> total_length; bit<16> id; bit<3> flags;
    bit<13> offset; bit<8> ttl; bit<8> protocol; bit<16> checksum; bit<32> src; bit<32> dst;
    varbit<320> options;
}
header mark_t { bit<8> kind; bit<8> length; bit<16> value; }
struct headers_t { ethernet_t ethernet; mark_t mark; ipv4_t ipv4; }
struct metadata_t { bit<32> sum; bit<8> first; }

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
        bit<8> first = packet.lookahead<bit<8>>();
        meta.first = first;
        transition select(first) {
            0x45 .. 0x4f: whole;
            default: accept;
        }
    }
    state whole {
        packet.extract(hdr.ipv4, ((bit<32>)(meta.first & 0xf) - 5) << 5);
        transition accept;
    }
}

control MyVerify(inout headers_t hdr, inout metadata_t meta) {
    apply {
        verify_checksum(hdr.ipv4.isValid(),
            { hdr.ipv4.version, hdr.ipv4.ihl, hdr.ipv4.tos, hdr.ipv4.total_length, hdr.ipv4.id,
              hdr.ipv4.flags, hdr.ipv4.offset, hdr.ipv4.ttl, hdr.ipv4.protocol, hdr.ipv4.src,
              hdr.ipv4.dst, hdr.ipv4.options }, hdr.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control MyIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply {
        standard.egress_spec = 1;
        if (hdr.ipv4.isValid()) {
            hash(meta.sum, HashAlgorithm.crc32, 32w0,
                { hdr.ipv4.src, hdr.ipv4.dst, hdr.ipv4.protocol }, 32w0xffffffff);
            hdr.mark.setValid();
            hdr.mark = { 0x99, (bit<8>)hdr.ipv4.ihl, meta.sum[15:0] };
            hdr.ipv4.ttl = hdr.ipv4.ttl - 3;
            hdr.ipv4.tos = (bit<8>)standard.checksum_error;
        }
        if (standard.parser_error == error.PacketTooShort) { standard.egress_spec = 2; }
        if (standard.parser_error == error.HeaderTooShort) { standard.egress_spec = 3; }
    }
}

control MyEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply { }
}

control MyUpdate(inout headers_t hdr, inout metadata_t meta) {
    apply {
        update_checksum(hdr.ipv4.isValid(),
            { hdr.ipv4.version, hdr.ipv4.ihl, hdr.ipv4.tos, hdr.ipv4.total_length, hdr.ipv4.id,
              hdr.ipv4.flags, hdr.ipv4.offset, hdr.ipv4.ttl, hdr.ipv4.protocol, hdr.ipv4.src,
              hdr.ipv4.dst, hdr.ipv4.options }, hdr.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control MyDeparse(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.ethernet);
        packet.emit(hdr.mark);
        packet.emit(hdr.ipv4);
    }
}

V1Switch(MyParse(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparse()) main;
