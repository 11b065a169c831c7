/*
 * Walks the options of a TCP header, whatever their order and alignment, and tells for each octet
 * what is to be added to it.
 *
 *   ┌──────┐   ┌──────┬────────┬─────────────┐
 *   │ kind │ ⋯ │ kind │ length │ length−2 …  │
 *   └──────┘   └──────┴────────┴─────────────┘
 *   EOL, NOP    every other; length counts kind and length
 *
 *   mark of an octet  [3:2]  0 nothing, 1 the acknowledgment's delta, 2 TSval's, 3 TSecr's
 *                     [1:0]  which octet of the number it is; 0 is the first on the wire
 *
 * The walk ends at EOL, and at an option whose length is impossible: nothing from there on changes.
 * Without ACK neither SACK nor TSecr says anything, and TSecr 0 echoes nothing (RFC 7323 3.2).
 *
 * First every octet is looked at as if an option began there; then the walk goes over four octets a
 * clock. Marks come 11 clocks after the header.
 *
 * RFC 9293 3.1 (MUST-6, MUST-64), RFC 2018, RFC 7323.
 */
`default_nettype none

module prism_options (
    input  wire         clk,

    input  wire [319:0] options,   /* octet i is [8i +: 8] */
    input  wire [5:0]   octets,    /* 0 to 40 */
    input  wire         has_ack,

    output wire [159:0] marks      /* of octet i: [4i +: 4] */
);

localparam STAGES = 10;
localparam PER_STAGE = 4;

localparam [7:0] KIND_END = 8'd0;
localparam [7:0] KIND_NOTHING = 8'd1;
localparam [7:0] KIND_SACK = 8'd5;
localparam [7:0] KIND_TIMESTAMPS = 8'd8;

localparam [1:0] OTHER = 2'd0;
localparam [1:0] SACK = 2'd1;
localparam [1:0] TIMESTAMPS = 2'd2;

/* ---- what an option would be if it began here: { left[5:0], sort[1:0], ends } ---- */

localparam LOOK = 9;

reg [40*LOOK-1:0] looks_reg, looks_next;
reg               has_ack_reg;
reg [39:0]        is_zero_reg, is_zero_next;   /* this octet and the three behind it */

integer at;
reg [7:0] kind;
reg [7:0] length;
reg [5:0] behind;                              /* octets from here to the end of the options */
reg is_single, is_impossible;
reg [1:0] sort;
reg [327:0] padded;

always @* begin
    padded = {8'd0, options};
    for (at = 0; at < 40; at = at + 1) begin
        kind = padded[8*at +: 8];
        length = padded[8*(at+1) +: 8];
        behind = octets - at[5:0];
        is_single = kind == KIND_NOTHING;
        is_impossible = behind < 6'd2 || length < 8'd2 || length > {2'd0, behind};
        sort = OTHER;
        if (kind == KIND_SACK && length[2:0] == 3'd2) sort = SACK;
        if (kind == KIND_TIMESTAMPS && length == 8'd10) sort = TIMESTAMPS;
        looks_next[LOOK*at +: LOOK] = {
            is_single ? 6'd0 : length[5:0] - 6'd1,
            sort,
            at[5:0] >= octets || kind == KIND_END || (!is_single && is_impossible)
        };
        is_zero_next[at] = (options >> (8 * at)) % (1 << 16) == 0 &&
                           (options >> (8 * at + 16)) % (1 << 16) == 0;
    end
end

always @(posedge clk) begin
    looks_reg <= looks_next;
    has_ack_reg <= has_ack;
    is_zero_reg <= is_zero_next;
end

/* ---- the walk ---- */

localparam [5:0] AT_LENGTH = 6'd63;            /* the octet before the first that has a number */

/* One more and one less, modulo 64, without a chain of carries: four of them follow each other. */
function [5:0] more;
    input [5:0] value;
    more = {value[5] ^ &value[4:0], value[4] ^ &value[3:0], value[3] ^ &value[2:0],
            value[2] ^ &value[1:0], value[1] ^ value[0], ~value[0]};
endfunction

function [5:0] less;
    input [5:0] value;
    less = {value[5] ^ ~|value[4:0], value[4] ^ ~|value[3:0], value[3] ^ ~|value[2:0],
            value[2] ^ ~|value[1:0], value[1] ^ ~value[0], ~value[0]};
endfunction

reg [40*LOOK-1:0] walk_looks_reg [0:STAGES-1];
reg [39:0]        walk_zero_reg [0:STAGES-1];
reg               walk_ack_reg [0:STAGES-1];
reg [159:0]       walk_marks_reg [0:STAGES];
reg               walk_ended_reg [0:STAGES];
reg [5:0]         walk_left_reg [0:STAGES];    /* octets of the option that are still to come */
reg [5:0]         walk_number_reg [0:STAGES];  /* of the octet, behind kind and length */
reg [1:0]         walk_sort_reg [0:STAGES];
reg               walk_silent_reg [0:STAGES];  /* inside a TSecr of 0 */

genvar stage;
generate
    for (stage = 0; stage < STAGES; stage = stage + 1) begin : walk
        wire [40*LOOK-1:0] looks;
        wire [39:0] is_zero;
        wire acked;
        wire [159:0] marks_before;
        wire ended_before;
        wire [5:0] left_before;
        wire [5:0] number_before;
        wire [1:0] sort_before;
        wire silent_before;

        if (stage == 0) begin : from_header
            assign looks = looks_reg;
            assign is_zero = is_zero_reg;
            assign acked = has_ack_reg;
            assign marks_before = 160'd0;
            assign ended_before = 1'b0;
            assign left_before = 6'd0;
            assign number_before = AT_LENGTH;
            assign sort_before = OTHER;
            assign silent_before = 1'b0;
        end else begin : from_stage
            assign looks = walk_looks_reg[stage-1];
            assign is_zero = walk_zero_reg[stage-1];
            assign acked = walk_ack_reg[stage-1];
            assign marks_before = walk_marks_reg[stage];
            assign ended_before = walk_ended_reg[stage];
            assign left_before = walk_left_reg[stage];
            assign number_before = walk_number_reg[stage];
            assign sort_before = walk_sort_reg[stage];
            assign silent_before = walk_silent_reg[stage];
        end

        reg [159:0] marks_next;
        reg ended_next;
        reg [5:0] left_next;
        reg [5:0] number;
        reg [1:0] sort_next;
        reg silent_next;
        integer octet;

        always @* begin
            marks_next = marks_before;
            ended_next = ended_before;
            left_next = left_before;
            number = number_before;
            sort_next = sort_before;
            silent_next = silent_before;
            for (octet = PER_STAGE * stage; octet < PER_STAGE * (stage + 1); octet = octet + 1) begin
                if (left_next == 6'd0) begin
                    ended_next = ended_next || looks[LOOK*octet];
                    left_next = looks[LOOK*octet+3 +: 6];
                    sort_next = looks[LOOK*octet+1 +: 2];
                    number = AT_LENGTH;
                end else begin
                    if (number == 6'd4) silent_next = is_zero[octet];
                    if (!ended_next && number != AT_LENGTH) begin
                        if (sort_next == SACK && acked)
                            marks_next[4*octet +: 4] = {2'd1, number[1:0]};
                        if (sort_next == TIMESTAMPS && number[5:2] == 4'd0)
                            marks_next[4*octet +: 4] = {2'd2, number[1:0]};
                        if (sort_next == TIMESTAMPS && number[5:2] != 4'd0 && acked && !silent_next)
                            marks_next[4*octet +: 4] = {2'd3, number[1:0]};
                    end
                    left_next = less(left_next);
                    number = more(number);
                end
            end
        end

        always @(posedge clk) begin
            walk_looks_reg[stage] <= looks;
            walk_zero_reg[stage] <= is_zero;
            walk_ack_reg[stage] <= acked;
            walk_marks_reg[stage+1] <= marks_next;
            walk_ended_reg[stage+1] <= ended_next;
            walk_left_reg[stage+1] <= left_next;
            walk_number_reg[stage+1] <= number;
            walk_sort_reg[stage+1] <= sort_next;
            walk_silent_reg[stage+1] <= silent_next;
        end
    end
endgenerate

assign marks = walk_marks_reg[STAGES];

endmodule

`default_nettype wire
