/*
 * A memory with one port to write and one to read; a read takes two clocks.
 *
 *   Read and written in one clock, a row is read as it was: a row is whole before and after a write,
 *   and no read sees a part of one.
 */
`default_nettype none

module prism_memory #(
    parameter WIDTH = 32,
    parameter DEPTH_LOG2 = 10
) (
    input  wire                  clk,

    input  wire                  write_enable,
    input  wire [DEPTH_LOG2-1:0] write_row,
    input  wire [WIDTH-1:0]      write_word,

    input  wire [DEPTH_LOG2-1:0] read_row,
    output reg  [WIDTH-1:0]      read_word
);

(* ram_style = "block" *)
reg [WIDTH-1:0] rows [0:(1<<DEPTH_LOG2)-1];
reg [WIDTH-1:0] fetched_reg;

always @(posedge clk) begin
    if (write_enable) rows[write_row] <= write_word;
    fetched_reg <= rows[read_row];
    read_word <= fetched_reg;
end

endmodule

`default_nettype wire
