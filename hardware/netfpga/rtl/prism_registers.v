/*
 * What software reads and writes: settings, counters, errors, and the window to the tables.
 *
 *   offsets, fields and initial values  registers.yaml
 *   count_*   for one clock for each event; the counter of it is cleared by reading it
 *   errors    for one clock; a bit stays until it is read
 */
`default_nettype none
`include "prism_registers.vh"

module prism_registers #(
    parameter RULES_LOG2 = 14,
    parameter FLOWS_LOG2 = 17,
    parameter STATIONS_LOG2 = 12
) (
    input  wire         clk,
    input  wire         resetn,
    input  wire         tick,

    input  wire         write_enable,
    input  wire [11:0]  write_address,
    input  wire [31:0]  write_value,
    input  wire         read_enable,
    input  wire [11:0]  read_address,
    output reg  [31:0]  read_value,

    output reg  [7:0]   bridged_ports,
    output reg  [7:0]   punt_ports,
    output reg  [15:0]  frame_max,
    output reg  [15:0]  station_age,
    output reg  [31:0]  seconds,

    output wire         empty_stations,
    output wire         empty_tables,
    output wire         command_valid,
    output wire [1:0]   command,
    output reg  [31:0]  table_address,
    output reg  [31:0]  table_epoch,
    output wire [319:0] table_word,
    input  wire         is_busy,
    input  wire         is_refused,
    input  wire [31:0]  fence,
    input  wire         loads_word,
    input  wire [319:0] loaded_word,

    /* One bit for each counter, in the order of their offsets. */
    input  wire [9:0]   counts,
    input  wire [8:0]   errors
);

localparam WORDS = `PRISM_REG_TABLE_DATA_COUNT;
localparam COUNTERS = 10;

reg [31:0] flip_reg = 0, debug_reg = 0;
reg [8:0]  errors_reg = 0;
reg [32*COUNTERS-1:0] counters_reg = 0, counters_next;
reg [32*WORDS-1:0] words_reg = 0, words_next;

wire is_reset = write_enable && write_address == `PRISM_REG_RESET;
wire clears = is_reset && write_value[`PRISM_RESET_COUNTERS];
assign empty_stations = clears;
assign empty_tables = is_reset && write_value[`PRISM_RESET_TABLES];
assign command_valid = write_enable && write_address == `PRISM_REG_TABLE_COMMAND;
assign command = write_value[1:0];
assign table_word = words_reg[319:0];

/* Counters and table words each stand in a row of registers. */
function [3:0] place_of;
    input [11:0] address;
    input [11:0] first;
    reg [11:0] offset;
    begin
        offset = address - first;
        place_of = offset[5:2];
    end
endfunction
localparam [31:0] INITIAL_BRIDGED = `PRISM_INITIAL_BRIDGED;
localparam [31:0] INITIAL_PUNT_PORTS = `PRISM_INITIAL_PUNT_PORTS;
localparam [31:0] INITIAL_FRAME_MAX = `PRISM_INITIAL_FRAME_MAX;
localparam [31:0] INITIAL_STATION_AGE = `PRISM_INITIAL_STATION_AGE;
wire reads_counter =
    read_enable && read_address >= `PRISM_REG_PKTIN && read_address <= `PRISM_REG_MALFORMED;
wire is_word_read = read_address >= `PRISM_REG_TABLE_DATA;
wire [3:0] read_word_place = place_of(read_address, `PRISM_REG_TABLE_DATA);
wire [3:0] read_counter_place = place_of(read_address, `PRISM_REG_PKTIN);
wire [3:0] write_word_place = place_of(write_address, `PRISM_REG_TABLE_DATA);
wire writes_word =
    write_enable && write_address >= `PRISM_REG_TABLE_DATA &&
    write_address < `PRISM_REG_TABLE_DATA + 4 * WORDS;

integer counter;

always @* begin
    counters_next = counters_reg;
    for (counter = 0; counter < COUNTERS; counter = counter + 1) begin
        if (clears || (reads_counter && read_counter_place == counter[3:0])) begin
            counters_next[32*counter +: 32] = 32'd0;
        end
        counters_next[32*counter +: 32] =
            counters_next[32*counter +: 32] + {31'd0, counts[counter]};
    end

    words_next = words_reg;
    if (loads_word) words_next = {{32*WORDS-320{1'b0}}, loaded_word};
    if (writes_word) words_next[32*write_word_place +: 32] = write_value;
end

always @* begin
    case (read_address)
        `PRISM_REG_ID: read_value = `PRISM_INITIAL_ID;
        `PRISM_REG_VERSION: read_value = `PRISM_INITIAL_VERSION;
        `PRISM_REG_FLIP: read_value = ~flip_reg;
        `PRISM_REG_DEBUG: read_value = debug_reg;
        `PRISM_REG_ERROR: read_value = {23'd0, errors_reg};
        `PRISM_REG_BRIDGED: read_value = {24'd0, bridged_ports};
        `PRISM_REG_PUNT_PORTS: read_value = {24'd0, punt_ports};
        `PRISM_REG_FRAME_MAX: read_value = {16'd0, frame_max};
        `PRISM_REG_STATION_AGE: read_value = {16'd0, station_age};
        `PRISM_REG_SECONDS: read_value = {16'd0, seconds[15:0]};
        `PRISM_REG_SIZES:
            read_value = {8'd0, STATIONS_LOG2[7:0], FLOWS_LOG2[7:0], RULES_LOG2[7:0]};
        `PRISM_REG_TABLE_ADDRESS: read_value = table_address;
        `PRISM_REG_TABLE_COMMAND: read_value = {30'd0, is_refused, is_busy};
        `PRISM_REG_TABLE_EPOCH: read_value = table_epoch;
        `PRISM_REG_FENCE: read_value = fence;
        default: begin
            read_value = 32'd0;
            if (reads_counter) read_value = counters_reg[32*read_counter_place +: 32];
            else if (is_word_read) read_value = words_reg[32*read_word_place +: 32];
        end
    endcase
end

always @(posedge clk) begin
    counters_reg <= resetn ? counters_next : {32*COUNTERS{1'b0}};
    words_reg <= words_next;
    if (clears || (read_enable && read_address == `PRISM_REG_ERROR)) errors_reg <= errors;
    else errors_reg <= errors_reg | errors;
    seconds <= clears ? 32'd0 : seconds + {31'd0, tick};

    if (write_enable) begin
        case (write_address)
            `PRISM_REG_FLIP: flip_reg <= write_value;
            `PRISM_REG_DEBUG: debug_reg <= write_value;
            `PRISM_REG_BRIDGED: bridged_ports <= write_value[7:0];
            `PRISM_REG_PUNT_PORTS: punt_ports <= write_value[7:0];
            `PRISM_REG_FRAME_MAX: frame_max <= write_value[15:0];
            `PRISM_REG_STATION_AGE: station_age <= write_value[15:0];
            `PRISM_REG_TABLE_ADDRESS: table_address <= write_value;
            `PRISM_REG_TABLE_EPOCH: table_epoch <= write_value;
            default: ;
        endcase
    end

    if (!resetn) begin
        flip_reg <= 32'd0;
        debug_reg <= 32'd0;
        errors_reg <= 9'd0;
        seconds <= 32'd0;
        bridged_ports <= INITIAL_BRIDGED[7:0];
        punt_ports <= INITIAL_PUNT_PORTS[7:0];
        frame_max <= INITIAL_FRAME_MAX[15:0];
        station_age <= INITIAL_STATION_AGE[15:0];
        table_address <= 32'd0;
        table_epoch <= 32'd0;
    end
end

endmodule

`default_nettype wire
