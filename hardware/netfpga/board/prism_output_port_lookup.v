/*
 * The Prism core where NetFPGA's reference pipeline has its output port lookup.
 *
 *   input_arbiter ──▶ s_axis ─▶ prism_core ─▶ m_axis ──▶ output_queues
 *   host ──▶ S_AXI ─▶ prism_clock_crossing ─▶ registers
 *
 *   axis_aclk     everything but the registers' bus; CLOCK_HZ of them are a second
 *   S_AXI_ACLK    the registers' bus. The same clock on both cards, another one in PLUS's simulation
 *   S_AXI_A*ADDR  an offset: the address without the base of the core's 4 KiB
 *
 * Ports and the parameters C_… are called as in upstream's lookups, so that reference_switch takes
 * it without a change to nf_datapath.v. C_BASEADDR is told by SUME's simulation and needed by nobody.
 * Never run on a card.
 */
`default_nettype none

module prism_output_port_lookup #(
    parameter C_M_AXIS_DATA_WIDTH = 256,
    parameter C_S_AXIS_DATA_WIDTH = 256,
    parameter C_M_AXIS_TUSER_WIDTH = 128,
    parameter C_S_AXIS_TUSER_WIDTH = 128,
    /* verilator lint_off UNUSEDPARAM */
    parameter C_BASEADDR = 32'h00000000,
    /* verilator lint_on UNUSEDPARAM */
    parameter CLOCK_HZ = 200000000,
    parameter RULES_LOG2 = 14,
    parameter FLOWS_LOG2 = 17,
    parameter STATIONS_LOG2 = 12
) (
    input  wire                             axis_aclk,
    input  wire                             axis_resetn,

    input  wire [C_S_AXIS_DATA_WIDTH-1:0]   s_axis_tdata,
    input  wire [C_S_AXIS_DATA_WIDTH/8-1:0] s_axis_tkeep,
    input  wire [C_S_AXIS_TUSER_WIDTH-1:0]  s_axis_tuser,
    input  wire                             s_axis_tvalid,
    output wire                             s_axis_tready,
    input  wire                             s_axis_tlast,

    output wire [C_M_AXIS_DATA_WIDTH-1:0]   m_axis_tdata,
    output wire [C_M_AXIS_DATA_WIDTH/8-1:0] m_axis_tkeep,
    output wire [C_M_AXIS_TUSER_WIDTH-1:0]  m_axis_tuser,
    output wire                             m_axis_tvalid,
    input  wire                             m_axis_tready,
    output wire                             m_axis_tlast,

    input  wire                             S_AXI_ACLK,
    input  wire                             S_AXI_ARESETN,
    input  wire [11:0]                      S_AXI_AWADDR,
    input  wire                             S_AXI_AWVALID,
    output wire                             S_AXI_AWREADY,
    input  wire [31:0]                      S_AXI_WDATA,
    input  wire [3:0]                       S_AXI_WSTRB,
    input  wire                             S_AXI_WVALID,
    output wire                             S_AXI_WREADY,
    output wire [1:0]                       S_AXI_BRESP,
    output wire                             S_AXI_BVALID,
    input  wire                             S_AXI_BREADY,
    input  wire [11:0]                      S_AXI_ARADDR,
    input  wire                             S_AXI_ARVALID,
    output wire                             S_AXI_ARREADY,
    output wire [31:0]                      S_AXI_RDATA,
    output wire [1:0]                       S_AXI_RRESP,
    output wire                             S_AXI_RVALID,
    input  wire                             S_AXI_RREADY
);

wire [11:0] awaddr, araddr;
wire [31:0] wdata, rdata;
wire [3:0]  wstrb;
wire [1:0]  bresp, rresp;
wire awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;

prism_clock_crossing crossing (
    .s_clk(S_AXI_ACLK),           .s_resetn(S_AXI_ARESETN),
    .s_axi_awaddr(S_AXI_AWADDR),  .s_axi_awvalid(S_AXI_AWVALID), .s_axi_awready(S_AXI_AWREADY),
    .s_axi_wdata(S_AXI_WDATA),    .s_axi_wstrb(S_AXI_WSTRB),
    .s_axi_wvalid(S_AXI_WVALID),  .s_axi_wready(S_AXI_WREADY),
    .s_axi_bresp(S_AXI_BRESP),    .s_axi_bvalid(S_AXI_BVALID),   .s_axi_bready(S_AXI_BREADY),
    .s_axi_araddr(S_AXI_ARADDR),  .s_axi_arvalid(S_AXI_ARVALID), .s_axi_arready(S_AXI_ARREADY),
    .s_axi_rdata(S_AXI_RDATA),    .s_axi_rresp(S_AXI_RRESP),
    .s_axi_rvalid(S_AXI_RVALID),  .s_axi_rready(S_AXI_RREADY),
    .m_clk(axis_aclk),            .m_resetn(axis_resetn),
    .m_axi_awaddr(awaddr),        .m_axi_awvalid(awvalid),       .m_axi_awready(awready),
    .m_axi_wdata(wdata),          .m_axi_wstrb(wstrb),
    .m_axi_wvalid(wvalid),        .m_axi_wready(wready),
    .m_axi_bresp(bresp),          .m_axi_bvalid(bvalid),         .m_axi_bready(bready),
    .m_axi_araddr(araddr),        .m_axi_arvalid(arvalid),       .m_axi_arready(arready),
    .m_axi_rdata(rdata),          .m_axi_rresp(rresp),
    .m_axi_rvalid(rvalid),        .m_axi_rready(rready)
);

localparam [31:0] LAST = CLOCK_HZ - 1;

reg [31:0] clocks_reg = 0;
reg tick_reg = 0;

always @(posedge axis_aclk) begin
    clocks_reg <= clocks_reg == LAST ? 32'd0 : clocks_reg + 32'd1;
    tick_reg <= clocks_reg == LAST;
    if (!axis_resetn) begin
        clocks_reg <= 0;
        tick_reg <= 0;
    end
end

prism_core #(
    .DATA_WIDTH(C_S_AXIS_DATA_WIDTH),
    .TUSER_WIDTH(C_S_AXIS_TUSER_WIDTH),
    .RULES_LOG2(RULES_LOG2),
    .FLOWS_LOG2(FLOWS_LOG2),
    .STATIONS_LOG2(STATIONS_LOG2)
) core (
    .clk(axis_aclk),               .resetn(axis_resetn),
    .s_axis_tdata(s_axis_tdata),   .s_axis_tkeep(s_axis_tkeep),   .s_axis_tuser(s_axis_tuser),
    .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast),   .s_axis_tready(s_axis_tready),
    .m_axis_tdata(m_axis_tdata),   .m_axis_tkeep(m_axis_tkeep),   .m_axis_tuser(m_axis_tuser),
    .m_axis_tvalid(m_axis_tvalid), .m_axis_tlast(m_axis_tlast),   .m_axis_tready(m_axis_tready),
    .tick(tick_reg),
    /* verilator lint_off PINCONNECTEMPTY */
    .idle(),
    /* verilator lint_on PINCONNECTEMPTY */
    .s_axi_awaddr(awaddr),         .s_axi_awvalid(awvalid),       .s_axi_awready(awready),
    .s_axi_wdata(wdata),           .s_axi_wstrb(wstrb),
    .s_axi_wvalid(wvalid),         .s_axi_wready(wready),
    .s_axi_bresp(bresp),           .s_axi_bvalid(bvalid),         .s_axi_bready(bready),
    .s_axi_araddr(araddr),         .s_axi_arvalid(arvalid),       .s_axi_arready(arready),
    .s_axi_rdata(rdata),           .s_axi_rresp(rresp),
    .s_axi_rvalid(rvalid),         .s_axi_rready(rready)
);

endmodule

`default_nettype wire
