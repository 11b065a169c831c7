/*
 * A moved checksum is that of RFC 1624 equation 3, for the 28 words of a segment.
 *
 *   group    each part is the sum of seven words after, and of seven before inverted
 *   total    the sum is that of the four parts: 56 · 0xFFFF is below 2^22
 *   fold     the change is the sum modulo 0xFFFF, 0 and never 0xFFFF
 *   apply    ~HC and the change are added modulo 0xFFFF; a change of 0 keeps the checksum's bits
 *
 * Integers may be added in any order: with it, these four are the whole.
 */
module checksum (
    input wire clk,
    input wire [15:0] before_checksum,
    input wire [447:0] before,
    input wire [447:0] after,
    output wire is_moved,
    output wire is_kept
);

wire [15:0] moved;
prism_checksum #(.WORDS(28)) dut (
    .clk(clk), .checksum(before_checksum), .before(before), .after(after), .moved(moved)
);

(* hierconn *) wire [79:0] \dut.part_reg ;
(* hierconn *) wire [21:0] \dut.sum_reg ;
(* hierconn *) wire [15:0] \dut.change_reg ;

reg [21:0] groups [0:3];
genvar group;
generate
    for (group = 0; group < 4; group = group + 1) begin : grouped
        integer word;
        reg [21:0] sum;
        always @* begin
            sum = 22'd0;
            for (word = 7 * group; word < 7 * group + 7; word = word + 1) begin
                sum = sum + {6'd0, after[16*word +: 16]} + {6'd0, ~before[16*word +: 16]};
            end
        end
        always @(posedge clk) groups[group] <= sum;
        always @* assert ({2'd0, \dut.part_reg [20*group +: 20]} == groups[group]);
    end
endgenerate

reg [21:0] total;
always @(posedge clk) total <= groups[0] + groups[1] + groups[2] + groups[3];
always @* assert (\dut.sum_reg == total);

reg [21:0] sum_1, sum_2;
always @(posedge clk) begin
    sum_1 <= \dut.sum_reg ;
    sum_2 <= sum_1;
end
always @* assert (\dut.change_reg == sum_2 % 22'd65535);

reg [15:0] checksum_1, checksum_2, checksum_3, checksum_4, checksum_5, change;
always @(posedge clk) begin
    checksum_1 <= before_checksum;
    checksum_2 <= checksum_1;
    checksum_3 <= checksum_2;
    checksum_4 <= checksum_3;
    checksum_5 <= checksum_4;
    change <= \dut.change_reg ;
end
wire [16:0] applied = {1'b0, ~checksum_5} + {1'b0, change};
always @* begin
    assert ({1'b0, ~moved} == (applied > 17'd65535 ? applied - 17'd65535 : applied));
    assert (change != 16'd0 || moved == checksum_5);
end

assign is_moved = moved != checksum_5;
assign is_kept = moved == 16'hffff && checksum_5 == 16'hffff && change == 16'd0;

endmodule
