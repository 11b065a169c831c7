/*
 * Writes and reads sixteen registers through prism_clock_crossing, at random, with clocks of S_PERIOD
 * and M_PERIOD and ready and valid at random on both sides; resets each side in the middle of it.
 * Says `accesses A resets R errors E` at the end.
 */
`timescale 1ns / 1ps
`default_nettype none

module board_crossing;

parameter S_PERIOD = 10;
parameter M_PERIOD = 7;
parameter ACCESSES = 2000;

reg s_clk = 0, m_clk = 0, s_resetn = 0, m_resetn = 0;
always #(S_PERIOD / 2.0) s_clk = ~s_clk;
always #(M_PERIOD / 2.0) m_clk = ~m_clk;

reg [11:0] awaddr = 0, araddr = 0;
reg [31:0] wdata = 0;
reg awvalid = 0, wvalid = 0, bready = 0, arvalid = 0, rready = 0;
wire awready, wready, bvalid, arready, rvalid;
wire [1:0] bresp, rresp;
wire [31:0] rdata;

wire [11:0] m_awaddr, m_araddr;
wire [31:0] m_wdata;
wire [3:0] m_wstrb;
wire m_awvalid, m_wvalid, m_bready, m_arvalid, m_rready;
reg m_awready = 0, m_wready = 0, m_bvalid = 0, m_arready = 0, m_rvalid = 0;
reg [31:0] m_rdata = 0;

prism_clock_crossing crossing (
    .s_clk(s_clk), .s_resetn(s_resetn), .m_clk(m_clk), .m_resetn(m_resetn),
    .s_axi_awaddr(awaddr), .s_axi_awvalid(awvalid), .s_axi_awready(awready),
    .s_axi_wdata(wdata), .s_axi_wstrb(4'hF), .s_axi_wvalid(wvalid), .s_axi_wready(wready),
    .s_axi_bresp(bresp), .s_axi_bvalid(bvalid), .s_axi_bready(bready),
    .s_axi_araddr(araddr), .s_axi_arvalid(arvalid), .s_axi_arready(arready),
    .s_axi_rdata(rdata), .s_axi_rresp(rresp), .s_axi_rvalid(rvalid), .s_axi_rready(rready),
    .m_axi_awaddr(m_awaddr), .m_axi_awvalid(m_awvalid), .m_axi_awready(m_awready),
    .m_axi_wdata(m_wdata), .m_axi_wstrb(m_wstrb), .m_axi_wvalid(m_wvalid), .m_axi_wready(m_wready),
    .m_axi_bresp(2'b00), .m_axi_bvalid(m_bvalid), .m_axi_bready(m_bready),
    .m_axi_araddr(m_araddr), .m_axi_arvalid(m_arvalid), .m_axi_arready(m_arready),
    .m_axi_rdata(m_rdata), .m_axi_rresp(2'b10), .m_axi_rvalid(m_rvalid), .m_axi_rready(m_rready)
);

/* The registers: address and data are taken apart from each other, as AXI4-Lite allows. */
reg [31:0] registers [0:15];
reg has_address = 0, has_data = 0;
reg [31:0] taken = 0;
reg [3:0] place = 0;
integer index;
initial for (index = 0; index < 16; index = index + 1) registers[index] = 0;

always @(posedge m_clk) begin
    m_awready <= !has_address && !m_awready && ($random & 1);
    m_wready <= !has_data && !m_wready && ($random & 1);
    m_arready <= !m_rvalid && !m_arready && ($random & 1);
    if (m_awvalid && m_awready) begin has_address <= 1; place <= m_awaddr[5:2]; end
    if (m_wvalid && m_wready) begin has_data <= 1; taken <= m_wdata; end
    if (has_address && has_data && !m_bvalid) begin
        registers[place] <= taken;
        m_bvalid <= 1;
    end
    if (m_bvalid && m_bready) begin m_bvalid <= 0; has_address <= 0; has_data <= 0; end
    if (m_arvalid && m_arready) begin
        m_rvalid <= 1;
        m_rdata <= registers[m_araddr[5:2]];
    end
    if (m_rvalid && m_rready) m_rvalid <= 0;
    if (!m_resetn) begin
        m_awready <= 0; m_wready <= 0; m_arready <= 0; m_bvalid <= 0; m_rvalid <= 0;
        has_address <= 0; has_data <= 0;
    end
end

reg [31:0] model [0:15];
integer errors = 0, resets = 0, done = 0;
reg [3:0] at;
reg [31:0] value;

task fault(input [8*24:1] what);
    begin
        errors = errors + 1;
        if (errors < 5) $display("%0s at %0t", what, $time);
    end
endtask

task write(input [3:0] where, input [31:0] what);
    begin
        awaddr <= {6'd0, where, 2'd0}; wdata <= what;
        awvalid <= 1;
        if ($random & 1) @(posedge s_clk);
        wvalid <= 1;
        @(posedge s_clk);
        while (!(awready && wready)) @(posedge s_clk);
        awvalid <= 0; wvalid <= 0;
        if ($random & 1) repeat (3) @(posedge s_clk);
        bready <= 1;
        @(posedge s_clk);
        while (!bvalid) @(posedge s_clk);
        if (bresp != 2'b00) fault("answer of a write");
        bready <= 0;
    end
endtask

task read(input [3:0] where, input [31:0] expected);
    begin
        araddr <= {6'd0, where, 2'd0};
        arvalid <= 1;
        @(posedge s_clk);
        while (!arready) @(posedge s_clk);
        arvalid <= 0;
        if ($random & 1) repeat (3) @(posedge s_clk);
        rready <= 1;
        @(posedge s_clk);
        while (!rvalid) @(posedge s_clk);
        if (rdata !== expected) fault("value of a read");
        if (rresp != 2'b10) fault("answer of a read");
        rready <= 0;
    end
endtask

task rest;
    begin
        repeat (4) @(posedge s_clk);
        repeat (4) @(posedge m_clk);
    end
endtask

/* An access begins, and one side is reset before it is done; then both work on. */
task interrupt(input is_slave);
    begin
        araddr <= 0;
        arvalid <= 1;
        @(posedge s_clk);
        while (!arready) @(posedge s_clk);
        arvalid <= 0;
        repeat ($random & 7) @(posedge s_clk);
        if (is_slave) begin
            s_resetn <= 0; rest; s_resetn <= 1;
        end else begin
            m_resetn <= 0; rest; m_resetn <= 1;
            rready <= 1; @(posedge s_clk); while (!rvalid) @(posedge s_clk); rready <= 0;
        end
        repeat (2) @(posedge s_clk);
        resets = resets + 1;
    end
endtask

initial begin
    for (index = 0; index < 16; index = index + 1) model[index] = 0;
    repeat (4) @(posedge s_clk);
    m_resetn <= 1; s_resetn <= 1;
    while (done < ACCESSES) begin
        at = $random; value = $random;
        if ($random & 1) begin write(at, value); model[at] = value; end
        else read(at, model[at]);
        done = done + 1;
        if (done % 50 == 0) interrupt(done % 100 == 0);
    end
    for (index = 0; index < 16; index = index + 1) if (registers[index] !== model[index]) fault("register");
    $display("accesses %0d resets %0d errors %0d", done, resets, errors);
    $finish;
end

initial begin
    #(ACCESSES * 100 * (S_PERIOD + M_PERIOD));
    $display("hangs after %0d accesses", done);
    $finish;
end

endmodule
