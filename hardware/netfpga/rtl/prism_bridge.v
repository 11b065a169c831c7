/*
 * Learns where stations are, and tells where a frame is to leave.
 *
 *   a row   valid, MAC address, port (one-hot), second when it was heard
 *
 * A station has one row, by a hash of its address: of two with one row the later counts, and frames
 * to the other are flooded. A frame is learned before the next is looked up, and after the one
 * before. The ports come five clocks after the frame: none, when it would go back where it came from.
 *
 * IEEE 802.1Q 8.7, 8.8.
 */
`default_nettype none

module prism_bridge #(
    parameter STATIONS_LOG2 = 12
) (
    input  wire        clk,
    input  wire        resetn,
    input  wire [7:0]  bridged_ports,
    input  wire [31:0] second,
    input  wire [15:0] age_max,

    input  wire        frame_valid,
    input  wire        is_learned,
    input  wire [47:0] src_mac,
    input  wire [47:0] dst_mac,
    input  wire [7:0]  source,
    input  wire        may_return,
    output reg  [7:0]  ports,

    input  wire        is_emptied,
    input  wire [STATIONS_LOG2-1:0] emptied_row
);

localparam WIDTH = 1 + 48 + 8 + 32;
localparam [31:0] POLYNOMIAL = 32'h04c11db7;

/* CRC-32 of six octets, from 0. */
function [STATIONS_LOG2-1:0] hash_of;
    input [47:0] mac;
    reg [31:0] crc;
    integer place;
    begin
        crc = 32'd0;
        for (place = 47; place >= 0; place = place - 1) begin
            crc = {crc[30:0], 1'b0} ^ (crc[31] != mac[place] ? POLYNOMIAL : 32'd0);
        end
        hash_of = crc[STATIONS_LOG2-1:0];
    end
endfunction

wire is_group = src_mac[40];

reg                     learn_reg = 0;
reg [STATIONS_LOG2-1:0] learn_row_reg;
reg [47:0]              learn_mac_reg;
reg [STATIONS_LOG2-1:0] find_row_reg, find_row_next_reg;
reg [47:0]              find_mac_reg;
reg [7:0]               source_reg;
reg                     may_return_reg;

/* One clock later than what is learned: a frame's own station is known when it is looked up. */
always @(posedge clk) begin
    learn_reg <= resetn && frame_valid && is_learned && !is_group;
    learn_row_reg <= hash_of(src_mac);
    learn_mac_reg <= src_mac;
    find_row_reg <= hash_of(dst_mac);
    find_row_next_reg <= find_row_reg;
    find_mac_reg <= dst_mac;
    source_reg <= source;
    may_return_reg <= may_return;
end

wire [WIDTH-1:0] row;
prism_memory #(.WIDTH(WIDTH), .DEPTH_LOG2(STATIONS_LOG2)) memory (
    .clk(clk),
    .write_enable(is_emptied || learn_reg),
    .write_row(is_emptied ? emptied_row : learn_row_reg),
    .write_word(is_emptied ? {WIDTH{1'b0}} : {1'b1, learn_mac_reg, source_reg, second}),
    .read_row(find_row_next_reg),
    .read_word(row)
);

wire [47:0] sought_mac;
wire [7:0]  sought_source;
wire        sought_may_return;
prism_delay #(.WIDTH(57), .CYCLES(3)) seeking (
    .clk(clk),
    .in({find_mac_reg, source_reg, may_return_reg}),
    .out({sought_mac, sought_source, sought_may_return})
);

wire [7:0] port = row[39:32];
wire is_known =
    row[WIDTH-1] && row[87:40] == sought_mac && second - row[31:0] <= {16'd0, age_max} &&
    !is_emptied;

always @(posedge clk) begin
    if (!is_known) ports <= bridged_ports & ~sought_source;
    else ports <= port & (sought_may_return ? 8'hff : ~sought_source);
end

endmodule

`default_nettype wire
