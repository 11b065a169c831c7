/*
 * The core as a card's project has it: registers over a bus with another clock, a frame from wire
 * nf0 to all other bridged ports, and seconds that pass by themselves. Says what it saw.
 */
`timescale 1ns / 1ps
`default_nettype none

module board_lookup;

reg axis_aclk = 0, axi_aclk = 0, resetn = 0;
always #5 axis_aclk = ~axis_aclk;
always #7 axi_aclk = ~axi_aclk;

reg [11:0] awaddr = 0, araddr = 0;
reg [31:0] wdata = 0;
reg awvalid = 0, wvalid = 0, bready = 0, arvalid = 0, rready = 0;
wire awready, wready, bvalid, arready, rvalid;
wire [31:0] rdata;

reg [255:0] s_tdata = 0;
reg [31:0]  s_tkeep = 0;
reg [127:0] s_tuser = 0;
reg s_tvalid = 0, s_tlast = 0;
wire s_tready, m_tvalid, m_tlast;
wire [255:0] m_tdata;
wire [31:0]  m_tkeep;
wire [127:0] m_tuser;

prism_output_port_lookup #(
    .CLOCK_HZ(500), .RULES_LOG2(4), .FLOWS_LOG2(6), .STATIONS_LOG2(4), .C_BASEADDR(32'h44020000)
) lookup (
    .axis_aclk(axis_aclk), .axis_resetn(resetn),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tuser(s_tuser),
    .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tuser(m_tuser),
    .m_axis_tvalid(m_tvalid), .m_axis_tready(1'b1), .m_axis_tlast(m_tlast),
    .S_AXI_ACLK(axi_aclk), .S_AXI_ARESETN(resetn),
    .S_AXI_AWADDR(awaddr), .S_AXI_AWVALID(awvalid), .S_AXI_AWREADY(awready),
    .S_AXI_WDATA(wdata), .S_AXI_WSTRB(4'hF), .S_AXI_WVALID(wvalid), .S_AXI_WREADY(wready),
    .S_AXI_BRESP(), .S_AXI_BVALID(bvalid), .S_AXI_BREADY(bready),
    .S_AXI_ARADDR(araddr), .S_AXI_ARVALID(arvalid), .S_AXI_ARREADY(arready),
    .S_AXI_RDATA(rdata), .S_AXI_RRESP(), .S_AXI_RVALID(rvalid), .S_AXI_RREADY(rready)
);

task write(input [11:0] address, input [31:0] value);
    begin
        awaddr <= address; wdata <= value; awvalid <= 1; wvalid <= 1; bready <= 1;
        @(posedge axi_aclk);
        while (!(awready && wready)) @(posedge axi_aclk);
        awvalid <= 0; wvalid <= 0;
        @(posedge axi_aclk);
        while (!bvalid) @(posedge axi_aclk);
        bready <= 0;
    end
endtask

reg [31:0] value;

task read(input [11:0] address);
    begin
        araddr <= address; arvalid <= 1; rready <= 1;
        @(posedge axi_aclk);
        while (!arready) @(posedge axi_aclk);
        arvalid <= 0;
        @(posedge axi_aclk);
        while (!rvalid) @(posedge axi_aclk);
        value = rdata;
        rready <= 0;
    end
endtask

always @(posedge axis_aclk) begin
    if (m_tvalid) $display("word %h keep %h user %h last %b", m_tdata, m_tkeep, m_tuser[31:0], m_tlast);
end

initial begin
    repeat (20) @(posedge axi_aclk);
    resetn <= 1;
    repeat (200) @(posedge axi_aclk);
    read(12'h000); $display("id %h", value);
    write(12'h00C, 32'h12345678);
    read(12'h00C); $display("flip %h", value);
    write(12'h04C, 32'd77);
    read(12'h04C); $display("age %0d", value);
    @(posedge axis_aclk);
    /* 64 octets 0, 1, 2 … from nf0; the first bit of a group's address makes it leave everywhere. */
    s_tdata <= 256'h1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020101;
    s_tkeep <= 32'hFFFFFFFF; s_tuser <= 128'h00010040; s_tvalid <= 1; s_tlast <= 0;
    @(posedge axis_aclk); while (!s_tready) @(posedge axis_aclk);
    s_tdata <= 256'h3f3e3d3c3b3a393837363534333231302f2e2d2c2b2a29282726252423222120;
    s_tuser <= 0; s_tlast <= 1;
    @(posedge axis_aclk); while (!s_tready) @(posedge axis_aclk);
    s_tvalid <= 0;
    repeat (100) @(posedge axis_aclk);
    read(12'h014); $display("in %0d", value);
    read(12'h018); $display("out %0d", value);
    repeat (1500) @(posedge axis_aclk);
    read(12'h050); $display("seconds %0d", value);
    $finish;
end

initial begin
    #200000;
    $display("hangs");
    $finish;
end

endmodule
