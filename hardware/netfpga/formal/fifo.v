/*
 * Nothing is lost, doubled or torn in the queue, and nothing overtakes; a word at the output
 * stands until it is taken.
 *
 * Words are numbered as they come, and the numbers come out in order: the queue does not look into
 * a word, so what holds for these holds for all. Half of a word is the number's inverse: a word
 * that is put together of two does not have it.
 */
module fifo #(
    parameter DEPTH_LOG2 = 2
) (
    input wire clk,
    input wire resetn,
    input wire in_valid,
    input wire out_ready,
    output wire is_full,
    output wire is_emptied
);

localparam DEPTH = 1 << DEPTH_LOG2;
localparam LOG2 = DEPTH_LOG2 + 1;   /* of numbers: more than fit in */

reg has_begun = 1'b0;
always @(posedge clk) has_begun <= 1'b1;
always @* assume (resetn == has_begun);

reg [LOG2-1:0] came = 0, left = 0;
wire in_ready, out_valid;
wire [2*LOG2-1:0] out_word;

prism_fifo #(.WIDTH(2 * LOG2), .DEPTH_LOG2(DEPTH_LOG2)) dut (
    .clk(clk), .resetn(resetn),
    .in_word({~came, came}), .in_valid(in_valid), .in_ready(in_ready),
    .out_word(out_word), .out_valid(out_valid), .out_ready(out_ready)
);

reg [LOG2-1:0] level = 0;
reg waits = 1'b0;
always @(posedge clk) if (resetn) begin
    if (in_valid && in_ready) came <= came + 1'b1;
    if (out_valid && out_ready) left <= left + 1'b1;
    level <= level + (in_valid && in_ready) - (out_valid && out_ready);
    waits <= out_valid && !out_ready;
end

always @* if (has_begun) begin
    assert (out_valid == (level != 0));
    assert (in_ready == (level != DEPTH));
    if (out_valid) assert (out_word == {~left, left});
    if (waits) assert (out_valid);
end

assign is_full = level == DEPTH;
assign is_emptied = level == 0 && left == DEPTH;

endmodule
