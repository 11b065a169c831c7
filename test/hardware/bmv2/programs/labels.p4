/* Header stacks: MPLS labels that are pushed, swapped and popped. RFC 3032. */
#include <core.p4>
#include <v1model.p4>

header ethernet_t { bit<48> dst; bit<48> src; bit<16> type; }
header label_t { bit<20> value; bit<3> class; bit<1> bottom; bit<8> ttl; }
struct headers_t { ethernet_t ethernet; label_t[4] labels; }
struct metadata_t { bit<8> depth; bit<20> top; }

parser MyParse(packet_in packet, out headers_t hdr, inout metadata_t meta,
             inout standard_metadata_t standard) {
    state start {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.type) {
            0x8847: label;
            default: accept;
        }
    }
    state label {
        packet.extract(hdr.labels.next);
        meta.depth = meta.depth + 1;
        transition select(hdr.labels.last.bottom) {
            0: label;
            1: accept;
        }
    }
}

control MyVerify(inout headers_t hdr, inout metadata_t meta) { apply { } }

control MyIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    action drop() { mark_to_drop(standard); }
    action swap(bit<20> value, bit<9> port) {
        hdr.labels[0].value = value;
        hdr.labels[0].ttl = hdr.labels[0].ttl - 1;
        standard.egress_spec = port;
    }
    action push(bit<20> value, bit<9> port) {
        hdr.labels.push_front(1);
        hdr.labels[0].setValid();
        hdr.labels[0] = { value, 0, 0, 64 };
        standard.egress_spec = port;
    }
    action pop(bit<9> port) {
        hdr.labels.pop_front(1);
        standard.egress_spec = port;
    }
    table tops {
        key = { meta.top: exact @name("top"); meta.depth: exact @name("depth"); }
        actions = { swap; push; pop; drop; }
        default_action = drop;
    }
    apply {
        standard.egress_spec = 2;
        if (hdr.labels[0].isValid()) {
            meta.top = hdr.labels[0].value;
            tops.apply();
        }
        if (standard.parser_error == error.StackOutOfBounds) { hdr.ethernet.src = 1; }
        if (standard.parser_error == error.PacketTooShort) { hdr.ethernet.src = 2; }
        if (standard.parser_error == error.NoMatch) { hdr.ethernet.src = 3; }
    }
}

control MyEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply { }
}

control MyUpdate(inout headers_t hdr, inout metadata_t meta) { apply { } }

control MyDeparse(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.ethernet);
        packet.emit(hdr.labels);
    }
}

V1Switch(MyParse(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparse()) main;
