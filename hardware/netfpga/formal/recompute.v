/*
 * A checksum that was right is what a sender of the changed segment would have computed; and the
 * sum of one's complement may be taken in any order, so that this holds for many words as for one.
 *
 *   others   the sum of all other words; not 0, which no header gives
 *
 * A checksum that was wrong stays wrong by as much: its error is one of the other words.
 *
 * RFC 1071 sections 1, 2; RFC 1624 section 3.
 */
module recompute (
    input wire clk,
    input wire [15:0] others,
    input wire [15:0] before,
    input wire [15:0] after,
    input wire [15:0] third,
    output wire is_due
);

function [15:0] plus;
    input [15:0] one;
    input [15:0] other;
    reg [16:0] sum;
    begin
        sum = {1'b0, one} + {1'b0, other};
        plus = sum[15:0] + {15'd0, sum[16]};
    end
endfunction

always @* begin
    assert (plus(plus(before, after), third) == plus(before, plus(after, third)));
    assert (plus(before, after) == plus(after, before));
end

wire [15:0] moved;
prism_checksum #(.WORDS(1)) dut (
    .clk(clk), .checksum(~plus(others, before)), .before(before), .after(after), .moved(moved)
);

reg [16:0] due_1, due_2, due_3, due_4, due_5;
always @(posedge clk) begin
    due_1 <= {others != 16'd0, plus(others, after)};
    due_2 <= due_1;
    due_3 <= due_2;
    due_4 <= due_3;
    due_5 <= due_4;
end
always @* if (due_5[16]) assert (moved == ~due_5[15:0]);

assign is_due = due_5[16];

endmodule
