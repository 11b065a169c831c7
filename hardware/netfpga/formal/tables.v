/*
 * Software's commands: what is refused changes nothing, what is written was asked for, the fence
 * never falls, a command ends soon after the tables have answered, and emptying comes by every row.
 *
 *   asked    the last command that was not refused, and what it asked for
 *   row      any one row, of those that are emptied
 */
`include "prism_registers.vh"

module tables (
    input wire clk,
    input wire resetn,
    input wire command_valid,
    input wire [1:0] command,
    input wire [31:0] address,
    input wire [31:0] epoch,
    input wire empty_stations,
    input wire empty_tables,
    input wire usage_written,
    input wire read_taken,
    input wire read_valid,
    output wire is_written,
    output wire is_read,
    output wire is_stale,
    output wire is_all_emptied
);

localparam EMPTY_LOG2 = 3;
localparam STATIONS_LOG2 = 2;

(* anyconst *) wire [EMPTY_LOG2-1:0] row;

reg has_begun = 1'b0;
always @(posedge clk) has_begun <= 1'b1;
always @* assume (resetn == has_begun);

wire write_flows, write_rules, write_usage, read_flows, read_rules, read_usage;
wire [27:0] table_row;
wire empties_stations, empties_tables, is_busy, is_refused, error_epoch, error_address, error_busy;
wire [EMPTY_LOG2-1:0] emptied_row;
wire [31:0] fence;

prism_tables #(
    .RULES_LOG2(2), .FLOWS_LOG2(4), .STATIONS_LOG2(STATIONS_LOG2), .EMPTY_LOG2(EMPTY_LOG2)
) dut (
    .clk(clk), .resetn(resetn), .command_valid(command_valid), .command(command),
    .address(address), .epoch(epoch),
    .empty_stations(empty_stations), .empty_tables(empty_tables),
    .write_flows(write_flows), .write_rules(write_rules), .write_usage(write_usage),
    .read_flows(read_flows), .read_rules(read_rules), .read_usage(read_usage), .row(table_row),
    .usage_written(usage_written), .read_taken(read_taken), .read_valid(read_valid),
    .empties_stations(empties_stations), .empties_tables(empties_tables),
    .emptied_row(emptied_row), .is_busy(is_busy), .is_refused(is_refused), .fence(fence),
    .error_epoch(error_epoch), .error_address(error_address), .error_busy(error_busy)
);

wire writes = write_flows || write_rules || write_usage;
wire reads = read_flows || read_rules || read_usage;
wire is_asked = resetn && command_valid && (command == 2'd1 || command == 2'd2);
wire is_row =
    address[31:28] == 4'd0 ? address[27:0] < 28'd16 :
    address[31:28] == 4'd1 ? address[27:0] < 28'd4 :
    address[31:28] == 4'd2 && address[27:0] < 28'd8;
wire is_old = command == 2'd1 && epoch < fence;
wire is_accepted = is_asked && !is_busy && is_row && !is_old;

/* ---- what is done was asked for, and not before something else was asked for ---- */

reg [1:0] asked_command = 2'd0;
reg [31:0] asked_address;
reg [31:0] highest = 32'd0;
wire is_emptying = resetn && (empty_stations || empty_tables);
always @(posedge clk) begin
    if (is_emptying) asked_command <= 2'd0;
    else if (is_accepted) asked_command <= command;
    if (is_accepted) asked_address <= address;
    if (is_accepted && command == 2'd1 && epoch > highest) highest <= epoch;
end

always @* if (resetn) begin
    assert (writes + reads <= 1);
    if (writes) assert (asked_command == 2'd1);
    if (reads) assert (asked_command == 2'd2);
    if (writes || reads) begin
        assert ({4'd0, table_row} == {4'd0, asked_address[27:0]});
        assert ((write_flows || read_flows) == (asked_address[31:28] == 4'd0));
        assert ((write_rules || read_rules) == (asked_address[31:28] == 4'd1));
        assert ((write_usage || read_usage) == (asked_address[31:28] == 4'd2));
    end
    /* The fence is the highest epoch, and never lower than it was. */
    assert (fence == highest);
    assert (error_busy == (is_asked && is_busy));
    assert (error_address == (is_asked && !is_busy && !is_row));
    assert (error_epoch == (is_asked && !is_busy && is_row && is_old));
    assert (!(empties_tables || empties_stations) || is_busy);
    assert (!(writes || reads) || (is_busy && !empties_tables && !empties_stations));
end

/* One clock after it was asked, nothing comes of what was refused. */
reg was_refused = 1'b0, was_ignored = 1'b0, was_busy = 1'b1;
always @(posedge clk) begin
    was_refused <= is_asked && !is_busy && !is_accepted;
    was_ignored <= resetn && !is_asked && !is_busy && !is_emptying;
    was_busy <= is_busy || is_emptying || !resetn;
end
always @* if (resetn) begin
    if (was_refused && !was_busy) assert (is_refused && !is_busy && !writes && !reads);
    if (was_ignored) assert (!is_busy);
end

/* ---- a command ends: when the tables have answered, or the rows are emptied ---- */

reg [1:0] silent = 2'd0;      /* clocks for which the tables have not answered */
wire is_awaited = write_usage ? !usage_written : reads ? !read_taken : !read_valid;
always @* assume (silent != 2'd3);
always @(posedge clk) silent <= is_busy && is_awaited ? silent + 2'd1 : 2'd0;

reg [4:0] busy = 5'd0;        /* clocks since something began */
always @(posedge clk) begin
    busy <= !resetn || !is_busy || is_emptying || is_accepted ? 5'd0 : busy + 5'd1;
end
always @* assert (busy <= 5'd8);

/* ---- emptying ---- */

reg owes_tables = 1'b0, owes_stations = 1'b0;   /* the row was not emptied since it was asked for */
always @(posedge clk) begin
    if (empties_tables && emptied_row == row) owes_tables <= 1'b0;
    if (empties_stations && emptied_row == row) owes_stations <= 1'b0;
    if (!resetn || empty_tables) owes_tables <= 1'b1;
    if (!resetn || empty_stations) owes_stations <= row[EMPTY_LOG2-1:STATIONS_LOG2] == 0;
end
always @* if (resetn && !is_busy) assert (!owes_tables && !owes_stations);

assign is_written = write_flows && table_row == 28'd15;
assign is_read = read_rules && fence == 32'd7;
assign is_stale = error_epoch && fence == 32'd7;
assign is_all_emptied = resetn && !is_busy && row == 3'd7;

endmodule
