/*
 * A rule is whole at each moment: what is read is the row as it was written last or emptied, two
 * clocks before, with all that it says for both directions.
 *
 *   sought   any one row
 *   due      that row, as software wrote or emptied it
 */
module rules (
    input wire clk,
    input wire resetn,
    input wire rule_valid,
    input wire [1:0] rule,
    input wire write_enable,
    input wire [1:0] write_row,
    input wire [319:0] write_word,
    input wire read_request,
    input wire [1:0] read_row,
    input wire is_emptied,
    input wire [1:0] emptied_row,
    output wire changes,
    output wire is_cleared_next
);

(* anyconst *) wire [1:0] sought;

reg [1:0] reset_left = 2'd3;
always @(posedge clk) if (!resetn) reset_left <= reset_left - 2'd1;
always @* assume (resetn == (reset_left == 2'd0));
always @* assume (!(write_enable && is_emptied));

wire [319:0] record;
wire read_valid;
prism_rules #(.RULES_LOG2(2)) dut (
    .clk(clk), .resetn(resetn), .rule_valid(rule_valid), .rule(rule), .record(record),
    .write_enable(write_enable), .write_row(write_row), .write_word(write_word),
    .read_request(read_request), .read_row(read_row), .read_valid(read_valid),
    .is_emptied(is_emptied), .emptied_row(emptied_row)
);

/* Bits that registers.yaml gives no meaning are 0, whatever was written. */
localparam [319:0] USED = ~(320'd1 << 3 | 320'h3ffff << 14 | 320'hffff << 112);

reg is_known = 1'b0;
reg [319:0] due;
wire is_written = write_enable && write_row == sought;
wire is_cleared = is_emptied && emptied_row == sought;
always @(posedge clk) begin
    if (is_written) due <= write_word & USED;
    if (is_cleared) due <= 320'd0;
    if (resetn && (is_written || is_cleared)) is_known <= 1'b1;
end

localparam WIDTH = 285;
(* hierconn *) wire [WIDTH-1:0] \dut.memory.rows[0] , \dut.memory.rows[1] ;
(* hierconn *) wire [WIDTH-1:0] \dut.memory.rows[2] , \dut.memory.rows[3] ;
wire [WIDTH-1:0] stored = sought[1] ? (sought[0] ? \dut.memory.rows[3] : \dut.memory.rows[2] ) :
                                      (sought[0] ? \dut.memory.rows[1] : \dut.memory.rows[0] );
always @* if (is_known) assert ((due & ~USED) == 320'd0);
always @* if (is_known) assert (stored == {due[319:128], due[111:32], due[13:4], due[2:0]});

wire is_asked = is_known && (rule_valid ? rule : read_row) == sought;
reg [1:0] asked = 2'd0, read = 2'd0;
reg [319:0] due_1, due_2;
always @(posedge clk) begin
    asked <= {asked[0], is_asked};
    read <= {read[0], resetn && read_request && !rule_valid};
    due_1 <= due;
    due_2 <= due_1;
end
always @* begin
    if (asked[1]) assert (record == due_2);
    if (resetn) assert (read_valid == read[1]);
end

assign changes = asked == 2'b11 && due_2[31:0] == 32'h00002001 && due_1[319:288] == 32'h89abcdef;
assign is_cleared_next = asked == 2'b11 && due_2[0] && due_1 == 320'd0;

endmodule
