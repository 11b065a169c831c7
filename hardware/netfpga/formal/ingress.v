/*
 * Whatever comes in, what goes on is well-formed, ends where TUSER says or before, and gives one
 * header: its first octets, and 0 behind its end.
 *
 *   TDATA of four octets, a header of eight; TKEEP, TLAST, TUSER and gaps as they like
 *
 *   passed   octets of the frame that have gone on
 *   window   the first eight of them, as they were seen at the word's side
 */
module ingress (
    input wire clk,
    input wire resetn,
    input wire [31:0] s_axis_tdata,
    input wire [3:0] s_axis_tkeep,
    input wire [23:0] s_axis_tuser,
    input wire s_axis_tvalid,
    input wire s_axis_tlast,
    input wire may_begin,
    input wire word_ready,
    output wire is_cut,
    output wire is_swallowed,
    output wire is_ragged
);

reg has_begun = 1'b0;
always @(posedge clk) has_begun <= 1'b1;
always @* assume (resetn == has_begun);

wire s_axis_tready, frame_begins, word_last, word_valid, header_valid, header_is_damaged;
wire [31:0] word_data;
wire [3:0] word_keep;
wire [23:0] word_user;
wire [63:0] header;
wire [15:0] header_length;
wire [7:0] header_source;
wire error_cut, error_overrun, error_keep;
prism_ingress #(.DATA_WIDTH(32), .TUSER_WIDTH(24), .HEADER_OCTETS(8)) dut (
    .clk(clk), .resetn(resetn),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tuser(s_axis_tuser),
    .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast), .s_axis_tready(s_axis_tready),
    .may_begin(may_begin), .frame_begins(frame_begins),
    .word_data(word_data), .word_keep(word_keep), .word_user(word_user), .word_last(word_last),
    .word_valid(word_valid), .word_ready(word_ready),
    .header_valid(header_valid), .header(header), .header_length(header_length),
    .header_source(header_source), .header_is_damaged(header_is_damaged),
    .error_cut(error_cut), .error_overrun(error_overrun), .error_keep(error_keep)
);

wire is_taken = resetn && s_axis_tvalid && s_axis_tready;
wire is_passed = resetn && word_valid && word_ready;

/* ---- what has come, counted here ---- */

reg is_inside = 1'b0;         /* a frame has begun, and its last word has not come in */
reg is_over = 1'b0;           /* and its last word has gone on */
reg has_header = 1'b0;        /* and its header has left */
reg is_damaged = 1'b0;
reg [15:0] passed = 16'd0, length;
reg [7:0] source;
reg [63:0] window;
wire is_new = !is_inside;
wire [15:0] now_length = is_new ? s_axis_tuser[15:0] : length;
wire [15:0] now_passed = is_new ? 16'd0 : passed;
wire [15:0] left = now_length - now_passed;
wire [2:0] count = word_keep[3] ? 3'd4 : word_keep[2] ? 3'd3 : word_keep[1] ? 3'd2 : 3'd1;
wire [31:0] clean = {
    word_keep[3] ? word_data[31:24] : 8'd0, word_keep[2] ? word_data[23:16] : 8'd0,
    word_keep[1] ? word_data[15:8] : 8'd0, word_keep[0] ? word_data[7:0] : 8'd0
};
wire fills_header = is_passed && !(is_inside && has_header) && (word_last || now_passed == 16'd4);

/* How many octets came before the first that is missing. */
wire [2:0] run = !s_axis_tkeep[0] ? 3'd0 : !s_axis_tkeep[1] ? 3'd1 :
                 !s_axis_tkeep[2] ? 3'd2 : !s_axis_tkeep[3] ? 3'd3 : 3'd4;
wire has_holes = s_axis_tkeep >> run != 4'd0;
wire is_wrong_keep = s_axis_tlast ? has_holes || run == 3'd0 : run != 3'd4;
wire ends_early = s_axis_tlast && {13'd0, run} < left;
wire ends_late = left <= 16'd4 && (!s_axis_tlast || {13'd0, run} > left);

reg due_valid = 1'b0;
reg [63:0] due_header;
reg [24:0] due_rest;
always @(posedge clk) begin
    due_valid <= fills_header;
    if (is_passed) begin
        passed <= now_passed + 16'd4;
        length <= now_length;
        if (is_new) source <= s_axis_tuser[23:16];
        window <= is_new ? {32'd0, clean} : now_passed == 16'd4 ? {clean, window[31:0]} : window;
        is_damaged <= (is_inside && is_damaged) || is_wrong_keep || ends_early || ends_late;
        has_header <= (is_inside && has_header) || fills_header;
        is_over <= word_last;
        due_header <= is_new ? {32'd0, clean} :
                      now_passed == 16'd4 ? {clean, window[31:0]} : window;
        due_rest <= {
            (is_inside && is_damaged) || is_wrong_keep || ends_early || ends_late,
            is_new ? s_axis_tuser[23:16] : source, now_length
        };
    end
    if (is_taken) is_inside <= !s_axis_tlast;
end

always @* if (resetn) begin
    /* A word goes on when it is taken, or its frame is over: then it is swallowed. */
    if (is_passed) assert (is_taken);
    if (is_taken) assert (is_passed == !(is_inside && is_over));
    if (is_passed) assert (word_data == s_axis_tdata && word_user == s_axis_tuser);
    if (s_axis_tvalid && word_ready && may_begin) assert (s_axis_tready);
    if (is_inside && is_over) assert (s_axis_tready && !word_valid);
    if (is_new && !may_begin) assert (!s_axis_tready && !word_valid);
    assert (frame_begins == (is_passed && is_new));
    if (is_passed) begin
        /* Full words, then a last one without holes. */
        assert (word_keep == 4'd1 || word_keep == 4'd3 || word_keep == 4'd7 || word_keep == 4'd15);
        if (!word_last) assert (word_keep == 4'd15);
        /* It ends with what came, or at its length. */
        assert (word_last == (s_axis_tlast || left <= 16'd4));
        if (left != 16'd0) assert ({13'd0, count} <= left);
        if (left >= 16'd4 && !s_axis_tlast) assert (count == 3'd4);
        if (s_axis_tlast && run != 3'd0) assert (count <= run);
        if (s_axis_tlast && run != 3'd0 && left != 16'd0)
            assert ({13'd0, count} == ({13'd0, run} < left ? {13'd0, run} : left));
    end
    assert (error_keep == (is_passed && is_wrong_keep));
    assert (error_cut == (is_passed && ends_early));
    assert (error_overrun == (is_passed && ends_late));
    assert (header_valid == due_valid);
    if (header_valid) assert (header == due_header);
    if (header_valid) assert ({header_is_damaged, header_source, header_length} == due_rest);
end

/* Why: its state is what was counted. */
(* hierconn *) wire [1:0] \dut.state_reg ;
(* hierconn *) wire [15:0] \dut.left_reg , \dut.length_reg ;
(* hierconn *) wire [7:0] \dut.source_reg , \dut.place_reg ;
(* hierconn *) wire [63:0] \dut.window_reg ;
(* hierconn *) wire \dut.damaged_reg ;
localparam [1:0] FIRST = 2'd0, HEADER = 2'd1, REST = 2'd2, SWALLOW = 2'd3;
always @* if (resetn) begin
    assert (\dut.state_reg ==
            (!is_inside ? FIRST : is_over ? SWALLOW : has_header ? REST : HEADER));
    if (is_inside) begin
        assert (\dut.length_reg == length && \dut.source_reg == source);
        assert (\dut.damaged_reg == is_damaged);
        if (!is_over) assert (\dut.left_reg == length - passed && passed < length);
        if (!is_over && !has_header) assert (passed == 16'd4 && \dut.place_reg == 8'd1);
        if (!is_over && !has_header) assert (\dut.window_reg == window && window[63:32] == 0);
    end
end

assign is_cut = header_valid && header_is_damaged && header_length == 16'd9 &&
    header[63:32] == 32'd7;
assign is_swallowed = is_taken && !is_passed && s_axis_tlast;
assign is_ragged = error_keep && is_inside && !word_last;

endmodule
