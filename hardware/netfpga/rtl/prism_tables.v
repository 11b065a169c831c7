/*
 * Carries out software's commands on the tables, one at a time, and empties them.
 *
 *   IDLE ──write──▶ refused, or written in one clock (usage: when no packet needs it) ──▶ IDLE
 *        ──read───▶ refused, or READ until no packet is in the way, WAIT for the row ──▶ IDLE
 *        ──reset──▶ EMPTY, a row a clock ──▶ IDLE
 *
 * A write carries an epoch. While it is lower than the highest that was ever written with (the
 * fence), it is refused: it comes from a driver that has been replaced. Nothing half is written.
 *
 *   error_epoch    the epoch is behind the fence
 *   error_address  there is no such table or row
 *   error_busy     the command before is not done, or tables are being emptied
 */
`default_nettype none
`include "prism_registers.vh"

module prism_tables #(
    parameter RULES_LOG2 = 14,
    parameter FLOWS_LOG2 = 17,
    parameter STATIONS_LOG2 = 12,
    parameter EMPTY_LOG2 = 15
) (
    input  wire                  clk,
    input  wire                  resetn,

    input  wire                  command_valid,
    input  wire [1:0]            command,
    input  wire [31:0]           address,
    input  wire [31:0]           epoch,
    input  wire                  empty_stations,
    input  wire                  empty_tables,

    output wire                  write_flows,
    output wire                  write_rules,
    output wire                  write_usage,
    output wire                  read_flows,
    output wire                  read_rules,
    output wire                  read_usage,
    output wire [27:0]           row,
    input  wire                  usage_written,
    input  wire                  read_taken,
    input  wire                  read_valid,

    output wire                  empties_stations,
    output wire                  empties_tables,
    output wire [EMPTY_LOG2-1:0] emptied_row,

    output wire                  is_busy,
    output reg                   is_refused,
    output reg  [31:0]           fence,
    output wire                  error_epoch,
    output wire                  error_address,
    output wire                  error_busy
);

localparam [2:0] IDLE = 3'd0;
localparam [2:0] WRITE = 3'd1;
localparam [2:0] READ = 3'd2;
localparam [2:0] WAIT = 3'd3;
localparam [2:0] EMPTY = 3'd4;

reg [2:0]            state_reg = EMPTY, state_next;
reg [EMPTY_LOG2-1:0] emptied_reg = 0, emptied_next;
reg                  stations_reg = 1, stations_next;
reg                  tables_reg = 1, tables_next;
reg [31:0]           address_reg = 0, address_next;
reg                  refused_next;
reg [31:0]           fence_next;

wire [3:0] table_of = address_reg[31:28];
wire [31:0] asked_row = {4'd0, address[27:0]};
wire is_known =
    (address[31:28] == `PRISM_TABLE_FLOWS && asked_row >> FLOWS_LOG2 == 32'd0) ||
    (address[31:28] == `PRISM_TABLE_RULES && asked_row >> RULES_LOG2 == 32'd0) ||
    (address[31:28] == `PRISM_TABLE_USAGE && asked_row >> (RULES_LOG2 + 1) == 32'd0);
wire is_read = {30'd0, command} == `PRISM_TABLE_COMMAND_READ;
wire is_write = {30'd0, command} == `PRISM_TABLE_COMMAND_WRITE;
wire is_asked = command_valid && (is_read || is_write);

assign is_busy = state_reg != IDLE;
assign error_busy = is_asked && is_busy;
assign error_address = is_asked && !is_busy && !is_known;
assign error_epoch = is_asked && !is_busy && is_known && is_write && epoch < fence;

assign write_flows = state_reg == WRITE && table_of == `PRISM_TABLE_FLOWS;
assign write_rules = state_reg == WRITE && table_of == `PRISM_TABLE_RULES;
assign write_usage = state_reg == WRITE && table_of == `PRISM_TABLE_USAGE;
assign read_flows = state_reg == READ && table_of == `PRISM_TABLE_FLOWS;
assign read_rules = state_reg == READ && table_of == `PRISM_TABLE_RULES;
assign read_usage = state_reg == READ && table_of == `PRISM_TABLE_USAGE;

assign row = address_reg[27:0];
assign emptied_row = emptied_reg;
assign empties_stations = state_reg == EMPTY && stations_reg;
assign empties_tables = state_reg == EMPTY && tables_reg;

wire is_last_row = tables_reg ?
    &emptied_reg : {{32-EMPTY_LOG2{1'b0}}, emptied_reg} == (32'd1 << STATIONS_LOG2) - 32'd1;

always @* begin
    state_next = state_reg;
    emptied_next = emptied_reg;
    stations_next = stations_reg;
    tables_next = tables_reg;
    address_next = address_reg;
    refused_next = is_refused || error_busy;
    fence_next = fence;

    case (state_reg)
        IDLE: begin
            if (is_asked) begin
                address_next = address;
                refused_next = error_address || error_epoch;
                if (!refused_next) begin
                    state_next = is_read ? READ : WRITE;
                    if (is_write) fence_next = epoch;
                end
            end
        end
        WRITE: if (!write_usage || usage_written) state_next = IDLE;
        READ: if (read_taken) state_next = WAIT;
        WAIT: if (read_valid) state_next = IDLE;
        default: begin
            emptied_next = emptied_reg + 1'b1;
            if (is_last_row) begin
                state_next = IDLE;
                stations_next = 1'b0;
                tables_next = 1'b0;
            end
        end
    endcase

    /* Software has asked for a reset: what is under way ends. */
    if (empty_stations || empty_tables) begin
        state_next = EMPTY;
        emptied_next = {EMPTY_LOG2{1'b0}};
        refused_next = 1'b0;
        stations_next = empty_stations || empties_stations;
        tables_next = empty_tables || empties_tables;
    end
end

always @(posedge clk) begin
    if (!resetn) begin
        state_reg <= EMPTY;
        emptied_reg <= {EMPTY_LOG2{1'b0}};
        stations_reg <= 1'b1;
        tables_reg <= 1'b1;
        is_refused <= 1'b0;
        fence <= 32'd0;
    end else begin
        state_reg <= state_next;
        emptied_reg <= emptied_next;
        stations_reg <= stations_next;
        tables_reg <= tables_next;
        is_refused <= refused_next;
        fence <= fence_next;
    end
    address_reg <= address_next;
end

endmodule

`default_nettype wire
