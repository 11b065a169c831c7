/*
 * Translates a segment: the difference between what came and what leaves.
 *
 *   Ethernet   0  destination MAC                              towards the owner
 *   IPv4      14  checksum 24, source 26, destination 30
 *   TCP       34  ports 34, seq 38, ack 42, window 48, checksum 50, options 54 … 93
 *
 *   edit   octet i of the frame without tags is to be XORed with [8i +: 8]; 0 changes nothing
 *
 * One side of the addresses and ports is written; numbers are added to. Without ACK the
 * acknowledgment number says nothing and stays. The window of a SYN is never scaled (RFC 7323 2.2).
 * The edit comes eight clocks after the segment.
 *
 * RFC 791, 1624, 7323, 9293.
 */
`default_nettype none

module prism_rewrite #(
    parameter EDIT_OCTETS = 94
) (
    input  wire                     clk,

    input  wire [479:0]             tcp,
    input  wire [159:0]             marks,
    input  wire [31:0]              src_address,
    input  wire [31:0]              dst_address,
    input  wire [15:0]              ip_checksum,
    input  wire [47:0]              dst_mac,

    input  wire                     is_translated,
    input  wire                     from_owner,
    input  wire [47:0]              sent_mac,
    input  wire [31:0]              address,
    input  wire [15:0]              port,
    input  wire [31:0]              seq,
    input  wire [31:0]              ack,
    input  wire [31:0]              value,
    input  wire [31:0]              echo,
    input  wire [4:0]               window,

    output reg  [EDIT_OCTETS*8-1:0] edit
);

/* Octets in the order of the wire, as a number; and back. */
`define NUMBER2(octets, at) {octets[8*(at) +: 8], octets[8*((at)+1) +: 8]}
`define NUMBER4(octets, at) {`NUMBER2(octets, at), `NUMBER2(octets, (at)+2)}
function [15:0] wire2;
    input [15:0] number;
    wire2 = {number[7:0], number[15:8]};
endfunction
function [31:0] wire4;
    input [31:0] number;
    wire4 = {wire2(number[15:0]), wire2(number[31:16])};
endfunction

/* ---- as it came ---- */

wire [31:0] old_seq = `NUMBER4(tcp, 4);
wire [31:0] old_ack = `NUMBER4(tcp, 8);
wire [15:0] old_window = `NUMBER2(tcp, 14);
wire [15:0] old_port = from_owner ? `NUMBER2(tcp, 0) : `NUMBER2(tcp, 2);
wire [31:0] old_address = from_owner ? src_address : dst_address;
wire [15:0] tcp_checksum = `NUMBER2(tcp, 16);
wire [319:0] old_options = tcp[479:160];
wire has_ack = tcp[8*13+4];
wire is_syn = tcp[8*13+1];

/* ---- first and second clock: numbers ---- */

wire [319:0] new_options;
prism_add add (
    .clk(clk), .options(old_options), .marks(marks),
    .ack(ack), .value(value), .echo(echo), .sums(new_options)
);

/* A shift to the left that meets the window's limit, or to the right that rounds down. */
wire [3:0] widen = window[3:0];
wire [3:0] narrow = 4'd0 - window[3:0];
wire [30:0] widened = {15'd0, old_window} << widen;
wire [15:0] shifted =
    window[4] ? old_window >> narrow : |widened[30:16] ? 16'hffff : widened[15:0];

reg [31:0] added_seq, added_ack;
reg [15:0] scaled_window;

always @(posedge clk) begin
    added_seq <= old_seq + seq;
    added_ack <= has_ack ? old_ack + ack : old_ack;
    scaled_window <= is_syn ? old_window : shifted;
end

wire [31:0] was_seq, was_ack, was_address, new_address;
wire [15:0] was_window, was_port, new_port, was_ip_checksum, was_tcp_checksum;
wire [319:0] was_options;
prism_delay #(.WIDTH(528), .CYCLES(2)) numbers (
    .clk(clk),
    .in({old_seq, old_ack, old_address, address, old_window, old_port, port,
         ip_checksum, tcp_checksum, old_options}),
    .out({was_seq, was_ack, was_address, new_address, was_window, was_port, new_port,
          was_ip_checksum, was_tcp_checksum, was_options})
);

reg [31:0] new_seq, new_ack;
reg [15:0] new_window;

always @(posedge clk) begin
    new_seq <= added_seq;
    new_ack <= added_ack;
    new_window <= scaled_window;
end

/* ---- third to seventh: checksums ---- */

/* Options begin at an even octet of the segment. */
wire [319:0] was_words, new_words;
genvar word;
generate
    for (word = 0; word < 20; word = word + 1) begin : words
        assign was_words[16*word +: 16] = `NUMBER2(was_options, 2 * word);
        assign new_words[16*word +: 16] = `NUMBER2(new_options, 2 * word);
    end
endgenerate

wire [15:0] moved_ip_checksum, moved_tcp_checksum;
prism_checksum #(.WORDS(2)) ip (
    .clk(clk), .checksum(was_ip_checksum),
    .before(was_address), .after(new_address), .moved(moved_ip_checksum)
);
prism_checksum #(.WORDS(28)) segment (
    .clk(clk), .checksum(was_tcp_checksum),
    .before({was_address, was_port, was_seq, was_ack, was_window, was_words}),
    .after({new_address, new_port, new_seq, new_ack, new_window, new_words}),
    .moved(moved_tcp_checksum)
);

/* ---- eighth: the difference ---- */

wire [319:0] diff_options;
wire [31:0] diff_seq, diff_ack, diff_address;
wire [15:0] diff_window, diff_port, came_ip_checksum, came_tcp_checksum;
prism_delay #(.WIDTH(480), .CYCLES(5)) differences (
    .clk(clk),
    .in({was_options ^ new_options, was_seq ^ new_seq, was_ack ^ new_ack,
         was_address ^ new_address, was_window ^ new_window, was_port ^ new_port,
         was_ip_checksum, was_tcp_checksum}),
    .out({diff_options, diff_seq, diff_ack, diff_address, diff_window, diff_port,
          came_ip_checksum, came_tcp_checksum})
);

wire [47:0] diff_mac;
wire changes, is_source;
prism_delay #(.WIDTH(50), .CYCLES(7)) macs (
    .clk(clk),
    .in({dst_mac ^ sent_mac, is_translated, from_owner}),
    .out({diff_mac, changes, is_source})
);

always @(posedge clk) begin
    edit <= {EDIT_OCTETS*8{1'b0}};
    if (changes) begin
        edit[0 +: 48] <= {wire4(diff_mac[31:0]), wire2(diff_mac[47:32])};
        edit[8*24 +: 16] <= wire2(came_ip_checksum ^ moved_ip_checksum);
        if (is_source) edit[8*26 +: 32] <= wire4(diff_address);
        else edit[8*30 +: 32] <= wire4(diff_address);
        if (is_source) edit[8*34 +: 16] <= wire2(diff_port);
        else edit[8*36 +: 16] <= wire2(diff_port);
        edit[8*38 +: 32] <= wire4(diff_seq);
        edit[8*42 +: 32] <= wire4(diff_ack);
        edit[8*48 +: 16] <= wire2(diff_window);
        edit[8*50 +: 16] <= wire2(came_tcp_checksum ^ moved_tcp_checksum);
        edit[8*54 +: 320] <= diff_options;
    end
end

endmodule

`default_nettype wire
