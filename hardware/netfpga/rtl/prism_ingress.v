/*
 * Takes frames from the stream: cuts off the first octets of each for the rules, and lets the words
 * go on into a queue with a length that they keep.
 *
 *   ┌────────────┬──────────┬────────────┬──────────────────────────────┐
 *   │ header     │ octet i  │ [8i +: 8]  │ 0 past the frame's end       │
 *   │ length     │ [15:0]   │ octets     │ as TUSER says                │
 *   │ source     │ [23:16]  │ one-hot    │ as TUSER says                │
 *   │ is_damaged │          │            │ cut, overrun or keep, seen while the header came │
 *   └────────────┴──────────┴────────────┴──────────────────────────────┘
 *
 * TUSER's length counts: a frame that goes on is ended there, and the rest of it swallowed; one that
 * ends earlier ends there. Both are errors. A frame that was found damaged when its header had left
 * leaves damaged; a shorter one is dropped.
 *
 *   error_cut      TLAST before TUSER's length
 *   error_overrun  no TLAST at TUSER's length, or octets behind it
 *   error_keep     TKEEP has holes, or is not full before the last word
 */
`default_nettype none

module prism_ingress #(
    parameter DATA_WIDTH = 256,
    parameter TUSER_WIDTH = 128,
    parameter HEADER_OCTETS = 128
) (
    input  wire                       clk,
    input  wire                       resetn,

    input  wire [DATA_WIDTH-1:0]      s_axis_tdata,
    input  wire [DATA_WIDTH/8-1:0]    s_axis_tkeep,
    input  wire [TUSER_WIDTH-1:0]     s_axis_tuser,
    input  wire                       s_axis_tvalid,
    input  wire                       s_axis_tlast,
    output wire                       s_axis_tready,

    /* Whether another frame may begin. */
    input  wire                       may_begin,
    output wire                       frame_begins,

    output wire [DATA_WIDTH-1:0]      word_data,
    output wire [DATA_WIDTH/8-1:0]    word_keep,
    output wire [TUSER_WIDTH-1:0]     word_user,
    output wire                       word_last,
    output wire                       word_valid,
    input  wire                       word_ready,

    output reg                        header_valid,
    output reg  [HEADER_OCTETS*8-1:0] header,
    output reg  [15:0]                header_length,
    output reg  [7:0]                 header_source,
    output reg                        header_is_damaged,

    output wire                       error_cut,
    output wire                       error_overrun,
    output wire                       error_keep
);

localparam WORD_OCTETS = DATA_WIDTH / 8;
localparam HEADER_WORDS = (HEADER_OCTETS * 8 + DATA_WIDTH - 1) / DATA_WIDTH;
localparam WINDOW_WIDTH = HEADER_WORDS * DATA_WIDTH;
localparam LAST_PLACE = HEADER_WORDS - 1;

localparam [1:0] FIRST = 2'd0;    /* a frame may begin */
localparam [1:0] HEADER = 2'd1;   /* inside the header */
localparam [1:0] REST = 2'd2;     /* behind the header */
localparam [1:0] SWALLOW = 2'd3;  /* behind the length that TUSER has said */

reg [1:0]              state_reg = FIRST, state_next;
reg [15:0]             left_reg = 0, left_next;        /* octets that are still to come */
reg [15:0]             length_reg = 0, length_next;
reg [7:0]              source_reg = 0, source_next;
reg [7:0]              place_reg = 0, place_next;      /* of the next word in the header */
reg [WINDOW_WIDTH-1:0] window_reg = 0, window_next;
reg                    damaged_reg = 0, damaged_next;
reg                    header_valid_next;

wire is_first = state_reg == FIRST;

assign s_axis_tready =
    state_reg == SWALLOW || (word_ready && (!is_first || may_begin));
wire is_taken = s_axis_tvalid && s_axis_tready;
wire is_passed = is_taken && state_reg != SWALLOW;

/* What this word should be, and what it is. */
wire [15:0] left = is_first ? s_axis_tuser[15:0] : left_reg;
wire is_end = left <= WORD_OCTETS[15:0];
wire [WORD_OCTETS-1:0] due_keep =
    is_end ? ~({WORD_OCTETS{1'b1}} << left[7:0]) : {WORD_OCTETS{1'b1}};
/* The octets from the first to the first hole. */
wire [WORD_OCTETS-1:0] run_keep =
    &s_axis_tkeep ? s_axis_tkeep : (s_axis_tkeep ^ (s_axis_tkeep + 1'b1)) >> 1;
wire is_short = |(due_keep & ~run_keep);
wire is_over = |(run_keep & ~due_keep);

wire has_holes = run_keep != s_axis_tkeep || !s_axis_tkeep[0];
wire is_cut = s_axis_tlast && (!is_end || is_short);
wire is_overrun = is_end && (!s_axis_tlast || is_over);
wire is_ragged = s_axis_tlast ? has_holes : !(&s_axis_tkeep);

assign error_cut = is_passed && is_cut;
assign error_overrun = is_passed && is_overrun;
assign error_keep = is_passed && is_ragged;

/* Whatever came, what goes on is well-formed: full words, and a last one of an octet or more. */
assign word_data = s_axis_tdata;
assign word_last = s_axis_tlast || is_end;
assign word_keep =
    (s_axis_tlast ? due_keep & run_keep : due_keep) | {{WORD_OCTETS-1{1'b0}}, 1'b1};
assign word_user = s_axis_tuser;
assign word_valid = s_axis_tvalid && state_reg != SWALLOW && (!is_first || may_begin);
assign frame_begins = is_passed && is_first;

/* The word with zeros where there is no octet. */
wire [DATA_WIDTH-1:0] clean_data;
genvar octet;
generate
    for (octet = 0; octet < WORD_OCTETS; octet = octet + 1) begin : clean
        assign clean_data[8*octet +: 8] = word_keep[octet] ? s_axis_tdata[8*octet +: 8] : 8'd0;
    end
endgenerate

wire [7:0] place = is_first ? 8'd0 : place_reg;
wire [WINDOW_WIDTH-1:0] placed_data = {{WINDOW_WIDTH-DATA_WIDTH{1'b0}}, clean_data};

always @* begin
    state_next = state_reg;
    left_next = left_reg;
    length_next = length_reg;
    source_next = source_reg;
    place_next = place_reg;
    window_next = window_reg;
    damaged_next = damaged_reg;
    header_valid_next = 1'b0;

    if (is_passed) begin
        left_next = left - WORD_OCTETS[15:0];
        place_next = place + 1'b1;
        if (is_first) begin
            length_next = s_axis_tuser[15:0];
            source_next = s_axis_tuser[23:16];
            window_next = placed_data;
            damaged_next = 1'b0;
        end else if (state_reg == HEADER) begin
            window_next = window_reg | (placed_data << (place * DATA_WIDTH));
        end
        if (is_cut || is_overrun || is_ragged) damaged_next = 1'b1;
        header_valid_next =
            (is_first || state_reg == HEADER) && (word_last || place == LAST_PLACE[7:0]);
        if (word_last) state_next = s_axis_tlast ? FIRST : SWALLOW;
        else if (header_valid_next) state_next = REST;
        else if (is_first) state_next = HEADER;
    end else if (is_taken && s_axis_tlast) begin
        state_next = FIRST;
    end
end

always @(posedge clk) begin
    state_reg <= resetn ? state_next : FIRST;
    left_reg <= left_next;
    length_reg <= length_next;
    source_reg <= source_next;
    place_reg <= place_next;
    window_reg <= window_next;
    damaged_reg <= damaged_next;
    header_valid <= resetn && header_valid_next;
    header <= window_next[HEADER_OCTETS*8-1:0];
    header_length <= length_next;
    header_source <= source_next;
    header_is_damaged <= damaged_next;
end

endmodule

`default_nettype wire
