/*
 * The table of flows: which rule a flow belongs to, and on which side of it.
 *
 *   key ─▶ hash ─▶ way 0 ┐
 *               ─▶ way 1 ├─▶ the way with the whole key ─▶ action, rule
 *               ─▶ way 2 │
 *               ─▶ way 3 ┘
 *
 *   row     way · index; the way in the two highest bits
 *   a row   as registers.yaml says, without the bits that nobody uses
 *
 * Software chooses the way. A row is written whole, in one clock: no lookup sees a part of it. Where
 * one key stands in two rows, while it is moved, either is right and the lowest way counts.
 *
 * A result comes five clocks after its key. A lookup has the memory's only reader: what software reads is
 * read when no key comes. While the table is emptied nothing is found.
 */
`default_nettype none
`include "prism_registers.vh"

module prism_flows #(
    parameter FLOWS_LOG2 = 17,
    parameter RULES_LOG2 = 14
) (
    input  wire                  clk,
    input  wire                  resetn,

    input  wire                  key_valid,
    input  wire [96:0]           key,
    output reg                   is_found,
    output reg  [1:0]            action,
    output reg  [RULES_LOG2-1:0] rule,

    input  wire                  write_enable,
    input  wire [FLOWS_LOG2-1:0] write_row,
    input  wire [127:0]          write_word,
    input  wire                  read_request,
    input  wire [FLOWS_LOG2-1:0] read_row,
    output reg                   read_valid,
    output reg  [127:0]          read_word,

    input  wire                  is_emptied,
    input  wire [FLOWS_LOG2-3:0] emptied_index
);

localparam INDEX_LOG2 = FLOWS_LOG2 - 2;
/* src, dst, ports, valid, hosts, action, rule */
localparam WIDTH = 100 + RULES_LOG2;

wire [63:0] hash;
prism_hash hash_of_key (.key(key), .hash(hash));

reg         hashed_valid = 0;
reg [63:0]  hashed_reg;
reg [96:0]  hashed_key_reg;
reg         hashed_read = 0;

always @(posedge clk) begin
    hashed_valid <= resetn && key_valid && !is_emptied;
    hashed_read <= resetn && read_request && !key_valid;
    hashed_reg <= hash;
    hashed_key_reg <= key;
end

wire         fetched_valid, fetched_read;
wire [96:0]  fetched_key;
wire [1:0]   fetched_way;
prism_delay #(.WIDTH(101), .CYCLES(2)) fetching (
    .clk(clk),
    .in({hashed_valid, hashed_read, hashed_key_reg, read_row[FLOWS_LOG2-1 -: 2]}),
    .out({fetched_valid, fetched_read, fetched_key, fetched_way})
);

wire [WIDTH-1:0] stored_word = {
    write_word[104 +: RULES_LOG2], write_word[99:0]
};

wire [4*WIDTH-1:0] rows;
wire [3:0] hits;

genvar way;
generate
    for (way = 0; way < 4; way = way + 1) begin : ways
        wire [WIDTH-1:0] row;

        prism_memory #(.WIDTH(WIDTH), .DEPTH_LOG2(INDEX_LOG2)) memory (
            .clk(clk),
            .write_enable(is_emptied || (write_enable && write_row[FLOWS_LOG2-1 -: 2] == way)),
            .write_row(is_emptied ? emptied_index : write_row[INDEX_LOG2-1:0]),
            .write_word(is_emptied ? {WIDTH{1'b0}} : stored_word),
            .read_row(hashed_valid ? hashed_reg[16*way +: INDEX_LOG2] : read_row[INDEX_LOG2-1:0]),
            .read_word(row)
        );

        assign rows[WIDTH*way +: WIDTH] = row;
        assign hits[way] = row[`PRISM_FLOWS_VALID] &&
            {row[`PRISM_FLOWS_HOSTS], row[`PRISM_FLOWS_SRC], row[`PRISM_FLOWS_DST],
             row[`PRISM_FLOWS_SRC_PORT], row[`PRISM_FLOWS_DST_PORT]} == fetched_key;
    end
endgenerate

reg [3:0] hits_reg;
reg [4*(RULES_LOG2+2)-1:0] answers_reg;

integer w;

always @(posedge clk) begin
    hits_reg <= fetched_valid ? hits : 4'd0;
    for (w = 0; w < 4; w = w + 1) begin
        answers_reg[(RULES_LOG2+2)*w +: RULES_LOG2+2] <= rows[WIDTH*w+98 +: RULES_LOG2+2];
    end
    read_valid <= resetn && fetched_read;
    read_word <= {
        {24-RULES_LOG2{1'b0}}, rows[WIDTH*fetched_way+100 +: RULES_LOG2],
        4'd0, rows[WIDTH*fetched_way +: 100]
    };
end

always @(posedge clk) begin
    is_found <= resetn && |hits_reg;
    if (hits_reg[0]) {rule, action} <= answers_reg[0 +: RULES_LOG2+2];
    else if (hits_reg[1]) {rule, action} <= answers_reg[RULES_LOG2+2 +: RULES_LOG2+2];
    else if (hits_reg[2]) {rule, action} <= answers_reg[2*(RULES_LOG2+2) +: RULES_LOG2+2];
    else {rule, action} <= answers_reg[3*(RULES_LOG2+2) +: RULES_LOG2+2];
end

endmodule

`default_nettype wire
