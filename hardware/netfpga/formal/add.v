/*
 * A number of four octets grows by its delta at each of 37 places among the options, whatever
 * stands beside it; an octet of no number stays.
 *
 * `begins` says for each place which number begins there, 0 for none. What overlaps a number that
 * has begun is none: so any sound marks are met, and only those (options.v shows that they are).
 */
module add (
    input wire clk,
    input wire [319:0] options,
    input wire [79:0] begins,
    input wire [31:0] ack,
    input wire [31:0] value,
    input wire [31:0] echo,
    output wire carries_far
);

/* Whether a number begins at the place, 3 places further, and the sum that it would have there. */
wire [42:0] opens;
wire [32*43-1:0] totals;
wire [159:0] marks;
wire [319:0] due;
assign opens[2:0] = 3'd0;
assign totals[95:0] = 96'd0;

genvar at;
generate
    for (at = 0; at < 40; at = at + 1) begin : places
        wire [1:0] sort = begins[2*at +: 2];
        wire [31:0] delta = sort == 2'd1 ? ack : sort == 2'd2 ? value : echo;
        assign opens[at+3] = at <= 36 && sort != 2'd0 && opens[at +: 3] == 3'd0;
        if (at <= 36) begin : whole
            assign totals[32*(at+3) +: 32] = {options[8*at +: 8], options[8*at+8 +: 8],
                options[8*at+16 +: 8], options[8*at+24 +: 8]} + delta;
        end else begin : too_late
            assign totals[32*(at+3) +: 32] = 32'd0;
        end
        /* Which of the last four places the octet's number begins at. */
        wire [1:0] part = opens[at+3] ? 2'd0 : opens[at+2] ? 2'd1 : opens[at+1] ? 2'd2 : 2'd3;
        wire is_inside = |opens[at +: 4];
        wire [1:0] before_sort;
        if (at == 0) begin : first
            assign before_sort = 2'd0;
        end else begin : later
            assign before_sort = marks[4*at-2 +: 2];
        end
        wire [1:0] own_sort = opens[at+3] ? sort : is_inside ? before_sort : 2'd0;
        assign marks[4*at +: 4] = is_inside ? {own_sort, part} : 4'd0;
        assign due[8*at +: 8] = !is_inside ? options[8*at +: 8] :
            part == 2'd0 ? totals[32*(at+3)+24 +: 8] : part == 2'd1 ? totals[32*(at+2)+16 +: 8] :
            part == 2'd2 ? totals[32*(at+1)+8 +: 8] : totals[32*at +: 8];
    end
endgenerate

wire [319:0] sums;
prism_add dut (
    .clk(clk), .options(options), .marks(marks),
    .ack(ack), .value(value), .echo(echo), .sums(sums)
);

reg [319:0] due_1, due_2;
always @(posedge clk) begin
    due_1 <= due;
    due_2 <= due_1;
end
genvar octet;
generate
    for (octet = 0; octet < 40; octet = octet + 1) begin : octets
        always @* assert (sums[8*octet +: 8] == due_2[8*octet +: 8]);
    end
endgenerate

/* From the last octet of the first number into its first. */
assign carries_far =
    due_2[31:0] == 32'h00000001 && sums[31:0] == 32'h00000001 && marks[3:0] == 4'h4;

endmodule
