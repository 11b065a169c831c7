/*
 * Adds deltas to numbers that stand anywhere among 40 octets of options.
 *
 *   mark of an octet  [3:2]  0 nothing, 1 ack, 2 value, 3 echo
 *                     [1:0]  which octet of the number it is; 0 is the highest
 *
 * Each octet gets its octet of the delta; a carry comes from the octets behind it, of which a number
 * has no more than three. Two clocks.
 */
`default_nettype none

module prism_add (
    input  wire         clk,
    input  wire [319:0] options,
    input  wire [159:0] marks,
    input  wire [31:0]  ack,
    input  wire [31:0]  value,
    input  wire [31:0]  echo,
    output reg  [319:0] sums
);

reg [319:0] sum_reg, sum_next;
reg [42:0]  over_reg, over_next;   /* the octet gives a carry */
reg [42:0]  full_reg, full_next;   /* the octet passes a carry on */
reg [42:0]  last_reg, last_next;   /* the octet is the last of its number, or of none */

integer at;
reg [31:0] delta;
reg [7:0] share;
reg [8:0] sum;

always @* begin
    over_next = 43'd0;
    full_next = 43'd0;
    last_next = {43{1'b1}};
    sum_next = 320'd0;
    for (at = 0; at < 40; at = at + 1) begin
        case (marks[4*at+2 +: 2])
            2'd1: delta = ack;
            2'd2: delta = value;
            2'd3: delta = echo;
            default: delta = 32'd0;
        endcase
        case (marks[4*at +: 2])
            2'd0: share = delta[31:24];
            2'd1: share = delta[23:16];
            2'd2: share = delta[15:8];
            default: share = delta[7:0];
        endcase
        sum = {1'b0, options[8*at +: 8]} + {1'b0, share};
        sum_next[8*at +: 8] = sum[7:0];
        over_next[at] = sum[8];
        full_next[at] = sum[7:0] == 8'hff;
        last_next[at] = marks[4*at+2 +: 2] == 2'd0 || marks[4*at +: 2] == 2'd3;
    end
end

always @(posedge clk) begin
    sum_reg <= sum_next;
    over_reg <= over_next;
    full_reg <= full_next;
    last_reg <= last_next;
end

/* Carries from one, two and three octets behind. */
genvar octet;
generate
    for (octet = 0; octet < 40; octet = octet + 1) begin : carries
        wire passes_1 = full_reg[octet+1] && !last_reg[octet+1];
        wire passes_2 = full_reg[octet+2] && !last_reg[octet+2];
        wire carry = !last_reg[octet] && (
            over_reg[octet+1] || (passes_1 && over_reg[octet+2]) ||
            (passes_1 && passes_2 && over_reg[octet+3])
        );
        always @(posedge clk) sums[8*octet +: 8] <= sum_reg[8*octet +: 8] + {7'd0, carry};
    end
endgenerate

endmodule

`default_nettype wire
