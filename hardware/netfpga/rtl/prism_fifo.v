/*
 * A queue: what was written first stands at the output until it is taken.
 *
 *   in_*    a word is written when in_valid and in_ready
 *   out_*   a word is taken when out_valid and out_ready; until then it does not change
 *
 * One word a clock in and out, also when full or empty at the other side. The memory is read
 * without a clock: distributed RAM.
 */
`default_nettype none

module prism_fifo #(
    parameter WIDTH = 8,
    parameter DEPTH_LOG2 = 6
) (
    input  wire                clk,
    input  wire                resetn,

    input  wire [WIDTH-1:0]    in_word,
    input  wire                in_valid,
    output wire                in_ready,

    output wire [WIDTH-1:0]    out_word,
    output wire                out_valid,
    input  wire                out_ready
);

localparam [DEPTH_LOG2:0] DEPTH = 1 << DEPTH_LOG2;

(* ram_style = "distributed" *)
reg [WIDTH-1:0] memory [0:DEPTH-1];

/* One bit more than an address has: equal is empty, DEPTH apart is full. */
reg [DEPTH_LOG2:0] write_reg = 0, write_next;
reg [DEPTH_LOG2:0] read_reg = 0, read_next;

wire [DEPTH_LOG2:0] level = write_reg - read_reg;

assign in_ready = level != DEPTH;
assign out_valid = level != 0;
assign out_word = memory[read_reg[DEPTH_LOG2-1:0]];

wire is_written = in_valid && in_ready;
wire is_taken = out_valid && out_ready;

always @* begin
    write_next = write_reg;
    read_next = read_reg;
    if (is_written) write_next = write_reg + 1'b1;
    if (is_taken) read_next = read_reg + 1'b1;
end

always @(posedge clk) begin
    if (is_written) memory[write_reg[DEPTH_LOG2-1:0]] <= in_word;
    if (!resetn) begin
        write_reg <= 0;
        read_reg <= 0;
    end else begin
        write_reg <= write_next;
        read_reg <= read_next;
    end
end

endmodule

`default_nettype wire
