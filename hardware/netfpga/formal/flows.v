/*
 * A lookup finds what stood in the four rows for its key at one moment, one clock after the key
 * came: a row as it was written, never a part of one, and of several the one in the lowest way. So
 * a write counts for a key that comes in the same clock; and while a key is moved, first copied
 * and then taken away, it is found at each moment.
 *
 *   sought       any one key, and the row that it has in each way
 *   due          these rows, as software wrote or emptied them
 */
`include "prism_registers.vh"

/* Any function would do. With this one all four rows of a key may be any. */
module prism_hash (
    input wire [96:0] key,
    output wire [63:0] hash
);
assign hash = key[63:0];
endmodule

module flows (
    input wire clk,
    input wire resetn,
    input wire key_valid,
    input wire [96:0] key,
    input wire write_enable,
    input wire [3:0] write_row,
    input wire [127:0] write_word,
    input wire read_request,
    input wire [3:0] read_row,
    input wire is_emptied,
    input wire [1:0] emptied_index,
    output wire finds_in_way_0,
    output wire finds_in_way_3,
    output wire finds_while_moved,
    output wire reads
);

localparam WIDTH = 102;   /* 100, and two bits of a rule's number */

(* anyconst *) wire [96:0] sought;

reg [2:0] reset_left = 3'd5;
always @(posedge clk) if (!resetn) reset_left <= reset_left - 3'd1;
always @* assume (resetn == (reset_left == 3'd0));

wire is_found, read_valid;
wire [1:0] action, rule;
wire [127:0] read_word;
prism_flows #(.FLOWS_LOG2(4), .RULES_LOG2(2)) dut (
    .clk(clk), .resetn(resetn),
    .key_valid(key_valid), .key(key), .is_found(is_found), .action(action), .rule(rule),
    .write_enable(write_enable), .write_row(write_row), .write_word(write_word),
    .read_request(read_request), .read_row(read_row),
    .read_valid(read_valid), .read_word(read_word),
    .is_emptied(is_emptied), .emptied_index(emptied_index)
);

wire [63:0] hash;
prism_hash hash_of_sought (.key(sought), .hash(hash));

(* hierconn *) wire [WIDTH-1:0] \dut.ways[0].memory.rows[0] , \dut.ways[0].memory.rows[1] ,
    \dut.ways[0].memory.rows[2] , \dut.ways[0].memory.rows[3] ;
(* hierconn *) wire [WIDTH-1:0] \dut.ways[1].memory.rows[0] , \dut.ways[1].memory.rows[1] ,
    \dut.ways[1].memory.rows[2] , \dut.ways[1].memory.rows[3] ;
(* hierconn *) wire [WIDTH-1:0] \dut.ways[2].memory.rows[0] , \dut.ways[2].memory.rows[1] ,
    \dut.ways[2].memory.rows[2] , \dut.ways[2].memory.rows[3] ;
(* hierconn *) wire [WIDTH-1:0] \dut.ways[3].memory.rows[0] , \dut.ways[3].memory.rows[1] ,
    \dut.ways[3].memory.rows[2] , \dut.ways[3].memory.rows[3] ;

wire [4*4*WIDTH-1:0] stored = {
    \dut.ways[3].memory.rows[3] , \dut.ways[3].memory.rows[2] ,
    \dut.ways[3].memory.rows[1] , \dut.ways[3].memory.rows[0] ,
    \dut.ways[2].memory.rows[3] , \dut.ways[2].memory.rows[2] ,
    \dut.ways[2].memory.rows[1] , \dut.ways[2].memory.rows[0] ,
    \dut.ways[1].memory.rows[3] , \dut.ways[1].memory.rows[2] ,
    \dut.ways[1].memory.rows[1] , \dut.ways[1].memory.rows[0] ,
    \dut.ways[0].memory.rows[3] , \dut.ways[0].memory.rows[2] ,
    \dut.ways[0].memory.rows[1] , \dut.ways[0].memory.rows[0]
};

reg [3:0] is_known = 4'd0;
wire [3:0] hits;
wire [15:0] answers;

genvar way;
generate
    for (way = 0; way < 4; way = way + 1) begin : ways
        wire [1:0] index = hash[16*way +: 2];
        reg [127:0] due;
        wire is_written = write_enable && write_row == {way[1:0], index};
        wire is_cleared = is_emptied && emptied_index == index;
        always @(posedge clk) begin
            if (is_written) due <= write_word;
            if (is_cleared) due <= 128'd0;
            if (resetn && (is_written || is_cleared)) is_known[way] <= 1'b1;
        end
        wire [WIDTH-1:0] own =
            index == 2'd0 ? stored[WIDTH*(4*way+0) +: WIDTH] :
            index == 2'd1 ? stored[WIDTH*(4*way+1) +: WIDTH] :
            index == 2'd2 ? stored[WIDTH*(4*way+2) +: WIDTH] : stored[WIDTH*(4*way+3) +: WIDTH];
        always @* if (is_known[way]) assert (own == {due[105:104], due[99:0]});
        assign hits[way] = due[`PRISM_FLOWS_VALID] && sought ==
            {due[`PRISM_FLOWS_HOSTS], due[`PRISM_FLOWS_SRC], due[`PRISM_FLOWS_DST],
             due[`PRISM_FLOWS_SRC_PORT], due[`PRISM_FLOWS_DST_PORT]};
        assign answers[4*way +: 4] = {due[105:104], due[`PRISM_FLOWS_ACTION]};
    end
endgenerate

/* Software writes one row, or empties one of each way. */
always @* assume (!(write_enable && is_emptied));

/* The key comes, one clock later the rows are read, four more later the answer is there. */
reg asked_1 = 1'b0;
always @(posedge clk) asked_1 <= resetn && key_valid && key == sought && !is_emptied;
wire is_asked = asked_1 && &is_known;
reg [3:0] asked = 4'd0;
reg [4:0] answer_1, answer_2, answer_3, answer_4;
reg [3:0] ways_1, ways_2, ways_3, ways_4;
always @(posedge clk) begin
    asked <= {asked[2:0], is_asked};
    answer_1 <= hits[0] ? {1'b1, answers[3:0]} : hits[1] ? {1'b1, answers[7:4]} :
                hits[2] ? {1'b1, answers[11:8]} : {hits[3], answers[15:12]};
    answer_2 <= answer_1;
    answer_3 <= answer_2;
    answer_4 <= answer_3;
    ways_1 <= hits;
    ways_2 <= ways_1;
    ways_3 <= ways_2;
    ways_4 <= ways_3;
end

always @* if (asked[3]) begin
    assert (is_found == answer_4[4]);
    if (is_found) assert ({rule, action} == answer_4[3:0]);
end

/* What is not asked for is not found. */
reg [4:0] came = 5'd0;
always @(posedge clk) came <= {came[3:0], resetn && key_valid};
always @* if (resetn && !came[4]) assert (!is_found);

assign finds_in_way_0 = asked[3] && is_found && ways_4 == 4'b0001 && rule == 2'd2;
assign finds_in_way_3 = asked[3] && is_found && ways_4 == 4'b1000 && rule == 2'd1;
assign finds_while_moved =
    asked == 4'hf && ways_4 == 4'b0001 && ways_2 == 4'b0011 && ways_1 == 4'b0010;
assign reads = read_valid && read_word[31:0] == 32'h12345678;

endmodule
