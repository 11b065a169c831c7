/*
 * Moves an internet checksum by what the words under it have changed.
 *
 *   sum      ──▶ ~HC + Σ (~m + m') ──▶ folded, inverted      RFC 1624 equation 3
 *
 * What has not changed by its sum keeps its checksum, 0xFFFF too. What was corrupt stays corrupt by
 * as much. The result comes five clocks later.
 *
 * RFC 1071, RFC 1624.
 */
`default_nettype none

module prism_checksum #(
    parameter WORDS = 28
) (
    input  wire                clk,
    input  wire [15:0]         checksum,
    input  wire [16*WORDS-1:0] before,
    input  wire [16*WORDS-1:0] after,
    output reg  [15:0]         moved
);

localparam PARTS = (WORDS + 6) / 7;

/* Seven words and what they were: 14 · 0xFFFF fits into 20 bits; four of those into 22. */
reg [20*PARTS-1:0] part_reg, part_next;
reg [21:0]         sum_reg, sum_next;
reg [16:0]         folded_reg;
reg [15:0]         change_reg;
wire [15:0]        checksum_then;

integer word;
integer part;

always @* begin
    part_next = 0;
    for (word = 0; word < WORDS; word = word + 1) begin
        part_next[20*(word/7) +: 20] = part_next[20*(word/7) +: 20] +
            {4'd0, after[16*word +: 16]} + {4'd0, ~before[16*word +: 16]};
    end
    sum_next = 0;
    for (part = 0; part < PARTS; part = part + 1) begin
        sum_next = sum_next + {2'd0, part_reg[20*part +: 20]};
    end
end

/* At most 0xFFFF: 0x10000 and more would need a sum above 0x1FFFF before it. */
wire [15:0] folded_twice = folded_reg[15:0] + {15'd0, folded_reg[16]};

always @(posedge clk) begin
    part_reg <= part_next;
    sum_reg <= sum_next;
    folded_reg <= {1'b0, sum_reg[15:0]} + {11'd0, sum_reg[21:16]};
    /* 0xFFFF is no change, as 0 is. */
    change_reg <= folded_twice == 16'hffff ? 16'd0 : folded_twice;
end

prism_delay #(.WIDTH(16), .CYCLES(4)) waiting (.clk(clk), .in(checksum), .out(checksum_then));

wire [16:0] total = {1'b0, ~checksum_then} + {1'b0, change_reg};

always @(posedge clk) moved <= ~(total[15:0] + {15'd0, total[16]});

endmodule

`default_nettype wire
