/*
 * The marks are those of a walk from option to option.
 *
 *   begins[j]   an option begins at octet j: at 0, behind a NOP, or where a sound option ends;
 *               behind EOL, and behind an option whose length is impossible, none does
 *
 * For options of `OCTETS` octets or fewer. The numbers of a mark stand whole, side by side: add.v
 * needs that.
 */
module options #(
    parameter OCTETS = 40
) (
    input wire clk,
    input wire [319:0] options,
    input wire [5:0] octets,
    input wire has_ack,
    output wire is_whole,
    output wire is_last
);

always @* assume (octets <= OCTETS);

wire [159:0] marks;
prism_options dut (
    .clk(clk), .options(options), .octets(octets), .has_ack(has_ack), .marks(marks)
);

/*
 * Of the pair of octets `at` and `to`, which lie in one row of 40: the option that begins at `at`
 * ends at `to`, or marks it as an acknowledgment, TSval or TSecr.
 */
wire [40*40-1:0] ends, acks, values, echoes;
wire [39:0] begins;

genvar at, to;
generate
    for (at = 0; at < 40; at = at + 1) begin : froms
        wire [7:0] kind = options[8*at +: 8];
        wire [7:0] length;
        if (at < 39) assign length = options[8*at+8 +: 8];
        else assign length = 8'd0;
        wire [5:0] room = octets - at[5:0];
        wire is_inside = at[5:0] < octets && begins[at];
        wire is_sound = is_inside && kind > 8'd1 && length >= 8'd2 && length <= {2'd0, room};
        wire is_sack = is_sound && kind == 8'd5 && length[2:0] == 3'd2 && has_ack;
        wire is_timestamps = is_sound && kind == 8'd8 && length == 8'd10;
        wire is_echo;
        if (at <= 30) assign is_echo = has_ack && options[8*at+48 +: 32] != 32'd0;
        else assign is_echo = 1'b0;
        for (to = 0; to < 40; to = to + 1) begin : tos
            localparam [5:0] AWAY = to - at;
            if (to == at + 1) assign ends[40*to+at] = is_inside && kind == 8'd1;
            else if (to > at) assign ends[40*to+at] = is_sound && length[5:0] == AWAY;
            else assign ends[40*to+at] = 1'b0;
            assign acks[40*to+at] = to >= at + 2 && is_sack && AWAY < length[5:0];
            assign values[40*to+at] = to >= at + 2 && to < at + 6 && is_timestamps;
            assign echoes[40*to+at] = to >= at + 6 && to < at + 10 && is_timestamps && is_echo;
        end
    end
endgenerate

wire [159:0] due;
genvar octet, place;
generate
    for (octet = 0; octet < 40; octet = octet + 1) begin : marked
        assign begins[octet] = octet == 0 || |ends[40*octet +: 40];
        wire is_ack = |acks[40*octet +: 40];
        wire is_value = |values[40*octet +: 40];
        wire is_echo = |echoes[40*octet +: 40];
        /* Which octet of its number: counted from where its option began. */
        wire [39:0] odd, high;
        for (place = 0; place < 40; place = place + 1) begin : places
            localparam [1:0] NUMBER = octet - place - 2;
            wire is_marked =
                acks[40*octet+place] || values[40*octet+place] || echoes[40*octet+place];
            assign odd[place] = is_marked && NUMBER[0];
            assign high[place] = is_marked && NUMBER[1];
        end
        assign due[4*octet +: 4] = {is_value || is_echo, is_ack || is_echo, |high, |odd};
    end
endgenerate

reg [159:0] due_reg [0:10];
integer stage;
always @(posedge clk) begin
    due_reg[0] <= due;
    for (stage = 1; stage < 11; stage = stage + 1) due_reg[stage] <= due_reg[stage-1];
end

generate
    for (octet = 0; octet < 40; octet = octet + 1) begin : checked
        always @* assert (marks[4*octet +: 4] == due_reg[10][4*octet +: 4]);
    end
endgenerate

/* Four blocks of a SACK, and a TSecr behind all else. */
assign is_whole = marks[135:8] == {8{16'h7654}};
assign is_last = marks[159:144] == 16'hfedc;

endmodule
