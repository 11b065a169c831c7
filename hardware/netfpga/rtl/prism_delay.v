/*
 * A bus, CYCLES clocks later.
 *
 *   in    WIDTH bits
 *   out   the same, CYCLES (1 or more) clocks later
 */
`default_nettype none

module prism_delay #(
    parameter WIDTH = 1,
    parameter CYCLES = 1
) (
    input  wire             clk,
    input  wire [WIDTH-1:0] in,
    output wire [WIDTH-1:0] out
);

reg [WIDTH-1:0] stage_reg [0:CYCLES-1];

integer i;

/* Without a reset, so that it becomes a shift register of LUTs. */
always @(posedge clk) begin
    stage_reg[0] <= in;
    for (i = 1; i < CYCLES; i = i + 1) begin
        stage_reg[i] <= stage_reg[i-1];
    end
end

assign out = stage_reg[CYCLES-1];

endmodule

`default_nettype wire
