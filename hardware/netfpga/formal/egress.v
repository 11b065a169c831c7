/*
 * What leaves is what was queued, with its edit: each word once, in order, none of a dropped frame,
 * and it stands until it is taken.
 *
 *   held   what should stand at the output: the last word that was taken from the queue and not
 *          dropped, as it must be changed
 */
module egress (
    input wire clk,
    input wire resetn,
    input wire [15:0] word_data,
    input wire [1:0] word_keep,
    input wire [39:0] word_user,
    input wire word_last,
    input wire word_valid,
    input wire [55:0] edit,
    input wire [7:0] ports,
    input wire edit_valid,
    input wire m_axis_tready,
    output wire is_long,
    output wire is_dropped,
    output wire is_back_to_back
);

reg has_begun = 1'b0;
always @(posedge clk) has_begun <= 1'b1;
always @* assume (resetn == has_begun);

wire word_ready, edit_ready, m_axis_tvalid, m_axis_tlast, frame_sent;
wire [15:0] m_axis_tdata;
wire [1:0] m_axis_tkeep;
wire [39:0] m_axis_tuser;
prism_egress #(.DATA_WIDTH(16), .TUSER_WIDTH(40), .EDIT_OCTETS(7)) dut (
    .clk(clk), .resetn(resetn),
    .word_data(word_data), .word_keep(word_keep), .word_user(word_user), .word_last(word_last),
    .word_valid(word_valid), .word_ready(word_ready),
    .edit(edit), .ports(ports), .edit_valid(edit_valid), .edit_ready(edit_ready),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tuser(m_axis_tuser),
    .m_axis_tvalid(m_axis_tvalid), .m_axis_tlast(m_axis_tlast), .m_axis_tready(m_axis_tready),
    .frame_sent(frame_sent)
);

/* A queue offers a word, and an edit, until it is taken (fifo.v). */
reg word_waits = 1'b0, edit_waits = 1'b0;
reg [58:0] waiting_word;
reg [63:0] waiting_edit;
always @(posedge clk) begin
    word_waits <= resetn && word_valid && !word_ready;
    edit_waits <= resetn && edit_valid && !edit_ready;
    waiting_word <= {word_user, word_keep, word_last, word_data};
    waiting_edit <= {edit, ports};
end
always @* begin
    if (word_waits) assume (word_valid);
    if (word_waits) assume (waiting_word == {word_user, word_keep, word_last, word_data});
    if (edit_waits) assume (edit_valid && waiting_edit == {edit, ports});
end

/* A word is taken with an edit; the edit is taken with the last word. */
wire is_taken = resetn && word_valid && word_ready;
wire is_out = m_axis_tvalid && m_axis_tready;
reg [2:0] place = 3'd0;
reg is_held = 1'b0;
reg [58:0] held;
wire [15:0] due_edit =
    place == 3'd0 ? edit[15:0] : place == 3'd1 ? edit[31:16] :
    place == 3'd2 ? edit[47:32] : place == 3'd3 ? {8'd0, edit[55:48]} : 16'd0;
wire [39:0] due_user =
    place == 3'd0 ? {word_user[39:32], ports, word_user[23:0]} : word_user;
always @(posedge clk) if (resetn) begin
    if (is_taken) place <= word_last ? 3'd0 : place == 3'd4 ? 3'd4 : place + 3'd1;
    if (is_out) is_held <= 1'b0;
    if (is_taken && ports != 8'd0) begin
        is_held <= 1'b1;
        held <= {due_user, word_keep, word_last, word_data ^ due_edit};
    end
end

reg waits = 1'b0;
reg [58:0] waited;
wire [58:0] out = {m_axis_tuser, m_axis_tkeep, m_axis_tlast, m_axis_tdata};
always @(posedge clk) begin
    waits <= resetn && m_axis_tvalid && !m_axis_tready;
    waited <= out;
end

always @* if (has_begun) begin
    assert (m_axis_tvalid == is_held);
    if (is_held) assert (out == held);
    if (waits) assert (m_axis_tvalid && out == waited);
    /* Nothing is taken that has no edit, or no room. */
    if (is_taken) assert (edit_valid && (ports == 8'd0 || !is_held || is_out));
    assert ((resetn && edit_valid && edit_ready) == (is_taken && word_last));
    assert (frame_sent == (word_valid && edit_valid && edit_ready && ports != 8'd0));
    /* And what can be taken is: a word a clock, no bubble. */
    if (word_valid && edit_valid && m_axis_tready) assert (word_ready);
    if (word_valid && edit_valid && ports == 8'd0) assert (word_ready);
end

assign is_long = is_held && place == 3'd4 && m_axis_tdata == 16'hbeef && !waits;
assign is_dropped = is_taken && word_last && ports == 8'd0 && place == 3'd3 && waits;
assign is_back_to_back = is_taken && place == 3'd0 && is_out && m_axis_tlast;

endmodule
