/*
 * The table of rules: one row is the whole of a rule, for both directions.
 *
 *   a row   as registers.yaml says, without the bits that nobody uses
 *
 * A row is written whole, in one clock: both directions change together. A row comes two clocks
 * after its number. As with flows, software reads when no packet does.
 */
`default_nettype none
`include "prism_registers.vh"

module prism_rules #(
    parameter RULES_LOG2 = 14
) (
    input  wire                  clk,
    input  wire                  resetn,

    input  wire                  rule_valid,
    input  wire [RULES_LOG2-1:0] rule,
    output wire [319:0]          record,

    input  wire                  write_enable,
    input  wire [RULES_LOG2-1:0] write_row,
    input  wire [319:0]          write_word,
    input  wire                  read_request,
    input  wire [RULES_LOG2-1:0] read_row,
    output wire                  read_valid,

    input  wire                  is_emptied,
    input  wire [RULES_LOG2-1:0] emptied_row
);

/* Without [3], [31:14] and [127:112]. */
localparam WIDTH = 285;

wire [WIDTH-1:0] stored_word = {
    write_word[319:128], write_word[111:32], write_word[13:4], write_word[2:0]
};
wire [WIDTH-1:0] row;

prism_memory #(.WIDTH(WIDTH), .DEPTH_LOG2(RULES_LOG2)) memory (
    .clk(clk),
    .write_enable(is_emptied || write_enable),
    .write_row(is_emptied ? emptied_row : write_row),
    .write_word(is_emptied ? {WIDTH{1'b0}} : stored_word),
    .read_row(rule_valid ? rule : read_row),
    .read_word(row)
);

prism_delay #(.WIDTH(1), .CYCLES(2)) reading (
    .clk(clk),
    .in(resetn && read_request && !rule_valid),
    .out(read_valid)
);

assign record = {row[284:93], 16'd0, row[92:13], 18'd0, row[12:3], 1'b0, row[2:0]};

endmodule

`default_nettype wire
