/*
 * What each direction of each rule has done: packets, octets, and when it was last used.
 *
 *   row     rule · direction; 1 is from the owner
 *   a row   as registers.yaml says: packets, octets, stamp
 *
 * A row is read, changed and written while the next are read: what was written in the last two clocks
 * is taken from there. Software's reads and writes wait until no use needs the memory.
 */
`default_nettype none
`include "prism_registers.vh"

module prism_usage #(
    parameter RULES_LOG2 = 14
) (
    input  wire                clk,
    input  wire                resetn,

    input  wire                use_valid,    /* a packet has met the rule */
    input  wire                is_counted,   /* and was translated */
    input  wire [RULES_LOG2:0] use_row,
    input  wire [15:0]         use_octets,
    input  wire [15:0]         use_second,

    input  wire                write_request,
    input  wire [RULES_LOG2:0] write_row,
    input  wire [95:0]         write_word,
    output wire                write_done,
    input  wire                read_request,
    input  wire [RULES_LOG2:0] read_row,
    output wire                read_valid,
    output wire [95:0]         read_word,

    input  wire                is_emptied,
    input  wire [RULES_LOG2:0] emptied_row
);

localparam WIDTH = 96;
localparam ROW_WIDTH = RULES_LOG2 + 1;

wire                 fetched_valid;
wire                 fetched_counted;
wire [ROW_WIDTH-1:0] fetched_row;
wire [15:0]          fetched_octets;
wire [15:0]          fetched_second;
wire [WIDTH-1:0]     fetched_word;

prism_delay #(.WIDTH(ROW_WIDTH + 35), .CYCLES(2)) fetching (
    .clk(clk),
    .in({resetn && use_valid, resetn && read_request && !use_valid,
         is_counted, use_row, use_octets, use_second}),
    .out({fetched_valid, read_valid, fetched_counted, fetched_row, fetched_octets, fetched_second})
);

/* What was written in the last two clocks, by a use or by software: this row was read before. */
reg                 last_valid = 0, older_valid = 0;
reg [ROW_WIDTH-1:0] last_row, older_row;
reg [WIDTH-1:0]     last_word, older_word;

wire [WIDTH-1:0] found_word =
    last_valid && last_row == fetched_row ? last_word :
    older_valid && older_row == fetched_row ? older_word : fetched_word;

wire [31:0] packets = found_word[`PRISM_USAGE_PACKETS] + {31'd0, fetched_counted};
wire [47:0] octets =
    {found_word[`PRISM_USAGE_OCTETS_HIGH], found_word[`PRISM_USAGE_OCTETS_LOW]} +
    (fetched_counted ? {32'd0, fetched_octets} : 48'd0);
wire [WIDTH-1:0] used_word = {fetched_second, octets[47:32], octets[31:0], packets};

assign write_done = write_request && !fetched_valid;
assign read_word = fetched_word;

wire [ROW_WIDTH-1:0] written_row = fetched_valid ? fetched_row : write_row;
wire [WIDTH-1:0]     written_word = fetched_valid ? used_word : write_word;

prism_memory #(.WIDTH(WIDTH), .DEPTH_LOG2(ROW_WIDTH)) memory (
    .clk(clk),
    .write_enable(is_emptied || fetched_valid || write_request),
    .write_row(is_emptied ? emptied_row : written_row),
    .write_word(is_emptied ? {WIDTH{1'b0}} : written_word),
    .read_row(use_valid ? use_row : read_row),
    .read_word(fetched_word)
);

always @(posedge clk) begin
    last_valid <= resetn && (fetched_valid || write_request);
    last_row <= written_row;
    last_word <= written_word;
    older_valid <= resetn && last_valid;
    older_row <= last_row;
    older_word <= last_word;
end

endmodule

`default_nettype wire
