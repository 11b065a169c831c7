/*
 * What becomes of a frame, and what a rule does to it.
 *
 *                towards the owner        towards the client
 *   address      owner                    virtual            destination; source
 *   port         owner                    virtual
 *   MAC          owner's                  stays
 *   seq          + client_seq             − owner_seq
 *   ack, SACK    + owner_seq              − client_seq
 *   TSval        + client_timestamp       − owner_timestamp
 *   TSecr        + owner_timestamp        − client_timestamp
 *   window       client_window            owner_window       a shift to the left, −14 to 14
 *
 *   damaged, runt, oversize, from nowhere ─▶ drop
 *   barred, or not the owner's MAC        ─▶ drop
 *   a rule's, but not to be translated    ─▶ punt, as it came
 *   a locked rule's                       ─▶ drop
 *   a rule's                              ─▶ translate
 *   all else                              ─▶ bridge
 *
 * A flow whose rule's record is not valid leads nowhere.
 */
`default_nettype none
`include "prism_registers.vh"

module prism_decide (
    input  wire         clk,
    input  wire         resetn,
    input  wire [7:0]   bridged_ports,
    input  wire [7:0]   punt_ports,

    input  wire         valid,
    input  wire [7:0]   source,
    input  wire         is_damaged,
    input  wire         is_runt,
    input  wire         is_oversize,
    input  wire         has_key,
    input  wire         is_plain_segment,
    input  wire         is_quoted,
    input  wire [47:0]  dst_mac,
    input  wire [47:0]  src_mac,

    input  wire         is_found,
    input  wire [1:0]   action,
    input  wire [319:0] record,

    output reg          decided_valid,
    output reg          is_dropped,
    output reg          is_punted,
    output reg          is_translated,
    output reg          from_owner,
    output reg          meets_rule,
    output reg          misses,
    output reg          is_learned,
    output reg  [47:0]  sent_mac,

    output reg  [31:0]  address,
    output reg  [15:0]  port,
    output reg  [31:0]  seq,
    output reg  [31:0]  ack,
    output reg  [31:0]  value,
    output reg  [31:0]  echo,
    output reg  [4:0]   window,

    output reg          drop_not_owner,
    output reg          drop_locked,
    output reg          drop_malformed,
    output reg          error_source
);

wire is_one_port = source != 8'd0 && (source & (source - 8'd1)) == 8'd0;
wire from_bridged = |(source & bridged_ports);
wire is_ours = is_one_port && |(source & (bridged_ports | punt_ports));
wire is_malformed = is_damaged || is_runt || is_oversize || !is_ours;

wire is_barred = is_found && action == `PRISM_ACTION_DROP;
wire is_hosts = is_found && action == `PRISM_ACTION_PUNT;
wire is_owners = action == `PRISM_ACTION_OWNER_OF;
wire is_ruled = is_found && !is_barred && !is_hosts && record[`PRISM_RULES_VALID];

/* In direct server return only the MAC address tells the owner from the controller. */
wire [47:0] owner_mac = {record[`PRISM_RULES_OWNER_MAC_HIGH], record[`PRISM_RULES_OWNER_MAC_LOW]};
wire is_forged =
    is_ruled && is_owners && record[`PRISM_RULES_DIRECT] && !is_quoted && src_mac != owner_mac;

wire is_not_owner = is_barred || is_forged;
wire is_for_controller = is_hosts || (is_ruled && !is_plain_segment);
wire is_blocked = is_ruled && record[`PRISM_RULES_LOCKED];

/* Of four fates the first that holds. */
wire not_owner_next = !is_malformed && is_not_owner;
wire punted_next = !is_malformed && !is_not_owner && is_for_controller;
wire locked_next = !is_malformed && !is_not_owner && !is_for_controller && is_blocked;
wire translated_next =
    !is_malformed && !is_not_owner && !is_for_controller && !is_blocked && is_ruled;

always @(posedge clk) begin
    decided_valid <= resetn && valid;
    is_dropped <= is_malformed || not_owner_next || locked_next;
    is_punted <= punted_next;
    is_translated <= translated_next;
    from_owner <= is_owners;
    meets_rule <= valid && !is_malformed && is_ruled && !is_forged;
    misses <= valid && !is_malformed && has_key && !is_found;
    is_learned <= valid && !is_damaged && !is_runt && !is_oversize && is_one_port && from_bridged;
    sent_mac <= translated_next && !is_owners ? owner_mac : dst_mac;

    address <= is_owners ? record[`PRISM_RULES_VIRTUAL_ADDRESS] : record[`PRISM_RULES_OWNER_ADDRESS];
    port <= is_owners ? record[`PRISM_RULES_VIRTUAL_PORT] : record[`PRISM_RULES_OWNER_PORT];
    seq <= is_owners ? -record[`PRISM_RULES_OWNER_SEQ] : record[`PRISM_RULES_CLIENT_SEQ];
    ack <= is_owners ? -record[`PRISM_RULES_CLIENT_SEQ] : record[`PRISM_RULES_OWNER_SEQ];
    value <= is_owners ? -record[`PRISM_RULES_OWNER_TIMESTAMP] : record[`PRISM_RULES_CLIENT_TIMESTAMP];
    echo <= is_owners ? -record[`PRISM_RULES_CLIENT_TIMESTAMP] : record[`PRISM_RULES_OWNER_TIMESTAMP];
    window <= is_owners ? record[`PRISM_RULES_OWNER_WINDOW] : record[`PRISM_RULES_CLIENT_WINDOW];

    drop_not_owner <= valid && not_owner_next;
    drop_locked <= valid && locked_next;
    drop_malformed <= valid && is_malformed;
    error_source <= valid && !is_ours;
end

endmodule

`default_nettype wire
