/*
 * Joins the words of a frame with what was decided about it, and sends them.
 *
 *   ┌──────────┬──────────────────────────────────────────────────────────────────────┐
 *   │ edit     │ octet i of the frame, tags and all, is XORed with [8i +: 8]           │
 *   │ ports    │ goes into TUSER[31:24] of the first word; none: the frame is dropped  │
 *   └──────────┴──────────────────────────────────────────────────────────────────────┘
 *
 * One word a clock, also from one frame to the next. What is offered stays until it is taken. A
 * dropped frame is taken from the queue and not sent.
 */
`default_nettype none

module prism_egress #(
    parameter DATA_WIDTH = 256,
    parameter TUSER_WIDTH = 128,
    parameter EDIT_OCTETS = 106
) (
    input  wire                     clk,
    input  wire                     resetn,

    input  wire [DATA_WIDTH-1:0]    word_data,
    input  wire [DATA_WIDTH/8-1:0]  word_keep,
    input  wire [TUSER_WIDTH-1:0]   word_user,
    input  wire                     word_last,
    input  wire                     word_valid,
    output wire                     word_ready,

    input  wire [EDIT_OCTETS*8-1:0] edit,
    input  wire [7:0]               ports,
    input  wire                     edit_valid,
    output wire                     edit_ready,

    output reg  [DATA_WIDTH-1:0]    m_axis_tdata,
    output reg  [DATA_WIDTH/8-1:0]  m_axis_tkeep,
    output reg  [TUSER_WIDTH-1:0]   m_axis_tuser,
    output reg                      m_axis_tvalid,
    output reg                      m_axis_tlast,
    input  wire                     m_axis_tready,

    output wire                     frame_sent
);

localparam EDIT_WORDS = (EDIT_OCTETS * 8 + DATA_WIDTH - 1) / DATA_WIDTH;
localparam [3:0] ALL_EDITED = EDIT_WORDS[3:0];

reg [3:0] place_reg = 0, place_next;   /* of the word in the frame; stops behind the edit */
reg       valid_next;

wire [EDIT_WORDS*DATA_WIDTH-1:0] padded_edit = {{EDIT_WORDS*DATA_WIDTH-EDIT_OCTETS*8{1'b0}}, edit};

reg [DATA_WIDTH-1:0] word_edit;
integer place;

always @* begin
    word_edit = {DATA_WIDTH{1'b0}};
    for (place = 0; place < EDIT_WORDS; place = place + 1) begin
        if (place_reg == place[3:0]) word_edit = padded_edit[DATA_WIDTH*place +: DATA_WIDTH];
    end
end

wire is_first = place_reg == 4'd0;
wire is_dropped = ports == 8'd0;
wire can_send = !m_axis_tvalid || m_axis_tready;
wire is_taken = word_valid && edit_valid && (is_dropped || can_send);
wire is_sent = is_taken && !is_dropped;

assign word_ready = edit_valid && (is_dropped || can_send);
assign edit_ready = is_taken && word_last;
assign frame_sent = is_sent && word_last;

always @* begin
    place_next = place_reg;
    if (is_taken) begin
        if (word_last) place_next = 4'd0;
        else if (place_reg != ALL_EDITED) place_next = place_reg + 4'd1;
    end
    valid_next = is_sent || (m_axis_tvalid && !m_axis_tready);
end

always @(posedge clk) begin
    if (is_sent) begin
        m_axis_tdata <= word_data ^ word_edit;
        m_axis_tkeep <= word_keep;
        m_axis_tlast <= word_last;
        m_axis_tuser <= is_first ?
            {word_user[TUSER_WIDTH-1:32], ports, word_user[23:0]} : word_user;
    end
    place_reg <= resetn ? place_next : 4'd0;
    m_axis_tvalid <= resetn && valid_next;
end

endmodule

`default_nettype wire
