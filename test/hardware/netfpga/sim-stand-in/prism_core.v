/*
 * No Prism: a register slice with the ports of the core, and with defects to choose from.
 *
 * Frames leave for the ports in DEBUG[15:8] as they came. DEBUG[3:0] is the defect:
 *
 *   1 TVALID is taken back       2 TDATA changes while it waits   3 TKEEP has a hole
 *   4 TKEEP ends before TLAST    5 no octet in the last word      6 the last TLAST of all is lost
 *   7 TREADY never comes         8 idle while a word waits        9 TUSER loses a bit
 *   10 a word is lost            11 registers are not read        12 registers are read with an error
 *   13 an answer that nobody asked for                            14 TVALID in a reset
 *
 *   00 ID   0C FLIP   10 DEBUG   14 words in   50 SECONDS
 */
`default_nettype none

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

localparam KEEP_WIDTH = DATA_WIDTH / 8;

reg [31:0] debug_reg = 0;
reg [31:0] flip_reg;
reg [31:0] words_reg;
reg [15:0] seconds_reg;
/* Without a value: what a simulation gives it. */
reg [31:0] undefined_reg;

wire [3:0] defect = debug_reg[3:0];

/* The stream. */

reg [DATA_WIDTH-1:0] tdata_reg;
reg [KEEP_WIDTH-1:0] tkeep_reg;
reg [TUSER_WIDTH-1:0] tuser_reg;
reg tlast_reg;
reg valid_reg;
reg first_reg;
reg waited_reg;

wire is_taken = m_axis_tvalid && m_axis_tready;
wire is_entering = s_axis_tvalid && s_axis_tready;
wire [KEEP_WIDTH-1:0] hole = defect == 3 ? 2 : 0;
wire [KEEP_WIDTH-1:0] end_early = defect == 4 && !tlast_reg ? 1 << (KEEP_WIDTH - 1) : 0;

assign s_axis_tready = (!valid_reg || is_taken) && defect != 7;
assign m_axis_tvalid = valid_reg && !(defect == 1 && waited_reg);
assign m_axis_tdata = tdata_reg ^ {{DATA_WIDTH-1{1'b0}}, defect == 2 && waited_reg};
assign m_axis_tkeep = defect == 5 && tlast_reg ? 0 : tkeep_reg & ~hole & ~end_early;
assign m_axis_tuser = tuser_reg ^ {defect == 9, {TUSER_WIDTH-1{1'b0}}};
assign m_axis_tlast = tlast_reg && defect != 6;
assign idle = !valid_reg || defect == 8;

always @(posedge clk) begin
    waited_reg <= m_axis_tvalid && !m_axis_tready;
    if (is_taken) valid_reg <= 0;
    if (is_entering) begin
        tdata_reg <= s_axis_tdata;
        tkeep_reg <= s_axis_tkeep;
        tuser_reg <= s_axis_tuser;
        if (first_reg) tuser_reg[31:24] <= debug_reg[15:8];
        tlast_reg <= s_axis_tlast;
        first_reg <= s_axis_tlast;
        valid_reg <= !(defect == 10 && !first_reg && !s_axis_tlast);
        words_reg <= words_reg + 1;
    end
    if (!resetn) begin
        valid_reg <= defect == 14;
        first_reg <= 1;
        waited_reg <= 0;
        words_reg <= 0;
    end
end

/* The registers. */

reg written_reg;
reg read_reg;
reg [31:0] rdata_reg;

wire is_written = s_axi_awvalid && s_axi_wvalid && !written_reg;
wire is_read = s_axi_arvalid && !read_reg && defect != 11;

assign s_axi_awready = is_written;
assign s_axi_wready = is_written;
assign s_axi_bvalid = written_reg;
assign s_axi_bresp = 0;
assign s_axi_arready = is_read;
assign s_axi_rvalid = read_reg || (defect == 13 && words_reg == 1);
assign s_axi_rdata = rdata_reg;
assign s_axi_rresp = defect == 12 ? 2 : 0;

always @(posedge clk) begin
    if (tick) seconds_reg <= seconds_reg + 1;
    if (s_axi_bready) written_reg <= 0;
    if (s_axi_rready) read_reg <= 0;
    if (is_written) begin
        written_reg <= 1;
        if (s_axi_awaddr == 12'h00C) flip_reg <= s_axi_wdata;
        if (s_axi_awaddr == 12'h010) debug_reg <= s_axi_wdata;
    end
    if (is_read) begin
        read_reg <= 1;
        case (s_axi_araddr)
            12'h000: rdata_reg <= 32'h5052534D;
            12'h00C: rdata_reg <= ~flip_reg;
            12'h010: rdata_reg <= debug_reg;
            12'h014: rdata_reg <= words_reg;
            12'h050: rdata_reg <= {16'd0, seconds_reg};
            12'h054: rdata_reg <= {16'd0, RULES_LOG2[7:0], FLOWS_LOG2[7:0]};
            12'hFFC: rdata_reg <= undefined_reg;
            default: rdata_reg <= 0;
        endcase
    end
    if (!resetn) begin
        written_reg <= 0;
        read_reg <= 0;
        seconds_reg <= 0;
        // The one defect that a reset does not mend.
        if (defect != 14) debug_reg <= 0;
    end
end

endmodule

`default_nettype wire
