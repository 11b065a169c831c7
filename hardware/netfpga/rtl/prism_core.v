/*
 * A Prism switch for the NetFPGA reference pipeline, in the place of output_port_lookup.
 *
 *   AXIS ─▶ ingress ─┬─ words ──────────────────────────────────────────────┬─▶ egress ─▶ AXIS
 *                    └─ header ─▶ parse ─┬─▶ flows ─▶ rules ─▶ decide ─┬─▶ edit ─┘
 *                                        │                             ├─▶ bridge
 *                                        └─▶ options ────────▶ rewrite ┘
 *
 *   AXI4-Lite ─▶ registers ─▶ tables ─▶ flows, rules, usage
 *
 * Headers never wait. Each frame inside has a word in the queue of words, so that the queue of edits, as
 * deep, has room for what is decided about it. A long frame leaves while it still comes in.
 *
 *   clock  0  3       8      10      11           16         21     22
 *          header     flow           decided                 edit
 *             key             record              ports             queued
 *
 *   ┌───────┬──────────┬─────────────────────────────────────────────────────────────┐
 *   │ TDATA │          │ octet i of a word is [8i +: 8]                              │
 *   │ TUSER │ [15:0]   │ octets of the frame, without check sequence; stays          │
 *   │       │ [23:16]  │ source port, one-hot: even bits wires, odd bits DMA; stays  │
 *   │       │ [31:24]  │ destination ports                                           │
 *   └───────┴──────────┴─────────────────────────────────────────────────────────────┘
 *
 * `tick` is one clock long, once a second. `idle`: no frame is inside, and no command.
 */
`default_nettype none
`include "prism_registers.vh"

module prism_core #(
    parameter DATA_WIDTH = 256,
    parameter TUSER_WIDTH = 128,
    parameter RULES_LOG2 = 14,
    parameter FLOWS_LOG2 = 17,
    parameter STATIONS_LOG2 = 12
) (
    input  wire                    clk,
    input  wire                    resetn,

    input  wire [DATA_WIDTH-1:0]   s_axis_tdata,
    input  wire [DATA_WIDTH/8-1:0] s_axis_tkeep,
    input  wire [TUSER_WIDTH-1:0]  s_axis_tuser,
    input  wire                    s_axis_tvalid,
    input  wire                    s_axis_tlast,
    output wire                    s_axis_tready,

    output wire [DATA_WIDTH-1:0]   m_axis_tdata,
    output wire [DATA_WIDTH/8-1:0] m_axis_tkeep,
    output wire [TUSER_WIDTH-1:0]  m_axis_tuser,
    output wire                    m_axis_tvalid,
    output wire                    m_axis_tlast,
    input  wire                    m_axis_tready,

    input  wire                    tick,
    output wire                    idle,

    input  wire [11:0]             s_axi_awaddr,
    input  wire                    s_axi_awvalid,
    output wire                    s_axi_awready,
    input  wire [31:0]             s_axi_wdata,
    input  wire [3:0]              s_axi_wstrb,
    input  wire                    s_axi_wvalid,
    output wire                    s_axi_wready,
    output wire [1:0]              s_axi_bresp,
    output wire                    s_axi_bvalid,
    input  wire                    s_axi_bready,
    input  wire [11:0]             s_axi_araddr,
    input  wire                    s_axi_arvalid,
    output wire                    s_axi_arready,
    output wire [31:0]             s_axi_rdata,
    output wire [1:0]              s_axi_rresp,
    output wire                    s_axi_rvalid,
    input  wire                    s_axi_rready
);

localparam HEADER_OCTETS = 128;
localparam PLAIN_EDIT_OCTETS = 94;                 /* a frame without tags */
localparam EDIT_OCTETS = PLAIN_EDIT_OCTETS + 12;   /* and with three */
localparam QUEUE_LOG2 = 6;
localparam WORD_WIDTH = DATA_WIDTH + DATA_WIDTH / 8 + TUSER_WIDTH + 1;
/* The most rows of a memory: of a way, of usage, or of stations. */
localparam TABLES_LOG2 = FLOWS_LOG2 - 2 > RULES_LOG2 + 1 ? FLOWS_LOG2 - 2 : RULES_LOG2 + 1;
localparam EMPTY_LOG2 = TABLES_LOG2 > STATIONS_LOG2 ? TABLES_LOG2 : STATIONS_LOG2;

/* ---- settings ---- */

wire [7:0]  bridged_ports, punt_ports;
wire [15:0] frame_max, station_age;
wire [31:0] seconds;

/* ---- from the stream ---- */

wire [DATA_WIDTH-1:0]      in_data, out_data;
wire [DATA_WIDTH/8-1:0]    in_keep, out_keep;
wire [TUSER_WIDTH-1:0]     in_user, out_user;
wire                       in_last, out_last;
wire                       in_valid, in_ready, out_valid, out_ready;
wire                       may_begin, frame_begins;
wire                       header_valid;
wire [HEADER_OCTETS*8-1:0] header;
wire [15:0]                header_length;
wire [7:0]                 header_source;
wire                       header_is_damaged;
wire                       error_cut, error_overrun, error_keep;

prism_ingress #(
    .DATA_WIDTH(DATA_WIDTH), .TUSER_WIDTH(TUSER_WIDTH), .HEADER_OCTETS(HEADER_OCTETS)
) ingress (
    .clk(clk), .resetn(resetn),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tuser(s_axis_tuser),
    .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast), .s_axis_tready(s_axis_tready),
    .may_begin(may_begin), .frame_begins(frame_begins),
    .word_data(in_data), .word_keep(in_keep), .word_user(in_user), .word_last(in_last),
    .word_valid(in_valid), .word_ready(in_ready),
    .header_valid(header_valid), .header(header), .header_length(header_length),
    .header_source(header_source), .header_is_damaged(header_is_damaged),
    .error_cut(error_cut), .error_overrun(error_overrun), .error_keep(error_keep)
);

prism_fifo #(.WIDTH(WORD_WIDTH), .DEPTH_LOG2(QUEUE_LOG2)) words (
    .clk(clk), .resetn(resetn),
    .in_word({in_last, in_user, in_keep, in_data}), .in_valid(in_valid), .in_ready(in_ready),
    .out_word({out_last, out_user, out_keep, out_data}),
    .out_valid(out_valid), .out_ready(out_ready)
);

/* ---- 0 to 3: parse ---- */

wire [479:0] tcp_2;
wire [3:0]   tcp_words_2;
wire         valid_3, has_key_3, is_plain_segment_3, is_quoted_3, is_runt_3, is_oversize_3;
wire [96:0]  key_3;
wire [1:0]   tags_3;
wire [47:0]  dst_mac_3, src_mac_3;
wire [31:0]  src_address_3, dst_address_3;
wire [15:0]  ip_checksum_3;

prism_parse #(.HEADER_OCTETS(HEADER_OCTETS)) parse (
    .clk(clk), .resetn(resetn), .frame_max(frame_max),
    .header_valid(header_valid), .header(header), .header_length(header_length),
    .tcp(tcp_2), .tcp_words(tcp_words_2),
    .valid(valid_3), .has_key(has_key_3), .key(key_3),
    .is_plain_segment(is_plain_segment_3), .is_quoted(is_quoted_3), .tags(tags_3),
    .dst_mac(dst_mac_3), .src_mac(src_mac_3),
    .src_address(src_address_3), .dst_address(dst_address_3), .ip_checksum(ip_checksum_3),
    .error_runt(is_runt_3), .error_oversize(is_oversize_3)
);

/* ---- 3 to 10: the flow, and its rule ---- */

wire         write_flows, write_rules, write_usage, read_flows, read_rules, read_usage;
wire [27:0]  table_row;
wire [319:0] table_word;
wire         empties_stations, empties_tables;
wire [EMPTY_LOG2-1:0] emptied_row;

wire                  looks_up_3 = valid_3 && has_key_3;
wire                  is_found_8;
wire [1:0]            action_8;
wire [RULES_LOG2-1:0] rule_8;
wire                  flows_read_valid;
wire [127:0]          flows_read_word;

prism_flows #(.FLOWS_LOG2(FLOWS_LOG2), .RULES_LOG2(RULES_LOG2)) flows (
    .clk(clk), .resetn(resetn),
    .key_valid(looks_up_3), .key(key_3),
    .is_found(is_found_8), .action(action_8), .rule(rule_8),
    .write_enable(write_flows), .write_row(table_row[FLOWS_LOG2-1:0]),
    .write_word(table_word[127:0]),
    .read_request(read_flows), .read_row(table_row[FLOWS_LOG2-1:0]),
    .read_valid(flows_read_valid), .read_word(flows_read_word),
    .is_emptied(empties_tables), .emptied_index(emptied_row[FLOWS_LOG2-3:0])
);

wire [319:0] record_10;
wire         rules_read_valid;

prism_rules #(.RULES_LOG2(RULES_LOG2)) rules (
    .clk(clk), .resetn(resetn),
    .rule_valid(is_found_8), .rule(rule_8), .record(record_10),
    .write_enable(write_rules), .write_row(table_row[RULES_LOG2-1:0]), .write_word(table_word),
    .read_request(read_rules), .read_row(table_row[RULES_LOG2-1:0]),
    .read_valid(rules_read_valid),
    .is_emptied(empties_tables), .emptied_row(emptied_row[RULES_LOG2-1:0])
);

/* ---- 11: decided ---- */

wire        valid_10, has_key_10, is_plain_segment_10, is_quoted_10, is_runt_10, is_oversize_10;
wire [47:0] dst_mac_10, src_mac_10;
prism_delay #(.WIDTH(102), .CYCLES(7)) parsed (
    .clk(clk),
    .in({resetn && valid_3, has_key_3, is_plain_segment_3, is_quoted_3, is_runt_3, is_oversize_3,
         dst_mac_3, src_mac_3}),
    .out({valid_10, has_key_10, is_plain_segment_10, is_quoted_10, is_runt_10, is_oversize_10,
          dst_mac_10, src_mac_10})
);

wire [7:0]  source_10;
wire        is_damaged_10;
wire [15:0] length_10;
prism_delay #(.WIDTH(25), .CYCLES(10)) received (
    .clk(clk),
    .in({header_source, header_is_damaged, header_length}),
    .out({source_10, is_damaged_10, length_10})
);

wire       is_found_10;
wire [1:0] action_10;
prism_delay #(.WIDTH(3), .CYCLES(2)) found (
    .clk(clk), .in({is_found_8, action_8}), .out({is_found_10, action_10})
);

wire        valid_11, is_dropped_11, is_punted_11, is_translated_11, from_owner_11;
wire        meets_rule_11, misses_11, is_learned_11;
wire [47:0] sent_mac_11;
wire [31:0] address_11, seq_11, ack_11, value_11, echo_11;
wire [15:0] port_11;
wire [4:0]  window_11;
wire        drop_not_owner, drop_locked, drop_malformed, error_source;

prism_decide decide (
    .clk(clk), .resetn(resetn),
    .bridged_ports(bridged_ports), .punt_ports(punt_ports),
    .valid(valid_10), .source(source_10), .is_damaged(is_damaged_10), .is_runt(is_runt_10),
    .is_oversize(is_oversize_10), .has_key(has_key_10), .is_plain_segment(is_plain_segment_10),
    .is_quoted(is_quoted_10), .dst_mac(dst_mac_10), .src_mac(src_mac_10),
    .is_found(is_found_10), .action(action_10), .record(record_10),
    .decided_valid(valid_11), .is_dropped(is_dropped_11), .is_punted(is_punted_11),
    .is_translated(is_translated_11), .from_owner(from_owner_11), .meets_rule(meets_rule_11),
    .misses(misses_11), .is_learned(is_learned_11), .sent_mac(sent_mac_11),
    .address(address_11), .port(port_11), .seq(seq_11), .ack(ack_11),
    .value(value_11), .echo(echo_11), .window(window_11),
    .drop_not_owner(drop_not_owner), .drop_locked(drop_locked),
    .drop_malformed(drop_malformed), .error_source(error_source)
);

wire [RULES_LOG2-1:0] rule_11;
prism_delay #(.WIDTH(RULES_LOG2), .CYCLES(3)) chosen (.clk(clk), .in(rule_8), .out(rule_11));

wire [47:0] src_mac_11;
wire [7:0]  source_11;
wire [15:0] length_11;
prism_delay #(.WIDTH(72), .CYCLES(1)) decided (
    .clk(clk), .in({src_mac_10, source_10, length_10}), .out({src_mac_11, source_11, length_11})
);

wire        usage_written, usage_read_valid;
wire [95:0] usage_read_word;

prism_usage #(.RULES_LOG2(RULES_LOG2)) usage (
    .clk(clk), .resetn(resetn),
    .use_valid(meets_rule_11), .is_counted(is_translated_11), .use_row({rule_11, from_owner_11}),
    .use_octets(length_11), .use_second(seconds[15:0]),
    .write_request(write_usage), .write_row(table_row[RULES_LOG2:0]),
    .write_word(table_word[95:0]), .write_done(usage_written),
    .read_request(read_usage), .read_row(table_row[RULES_LOG2:0]),
    .read_valid(usage_read_valid), .read_word(usage_read_word),
    .is_emptied(empties_tables), .emptied_row(emptied_row[RULES_LOG2:0])
);

/* ---- 11 to 16: where it leaves ---- */

wire [7:0] ports_16;
prism_bridge #(.STATIONS_LOG2(STATIONS_LOG2)) bridge (
    .clk(clk), .resetn(resetn), .bridged_ports(bridged_ports),
    .second(seconds), .age_max(station_age),
    .frame_valid(valid_11), .is_learned(is_learned_11), .src_mac(src_mac_11),
    .dst_mac(sent_mac_11), .source(source_11), .may_return(is_translated_11),
    .ports(ports_16),
    .is_emptied(empties_stations), .emptied_row(emptied_row[STATIONS_LOG2-1:0])
);

/* ---- 2 to 21: what changes ---- */

wire [159:0] marks_13;
wire [3:0]   option_words = tcp_words_2 < 4'd5 ? 4'd0 : tcp_words_2 - 4'd5;
prism_options option_walk (
    .clk(clk),
    .options(tcp_2[479:160]), .octets({option_words, 2'd0}), .has_ack(tcp_2[8*13+4]),
    .marks(marks_13)
);

wire [479:0] tcp_13;
prism_delay #(.WIDTH(480), .CYCLES(11)) segments (.clk(clk), .in(tcp_2), .out(tcp_13));

wire [31:0] src_address_13, dst_address_13;
wire [15:0] ip_checksum_13;
wire [47:0] dst_mac_13;
prism_delay #(.WIDTH(128), .CYCLES(10)) packets (
    .clk(clk),
    .in({src_address_3, dst_address_3, ip_checksum_3, dst_mac_3}),
    .out({src_address_13, dst_address_13, ip_checksum_13, dst_mac_13})
);

wire        is_translated_13, from_owner_13;
wire [47:0] sent_mac_13;
wire [31:0] address_13, seq_13, ack_13, value_13, echo_13;
wire [15:0] port_13;
wire [4:0]  window_13;
prism_delay #(.WIDTH(231), .CYCLES(2)) plans (
    .clk(clk),
    .in({is_translated_11, from_owner_11, sent_mac_11, address_11, port_11,
         seq_11, ack_11, value_11, echo_11, window_11}),
    .out({is_translated_13, from_owner_13, sent_mac_13, address_13, port_13,
          seq_13, ack_13, value_13, echo_13, window_13})
);

wire [PLAIN_EDIT_OCTETS*8-1:0] edit_21;
prism_rewrite #(.EDIT_OCTETS(PLAIN_EDIT_OCTETS)) rewrite (
    .clk(clk),
    .tcp(tcp_13), .marks(marks_13), .src_address(src_address_13), .dst_address(dst_address_13),
    .ip_checksum(ip_checksum_13), .dst_mac(dst_mac_13),
    .is_translated(is_translated_13), .from_owner(from_owner_13), .sent_mac(sent_mac_13),
    .address(address_13), .port(port_13), .seq(seq_13), .ack(ack_13), .value(value_13),
    .echo(echo_13), .window(window_13),
    .edit(edit_21)
);

/* ---- 22: behind the tags, and into the queue ---- */

wire       valid_21, is_dropped_21, is_punted_21;
wire [1:0] tags_21;
wire [7:0] ports_21;
prism_delay #(.WIDTH(3), .CYCLES(10)) fates (
    .clk(clk),
    .in({resetn && valid_11, is_dropped_11, is_punted_11}),
    .out({valid_21, is_dropped_21, is_punted_21})
);
prism_delay #(.WIDTH(2), .CYCLES(18)) tag_counts (.clk(clk), .in(tags_3), .out(tags_21));
prism_delay #(.WIDTH(8), .CYCLES(5)) bridged (.clk(clk), .in(ports_16), .out(ports_21));

reg                     valid_22 = 0;
reg [7:0]               ports_22;
reg [EDIT_OCTETS*8-1:0] edit_22;
reg                     is_dropped_22, is_punted_22;

localparam MACS_WIDTH = 8 * 12;
wire [EDIT_OCTETS*8-MACS_WIDTH-1:0] behind_macs =
    {96'd0, edit_21[PLAIN_EDIT_OCTETS*8-1:MACS_WIDTH]} << {tags_21, 5'd0};

always @(posedge clk) begin
    valid_22 <= resetn && valid_21;
    ports_22 <= is_dropped_21 ? 8'd0 : is_punted_21 ? punt_ports : ports_21;
    edit_22 <= {behind_macs, edit_21[MACS_WIDTH-1:0]};
    is_dropped_22 <= is_dropped_21;
    is_punted_22 <= is_punted_21;
end

wire [EDIT_OCTETS*8-1:0] out_edit;
wire [7:0]               out_ports;
wire                     edit_valid, edit_ready;
wire                     has_edit_room;   /* always: see above */
prism_fifo #(.WIDTH(EDIT_OCTETS * 8 + 8), .DEPTH_LOG2(QUEUE_LOG2)) edits (
    .clk(clk), .resetn(resetn),
    .in_word({edit_22, ports_22}), .in_valid(valid_22), .in_ready(has_edit_room),
    .out_word({out_edit, out_ports}), .out_valid(edit_valid), .out_ready(edit_ready)
);

/* ---- to the stream ---- */

wire frame_sent;
prism_egress #(
    .DATA_WIDTH(DATA_WIDTH), .TUSER_WIDTH(TUSER_WIDTH), .EDIT_OCTETS(EDIT_OCTETS)
) egress (
    .clk(clk), .resetn(resetn),
    .word_data(out_data), .word_keep(out_keep), .word_user(out_user), .word_last(out_last),
    .word_valid(out_valid), .word_ready(out_ready),
    .edit(out_edit), .ports(out_ports), .edit_valid(edit_valid), .edit_ready(edit_ready),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tuser(m_axis_tuser),
    .m_axis_tvalid(m_axis_tvalid), .m_axis_tlast(m_axis_tlast), .m_axis_tready(m_axis_tready),
    .frame_sent(frame_sent)
);

/* Frames that have begun and whose last word has not been taken from the queue. */
reg [QUEUE_LOG2:0] inside_reg = 0, inside_next;
wire frame_ends = edit_valid && edit_ready;

always @* begin
    inside_next = inside_reg + {{QUEUE_LOG2{1'b0}}, frame_begins} - {{QUEUE_LOG2{1'b0}}, frame_ends};
end

always @(posedge clk) inside_reg <= resetn ? inside_next : {QUEUE_LOG2+1{1'b0}};

/* ---- software ---- */

wire        reg_write_enable, reg_read_enable;
wire [11:0] reg_write_address, reg_read_address;
wire [31:0] reg_write_value, reg_read_value;

prism_axi_lite axi_lite (
    .clk(clk), .resetn(resetn),
    .s_axi_awaddr(s_axi_awaddr), .s_axi_awvalid(s_axi_awvalid), .s_axi_awready(s_axi_awready),
    .s_axi_wdata(s_axi_wdata), .s_axi_wstrb(s_axi_wstrb), .s_axi_wvalid(s_axi_wvalid),
    .s_axi_wready(s_axi_wready), .s_axi_bresp(s_axi_bresp), .s_axi_bvalid(s_axi_bvalid),
    .s_axi_bready(s_axi_bready), .s_axi_araddr(s_axi_araddr), .s_axi_arvalid(s_axi_arvalid),
    .s_axi_arready(s_axi_arready), .s_axi_rdata(s_axi_rdata), .s_axi_rresp(s_axi_rresp),
    .s_axi_rvalid(s_axi_rvalid), .s_axi_rready(s_axi_rready),
    .write_enable(reg_write_enable), .write_address(reg_write_address),
    .write_value(reg_write_value), .read_enable(reg_read_enable),
    .read_address(reg_read_address), .read_value(reg_read_value)
);

wire        empty_stations, empty_tables, command_valid, is_busy, is_refused;
wire [1:0]  command;
wire [31:0] table_address, table_epoch, fence;
wire        error_epoch, error_address, error_busy;
wire        read_valid = flows_read_valid || rules_read_valid || usage_read_valid;
wire [319:0] read_word =
    flows_read_valid ? {192'd0, flows_read_word} :
    rules_read_valid ? record_10 : {224'd0, usage_read_word};
wire        left_without_port = valid_22 && ports_22 == 8'd0;

prism_registers #(
    .RULES_LOG2(RULES_LOG2), .FLOWS_LOG2(FLOWS_LOG2), .STATIONS_LOG2(STATIONS_LOG2)
) registers (
    .clk(clk), .resetn(resetn), .tick(tick),
    .write_enable(reg_write_enable), .write_address(reg_write_address),
    .write_value(reg_write_value), .read_enable(reg_read_enable),
    .read_address(reg_read_address), .read_value(reg_read_value),
    .bridged_ports(bridged_ports), .punt_ports(punt_ports), .frame_max(frame_max),
    .station_age(station_age), .seconds(seconds),
    .empty_stations(empty_stations), .empty_tables(empty_tables),
    .command_valid(command_valid), .command(command), .table_address(table_address),
    .table_epoch(table_epoch), .table_word(table_word), .is_busy(is_busy),
    .is_refused(is_refused), .fence(fence), .loads_word(read_valid), .loaded_word(read_word),
    .counts({drop_malformed, left_without_port && !is_dropped_22, drop_locked, drop_not_owner,
             left_without_port, valid_22 && is_punted_22, misses_11, meets_rule_11,
             frame_sent, frame_begins}),
    .errors({error_busy, error_address, error_epoch, error_source, error_keep, error_overrun,
             error_cut, valid_3 && is_oversize_3, valid_3 && is_runt_3})
);

prism_tables #(
    .RULES_LOG2(RULES_LOG2), .FLOWS_LOG2(FLOWS_LOG2), .STATIONS_LOG2(STATIONS_LOG2),
    .EMPTY_LOG2(EMPTY_LOG2)
) tables (
    .clk(clk), .resetn(resetn),
    .command_valid(command_valid), .command(command), .address(table_address),
    .epoch(table_epoch), .empty_stations(empty_stations), .empty_tables(empty_tables),
    .write_flows(write_flows), .write_rules(write_rules), .write_usage(write_usage),
    .read_flows(read_flows), .read_rules(read_rules), .read_usage(read_usage), .row(table_row),
    .usage_written(usage_written),
    .read_taken((read_flows && !looks_up_3) || (read_rules && !is_found_8) ||
                (read_usage && !meets_rule_11)),
    .read_valid(read_valid),
    .empties_stations(empties_stations), .empties_tables(empties_tables),
    .emptied_row(emptied_row), .is_busy(is_busy), .is_refused(is_refused), .fence(fence),
    .error_epoch(error_epoch), .error_address(error_address), .error_busy(error_busy)
);

/* While software waits for a row no frame begins, so that it never waits long. */
assign may_begin = !(read_flows || read_rules || read_usage || write_usage);
assign idle = inside_reg == {QUEUE_LOG2+1{1'b0}} && !m_axis_tvalid && !is_busy;

endmodule

`default_nettype wire
