/*
 * All uses of a row are counted, also back to back and while software writes and reads: what
 * software reads is what it wrote last, and what was used since then.
 *
 *   row   any one row; the others are used, written and read as well
 *   due   what it should hold
 */
module usage (
    input wire clk,
    input wire resetn,
    input wire use_valid,
    input wire is_counted,
    input wire [1:0] use_row,
    input wire [15:0] use_octets,
    input wire [15:0] use_second,
    input wire write_request,
    input wire [1:0] write_row,
    input wire [95:0] write_word,
    input wire read_request,
    input wire [1:0] read_row,
    input wire is_emptied,
    input wire [1:0] emptied_row,
    output wire is_read_after_three,
    output wire is_back_to_back
);

(* anyconst *) wire [1:0] row;

/* A reset as long as what a use passes through: prism_delay has none. */
reg [1:0] reset_left = 2'd3;
always @(posedge clk) if (!resetn) reset_left <= reset_left - 2'd1;
always @* assume (resetn == (reset_left == 2'd0));

wire write_done, read_valid;
wire [95:0] read_word;
prism_usage #(.RULES_LOG2(1)) dut (
    .clk(clk), .resetn(resetn),
    .use_valid(use_valid), .is_counted(is_counted), .use_row(use_row),
    .use_octets(use_octets), .use_second(use_second),
    .write_request(write_request), .write_row(write_row), .write_word(write_word),
    .write_done(write_done),
    .read_request(read_request), .read_row(read_row),
    .read_valid(read_valid), .read_word(read_word),
    .is_emptied(is_emptied), .emptied_row(emptied_row)
);

/* One command at a time: prism_tables holds it until it is done. */
reg write_waits = 1'b0, read_waits = 1'b0;
reg [1:0] asked_row;
reg [95:0] asked_word;
always @(posedge clk) begin
    write_waits <= resetn && write_request && !write_done;
    asked_row <= write_row;
    asked_word <= write_word;
end
always @* begin
    if (write_waits) assume (write_request && write_row == asked_row && write_word == asked_word);
    assume (write_request + read_request + is_emptied <= 1);
end

wire is_used = resetn && use_valid && use_row == row;
wire is_written = resetn && write_request && write_done && write_row == row;
wire is_cleared = resetn && is_emptied && emptied_row == row;

/* Tables are emptied while no frame is inside. */
reg [1:0] used = 2'd0;
always @(posedge clk) used <= {used[0], is_used};
always @* if (is_emptied) assume (!is_used && used == 2'd0);

function [95:0] with_use;
    input [95:0] row;
    input counts;
    input [15:0] more;
    input [15:0] now;
    reg [47:0] octets;
    begin
        octets = {row[79:64], row[63:32]} + (counts ? {32'd0, more} : 48'd0);
        with_use = {now, octets, row[31:0] + {31'd0, counts}};
    end
endfunction

/* The row, if each use changed it at once when its turn comes, two clocks after the frame. */
reg [95:0] due;
reg is_known = 1'b0;
reg counted_1, counted_2;
reg [15:0] octets_1, octets_2, second_1, second_2;
always @(posedge clk) begin
    {counted_2, octets_2, second_2} <= {counted_1, octets_1, second_1};
    {counted_1, octets_1, second_1} <= {is_counted, use_octets, use_second};
    if (used[1]) due <= with_use(due, counted_2, octets_2, second_2);
    if (is_written || is_cleared) begin
        is_known <= 1'b1;
        due <= is_cleared ? 96'd0 : write_word;
    end
end

(* hierconn *) wire [95:0] \dut.memory.rows[0] , \dut.memory.rows[1] ;
(* hierconn *) wire [95:0] \dut.memory.rows[2] , \dut.memory.rows[3] ;
wire [95:0] stored = row[1] ? (row[0] ? \dut.memory.rows[3] : \dut.memory.rows[2] ) :
                              (row[0] ? \dut.memory.rows[1] : \dut.memory.rows[0] );
always @* if (is_known) assert (stored == due);

reg [1:0] is_asked = 2'd0;
reg [95:0] read_1, read_2;
always @(posedge clk) begin
    is_asked <= {is_asked[0], resetn && read_request && !use_valid && read_row == row && is_known};
    read_1 <= due;
    read_2 <= read_1;
end
always @* if (is_asked[1]) assert (read_valid && read_word == read_2);

reg [1:0] uses = 2'd0;
always @(posedge clk) if (is_known && is_used && is_counted && uses != 2'd3) uses <= uses + 2'd1;
assign is_read_after_three = uses == 2'd3 && is_asked[1] && read_word[31:0] == 32'h00010002;
assign is_back_to_back = is_known && is_used && used == 2'd3;

endmodule
