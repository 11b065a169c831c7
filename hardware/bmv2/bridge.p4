/*
 * A learning bridge. IEEE 802.1D.
 *
 * Where a station was heard last stands in registers, by a hash of its address: of two stations
 * with one hash the later is known, and frames to the other are flooded.
 */
#ifndef BRIDGE_P4
#define BRIDGE_P4

#include "headers.p4"

/* Of the controller, which is no station: frames come out there that nobody was to rewrite. */
const port_t PUNT_PORT = 5;
/* Commands come in at the first, the agent is behind the second: what comes in at one leaves at
   the other, and neither is bridged. */
const port_t CONTROL_PORT = 6;
const port_t AGENT_PORT = 7;
/* The multicast group of all bridged ports. */
const bit<16> FLOOD_GROUP = 1;
const bit<32> STATIONS = 4096;
const bit<48> STATION_AGE_US = 300000000;   /* IEEE 802.1D section 7.9.2 */

/* Learns where the sender is, and sends the frame where its destination was heard. */
control Bridge(in ethernet_t ethernet, in bit<1> may_return, inout standard_metadata_t standard) {
    register<mac_t>(STATIONS) macs;
    register<port_t>(STATIONS) ports;
    register<bit<48>>(STATIONS) times;

    apply {
        bit<32> at;
        mac_t mac;
        port_t port;
        bit<48> heard;

        /* A group is nobody's address. */
        if (ethernet.src[40:40] == 0 && standard.ingress_port != PUNT_PORT) {
            hash(at, HashAlgorithm.crc32, 32w0, { ethernet.src }, STATIONS);
            macs.write(at, ethernet.src);
            ports.write(at, standard.ingress_port);
            times.write(at, standard.ingress_global_timestamp);
        }

        hash(at, HashAlgorithm.crc32, 32w0, { ethernet.dst }, STATIONS);
        macs.read(mac, at);
        ports.read(port, at);
        times.read(heard, at);
        if (mac != ethernet.dst || standard.ingress_global_timestamp - heard > STATION_AGE_US) {
            standard.mcast_grp = FLOOD_GROUP;
        } else if (port == standard.ingress_port && may_return == 0) {
            mark_to_drop(standard);
        } else {
            standard.egress_spec = port;
        }
    }
}

/* A flood does not go back to where it came from. */
control Flood(inout standard_metadata_t standard) {
    apply {
        if (standard.mcast_grp == FLOOD_GROUP && standard.egress_port == standard.ingress_port) {
            mark_to_drop(standard);
        }
    }
}

#endif
