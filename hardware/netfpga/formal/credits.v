/*
 * What is decided about a frame always finds room in the queue of edits: no more frames are inside
 * than have a word in the queue of words, which is as deep.
 *
 *   inside  = lasts + one whose last word has not come = edits that wait + decisions on their way
 *
 * All of the core is here, as wide and as deep as it is; what its tables, its memories and its
 * registers give is anything at any time. Of the queue of words that is not quite so: it gives as
 * many last words as it was given, and the newest word is the last to leave (fifo.v).
 */
module credits (
    input wire clk,
    input wire resetn,
    input wire [255:0] s_axis_tdata,
    input wire [31:0] s_axis_tkeep,
    input wire [127:0] s_axis_tuser,
    input wire s_axis_tvalid,
    input wire s_axis_tlast,
    input wire m_axis_tready,
    output wire has_many,
    output wire has_decided
);

/* A reset as long as the longest prism_delay. */
reg [3:0] reset_left = 4'd15;
always @(posedge clk) if (!resetn) reset_left <= reset_left - 4'd1;
always @* assume (resetn == (reset_left == 4'd0));

prism_core #(.RULES_LOG2(2), .FLOWS_LOG2(4), .STATIONS_LOG2(2)) dut (
    .clk(clk), .resetn(resetn),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tuser(s_axis_tuser),
    .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast),
    .m_axis_tready(m_axis_tready), .tick(1'b0)
);

localparam DEPTH = 64;

/* ---- frames on their way to a decision ---- */

(* hierconn *) wire [1:0] \dut.ingress.state_reg ;
(* hierconn *) wire \dut.header_valid , \dut.parse.p1_valid , \dut.parse.p2_valid ;
(* hierconn *) wire \dut.valid_3 , \dut.valid_11 , \dut.valid_22 ;
(* hierconn *) wire [101:0] \dut.parsed.stage_reg[0] , \dut.parsed.stage_reg[1] ,
    \dut.parsed.stage_reg[2] , \dut.parsed.stage_reg[3] , \dut.parsed.stage_reg[4] ,
    \dut.parsed.stage_reg[5] , \dut.parsed.stage_reg[6] ;
(* hierconn *) wire [2:0] \dut.fates.stage_reg[0] , \dut.fates.stage_reg[1] ,
    \dut.fates.stage_reg[2] , \dut.fates.stage_reg[3] , \dut.fates.stage_reg[4] ,
    \dut.fates.stage_reg[5] , \dut.fates.stage_reg[6] , \dut.fates.stage_reg[7] ,
    \dut.fates.stage_reg[8] , \dut.fates.stage_reg[9] ;

localparam [1:0] HEADER = 2'd1, REST = 2'd2;
wire has_part = \dut.ingress.state_reg == HEADER || \dut.ingress.state_reg == REST;
wire [23:0] on_way = {
    \dut.ingress.state_reg == HEADER, \dut.header_valid , \dut.parse.p1_valid ,
    \dut.parse.p2_valid , \dut.valid_3 ,
    \dut.parsed.stage_reg[0] [101], \dut.parsed.stage_reg[1] [101],
    \dut.parsed.stage_reg[2] [101], \dut.parsed.stage_reg[3] [101],
    \dut.parsed.stage_reg[4] [101], \dut.parsed.stage_reg[5] [101],
    \dut.parsed.stage_reg[6] [101], \dut.valid_11 ,
    \dut.fates.stage_reg[0] [2], \dut.fates.stage_reg[1] [2], \dut.fates.stage_reg[2] [2],
    \dut.fates.stage_reg[3] [2], \dut.fates.stage_reg[4] [2], \dut.fates.stage_reg[5] [2],
    \dut.fates.stage_reg[6] [2], \dut.fates.stage_reg[7] [2], \dut.fates.stage_reg[8] [2],
    \dut.fates.stage_reg[9] [2], \dut.valid_22
};
reg [4:0] pending;
integer place;
always @* begin
    pending = 5'd0;
    for (place = 0; place < 24; place = place + 1) pending = pending + {4'd0, on_way[place]};
end

/* ---- the queues ---- */

(* hierconn *) wire [6:0] \dut.words.level , \dut.edits.level , \dut.inside_reg ;
(* hierconn *) wire \dut.in_valid , \dut.in_ready , \dut.in_last , \dut.has_edit_room ;
(* hierconn *) wire \dut.out_valid , \dut.out_ready , \dut.out_last ;

reg [6:0] lasts = 7'd0;
wire is_in = \dut.in_valid && \dut.in_ready && \dut.in_last ;
wire is_out = \dut.out_valid && \dut.out_ready && \dut.out_last ;
always @(posedge clk) lasts <= resetn ? lasts + {6'd0, is_in} - {6'd0, is_out} : 7'd0;

always @* if (\dut.out_valid ) begin
    if (lasts == 7'd0) assume (!\dut.out_last );
    if (lasts == \dut.words.level ) assume (\dut.out_last );
    if (has_part && \dut.words.level > 7'd1 && lasts == \dut.words.level - 7'd1)
        assume (\dut.out_last );
end

always @* if (resetn) begin
    if (\dut.valid_22 ) assert (\dut.has_edit_room );
    assert (\dut.inside_reg <= DEPTH);
    /* Why: each frame is counted in both ways. */
    assert (\dut.inside_reg == lasts + {6'd0, has_part});
    assert (\dut.inside_reg == \dut.edits.level + {2'd0, pending});
    assert (\dut.words.level <= DEPTH && lasts <= \dut.words.level );
    if (has_part && \dut.words.level != 7'd0) assert (lasts < \dut.words.level );
end

assign has_many = resetn && \dut.inside_reg == 7'd12;
assign has_decided = \dut.valid_22 && \dut.edits.level == 7'd2;

endmodule
