/*
 * What a header is to the rules: where its fields stand, and which flow it belongs to.
 *
 *   Ethernet ─ 802.1Q … ─ IPv4 ─┬─ TCP header          the flow of its addresses and ports
 *                               ├─ (offset > 0)        its hosts
 *                               ├─ TCP, not legible    its hosts
 *                               ├─ ICMP ─ IP ─ TCP     the flow that answers what the error quotes
 *                               └─ all else            none
 *
 *   ┌──────────────────┬───────────┬──────────────────────────────────────────────┐
 *   │ key              │ [96]      │ 1: of two hosts, ports are 0                  │
 *   │                  │ [95:64]   │ source address                                │
 *   │                  │ [63:32]   │ destination address                           │
 *   │                  │ [31:16]   │ source port                                   │
 *   │                  │ [15:0]    │ destination port                              │
 *   │ has_key          │           │ a rule may be for it                          │
 *   │ is_plain_segment │           │ all of it can be translated                   │
 *   │ is_quoted        │           │ the key is that of what an ICMP error quotes  │
 *   │ tags             │ [1:0]     │ 0 to 3; a frame with more has no key          │
 *   │ tcp              │ octet i   │ [8i +: 8], the TCP header, 60 octets          │
 *   └──────────────────┴───────────┴──────────────────────────────────────────────┘
 *
 * `tcp` comes two clocks after the header, all else three: options take longest (prism_options).
 *
 *   error_runt      fewer octets than an Ethernet header
 *   error_oversize  longer than frame_max, tags not counted
 *
 * RFC 791, 792, 9293; IEEE 802.1Q.
 */
`default_nettype none

module prism_parse #(
    parameter HEADER_OCTETS = 128
) (
    input  wire                       clk,
    input  wire                       resetn,
    input  wire [15:0]                frame_max,

    input  wire                       header_valid,
    input  wire [HEADER_OCTETS*8-1:0] header,
    input  wire [15:0]                header_length,

    output reg  [479:0]               tcp,
    output reg  [3:0]                 tcp_words,

    output reg                        valid,
    output reg                        has_key,
    output reg  [96:0]                key,
    output reg                        is_plain_segment,
    output reg                        is_quoted,
    output reg  [1:0]                 tags,
    output reg  [47:0]                dst_mac,
    output reg  [47:0]                src_mac,
    output reg  [31:0]                src_address,
    output reg  [31:0]                dst_address,
    output reg  [15:0]                ip_checksum,
    output reg                        error_runt,
    output reg                        error_oversize
);

localparam ETHERNET_OCTETS = 14;
localparam PACKET_OCTETS = HEADER_OCTETS - ETHERNET_OCTETS;
/* TCP with all its options, or ICMP and what it quotes: IP with all its options, and the ports. */
localparam TRANSPORT_OCTETS = 72;

localparam [15:0] TYPE_IPV4 = 16'h0800;
localparam [15:0] TYPE_CUSTOMER_TAG = 16'h8100;
localparam [15:0] TYPE_SERVICE_TAG = 16'h88a8;
localparam [7:0] PROTOCOL_ICMP = 8'd1;
localparam [7:0] PROTOCOL_TCP = 8'd6;

function is_tag;
    input [15:0] ether_type;
    is_tag = ether_type == TYPE_CUSTOMER_TAG || ether_type == TYPE_SERVICE_TAG;
endfunction

/* Octets in the order of the wire, as a number. */
`define OCTETS2(octets, at) {octets[8*(at) +: 8], octets[8*((at)+1) +: 8]}
`define OCTETS4(octets, at) {`OCTETS2(octets, at), `OCTETS2(octets, (at)+2)}
`define OCTETS6(octets, at) {`OCTETS4(octets, at), `OCTETS2(octets, (at)+4)}

/* ---- first clock: behind the tags ---- */

wire [15:0] type_0 = `OCTETS2(header, 12);
wire [15:0] type_1 = `OCTETS2(header, 16);
wire [15:0] type_2 = `OCTETS2(header, 20);
wire [15:0] type_3 = `OCTETS2(header, 24);

reg [1:0] tag_count;
reg [15:0] ether_type;
reg [PACKET_OCTETS*8-1:0] behind_tags;

always @* begin
    if (!is_tag(type_0)) begin
        tag_count = 2'd0;
        ether_type = type_0;
    end else if (!is_tag(type_1)) begin
        tag_count = 2'd1;
        ether_type = type_1;
    end else if (!is_tag(type_2)) begin
        tag_count = 2'd2;
        ether_type = type_2;
    end else begin
        tag_count = 2'd3;
        ether_type = type_3;
    end
    behind_tags = header[HEADER_OCTETS*8-1:ETHERNET_OCTETS*8] >> {tag_count, 5'd0};
end

wire [15:0] outside = ETHERNET_OCTETS + {12'd0, tag_count, 2'd0};

reg                       p1_valid = 0;
reg [PACKET_OCTETS*8-1:0] p1_packet;
reg [15:0]                p1_octets;      /* behind the tags, to the frame's end */
reg                       p1_is_ipv4;
reg [1:0]                 p1_tags;
reg [47:0]                p1_dst_mac;
reg [47:0]                p1_src_mac;
reg                       p1_runt;
reg                       p1_oversize;

always @(posedge clk) begin
    p1_valid <= resetn && header_valid;
    p1_packet <= behind_tags;
    p1_octets <= header_length < outside ? 16'd0 : header_length - outside;
    p1_is_ipv4 <= ether_type == TYPE_IPV4;
    p1_tags <= tag_count;
    p1_dst_mac <= `OCTETS6(header, 0);
    p1_src_mac <= `OCTETS6(header, 6);
    p1_runt <= header_length < ETHERNET_OCTETS;
    p1_oversize <= {1'b0, header_length} > {1'b0, frame_max} + {13'd0, tag_count, 2'd0};
end

/* ---- second clock: IPv4, and what it carries ---- */

wire [3:0] ip_words = p1_packet[3:0];
wire [15:0] total_octets = `OCTETS2(p1_packet, 2);
wire [12:0] offset = {p1_packet[8*6 +: 5], p1_packet[8*7 +: 8]};
wire has_more = p1_packet[8*6+5];
wire [5:0] ip_octets = {ip_words, 2'd0};
wire [15:0] end_octets = total_octets < p1_octets ? total_octets : p1_octets;

reg [TRANSPORT_OCTETS*8-1:0] transport;
integer words;

/* Padded, so that the longest IP header leaves zeros. */
wire [(60+TRANSPORT_OCTETS)*8-1:0] padded_packet =
    {{(60+TRANSPORT_OCTETS-PACKET_OCTETS)*8{1'b0}}, p1_packet};

always @* begin
    transport = 0;
    for (words = 5; words <= 15; words = words + 1) begin
        if (ip_words == words[3:0])
            transport = padded_packet[32*words +: TRANSPORT_OCTETS*8];
    end
end

reg                          p2_valid = 0;
reg                          p2_is_ipv4;
reg                          p2_is_sound;
reg                          p2_has_options;   /* of IP */
reg [7:0]                    p2_protocol;
reg [15:0]                   p2_payload_octets;
reg                          p2_is_later;      /* fragment */
reg                          p2_is_whole;      /* datagram, or its last fragment */
reg [31:0]                   p2_src;
reg [31:0]                   p2_dst;
reg [15:0]                   p2_checksum;
reg [TRANSPORT_OCTETS*8-1:0] p2_transport;
reg [15:0]                   p2_room;          /* octets of the payload that the header can hold */
reg [1:0]                    p2_tags;
reg [47:0]                   p2_dst_mac;
reg [47:0]                   p2_src_mac;
reg                          p2_runt;
reg                          p2_oversize;

always @(posedge clk) begin
    p2_valid <= resetn && p1_valid;
    p2_is_ipv4 <= p1_is_ipv4;
    p2_is_sound <= p1_packet[7:4] == 4'd4 && ip_words >= 4'd5 && {10'd0, ip_octets} <= end_octets;
    p2_has_options <= ip_words != 4'd5;
    p2_protocol <= p1_packet[8*9 +: 8];
    p2_payload_octets <= end_octets - {10'd0, ip_octets};
    p2_is_later <= offset != 13'd0;
    p2_is_whole <= !has_more;
    p2_src <= `OCTETS4(p1_packet, 12);
    p2_dst <= `OCTETS4(p1_packet, 16);
    p2_checksum <= `OCTETS2(p1_packet, 10);
    p2_transport <= transport;
    p2_room <= PACKET_OCTETS - {12'd0, p1_tags, 2'd0} - {10'd0, ip_octets};
    p2_tags <= p1_tags;
    p2_dst_mac <= p1_dst_mac;
    p2_src_mac <= p1_src_mac;
    p2_runt <= p1_runt;
    p2_oversize <= p1_oversize;
end

always @* begin
    tcp = p2_transport[479:0];
    tcp_words = p2_transport[8*12+4 +: 4];
end

/* ---- third clock: TCP, or an error about it, and the key ---- */

wire [5:0] tcp_octets = {tcp_words, 2'd0};
wire is_legible = tcp_words >= 4'd5 && {10'd0, tcp_octets} <= p2_payload_octets;

wire is_tcp = p2_is_ipv4 && p2_protocol == PROTOCOL_TCP;
wire is_segment = is_tcp && p2_is_sound && !p2_is_later && is_legible;

wire [7:0] icmp_type = p2_transport[7:0];
wire [3:0] quoted_words = p2_transport[8*8 +: 4];
wire [12:0] quoted_offset = {p2_transport[8*14 +: 5], p2_transport[8*15 +: 8]};
wire [31:0] quoted_src = `OCTETS4(p2_transport, 20);
wire [31:0] quoted_dst = `OCTETS4(p2_transport, 24);
wire [15:0] quoted_octets = 16'd8 + {10'd0, quoted_words, 2'd0};   /* before its TCP header */

reg [31:0] quoted_ports;
integer quoted;

always @* begin
    quoted_ports = 0;
    for (quoted = 5; quoted <= 15; quoted = quoted + 1) begin
        if (quoted_words == quoted[3:0]) quoted_ports = `OCTETS4(p2_transport, 8 + 4 * quoted);
    end
end

/* An error goes to the sender of what it quotes. RFC 1122 section 3.2.2. */
wire is_error =
    p2_is_ipv4 && p2_is_sound && p2_protocol == PROTOCOL_ICMP && !p2_is_later && p2_is_whole &&
    (icmp_type == 8'd3 || icmp_type == 8'd11 || icmp_type == 8'd12) &&
    p2_transport[8*17 +: 8] == PROTOCOL_TCP && quoted_offset == 13'd0 &&
    quoted_words >= 4'd5 && quoted_octets + 16'd8 <= p2_payload_octets && p2_dst == quoted_src;
/* The quoted ports lie behind the header that was cut off: the quoted hosts must do. */
wire is_deep = quoted_octets + 16'd4 > p2_room;

always @(posedge clk) begin
    valid <= resetn && p2_valid;
    has_key <= is_tcp || is_error;
    is_plain_segment <= is_segment && p2_is_whole && !p2_has_options;
    is_quoted <= is_error;
    if (is_error) begin
        key <= {is_deep, quoted_dst, quoted_src,
                is_deep ? 32'd0 : {quoted_ports[15:0], quoted_ports[31:16]}};
    end else begin
        key <= {!is_segment, p2_src, p2_dst, is_segment ? `OCTETS4(p2_transport, 0) : 32'd0};
    end
    tags <= p2_tags;
    dst_mac <= p2_dst_mac;
    src_mac <= p2_src_mac;
    src_address <= p2_src;
    dst_address <= p2_dst;
    ip_checksum <= p2_checksum;
    error_runt <= p2_runt;
    error_oversize <= p2_oversize;
end

endmodule

`default_nettype wire
