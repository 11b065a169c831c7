/*
 * A slave of AXI4-Lite: one write or one read at a time, as a strobe with address and value.
 *
 *   write_enable  for one clock, with write_address and write_value
 *   read_enable   for one clock, with read_address; read_value is taken in the same clock
 *
 * All four octets of a word are written, whatever WSTRB says.
 *
 * AMBA AXI and ACE, ARM IHI 0022E part B.
 */
`default_nettype none

module prism_axi_lite (
    input  wire        clk,
    input  wire        resetn,

    input  wire [11:0] s_axi_awaddr,
    input  wire        s_axi_awvalid,
    output wire        s_axi_awready,
    input  wire [31:0] s_axi_wdata,
    input  wire [3:0]  s_axi_wstrb,
    input  wire        s_axi_wvalid,
    output wire        s_axi_wready,
    output wire [1:0]  s_axi_bresp,
    output wire        s_axi_bvalid,
    input  wire        s_axi_bready,
    input  wire [11:0] s_axi_araddr,
    input  wire        s_axi_arvalid,
    output wire        s_axi_arready,
    output wire [31:0] s_axi_rdata,
    output wire [1:0]  s_axi_rresp,
    output wire        s_axi_rvalid,
    input  wire        s_axi_rready,

    output wire        write_enable,
    output wire [11:0] write_address,
    output wire [31:0] write_value,
    output wire        read_enable,
    output wire [11:0] read_address,
    input  wire [31:0] read_value
);

reg        bvalid_reg = 0, bvalid_next;
reg        rvalid_reg = 0, rvalid_next;
reg [31:0] rdata_reg, rdata_next;

/* Address and value are taken together. */
assign write_enable = s_axi_awvalid && s_axi_wvalid && !bvalid_reg;
assign write_address = {s_axi_awaddr[11:2], 2'd0};
assign write_value = s_axi_wdata;
assign s_axi_awready = write_enable;
assign s_axi_wready = write_enable;
assign s_axi_bvalid = bvalid_reg;
assign s_axi_bresp = 2'b00;

assign read_enable = s_axi_arvalid && !rvalid_reg;
assign read_address = {s_axi_araddr[11:2], 2'd0};
assign s_axi_arready = read_enable;
assign s_axi_rvalid = rvalid_reg;
assign s_axi_rdata = rdata_reg;
assign s_axi_rresp = 2'b00;

always @* begin
    bvalid_next = bvalid_reg;
    rvalid_next = rvalid_reg;
    rdata_next = rdata_reg;
    if (write_enable) bvalid_next = 1'b1;
    else if (s_axi_bready) bvalid_next = 1'b0;
    if (read_enable) begin
        rvalid_next = 1'b1;
        rdata_next = read_value;
    end else if (s_axi_rready) begin
        rvalid_next = 1'b0;
    end
end

always @(posedge clk) begin
    bvalid_reg <= resetn && bvalid_next;
    rvalid_reg <= resetn && rvalid_next;
    rdata_reg <= rdata_next;
end

endmodule

`default_nettype wire
