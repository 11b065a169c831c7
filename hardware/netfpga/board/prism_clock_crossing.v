/*
 * AXI4-Lite from one clock to another: one access at a time, by a handshake of four phases.
 *
 *   s_clk                               m_clk
 *   request  ──────── two registers ──▶ the access is done on m_axi
 *   answer   ◀─────── two registers ─── acknowledge
 *
 * Address, data and answer stand still while their handshake is up, so they cross without registers.
 * A side that is reset for four clocks of the slower one lets its half fall, and the other follows:
 * neither waits for ever, and no answer goes to an access that did not ask for it.
 * Takes some ten clocks an access. Writes go before reads. Where the two clocks are one, as on both
 * cards, nothing is to be constrained; where they are not, the paths between the two sides want
 * `set_max_delay -datapath_only` of a period of m_clk.
 */
`default_nettype none

module prism_clock_crossing (
    input  wire        s_clk,
    input  wire        s_resetn,
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

    input  wire        m_clk,
    input  wire        m_resetn,
    output wire [11:0] m_axi_awaddr,
    output wire        m_axi_awvalid,
    input  wire        m_axi_awready,
    output wire [31:0] m_axi_wdata,
    output wire [3:0]  m_axi_wstrb,
    output wire        m_axi_wvalid,
    input  wire        m_axi_wready,
    input  wire [1:0]  m_axi_bresp,
    input  wire        m_axi_bvalid,
    output wire        m_axi_bready,
    output wire [11:0] m_axi_araddr,
    output wire        m_axi_arvalid,
    input  wire        m_axi_arready,
    input  wire [31:0] m_axi_rdata,
    input  wire [1:0]  m_axi_rresp,
    input  wire        m_axi_rvalid,
    output wire        m_axi_rready
);

/* The handshake: each is driven by its side and sampled by the other. */
reg request_reg = 0, request_next;
reg acknowledge_reg = 0, acknowledge_next;

/* s_clk: takes an access, asks for it, and answers. */

localparam [1:0] FREE = 2'd0, ASKING = 2'd1, ANSWERING = 2'd2;

(* ASYNC_REG = "TRUE" *) reg [1:0] acknowledged_reg = 0;
wire acknowledged = acknowledged_reg[1];

reg [1:0]  state_reg = FREE, state_next;
reg        is_write_reg = 0, is_write_next;
reg [11:0] address_reg = 0, address_next;
reg [31:0] data_reg = 0, data_next;
reg [3:0]  strobe_reg = 0, strobe_next;

wire is_free = state_reg == FREE && !acknowledged;
wire write_comes = is_free && s_axi_awvalid && s_axi_wvalid;
wire read_comes = is_free && s_axi_arvalid && !write_comes;
wire is_answering = state_reg == ANSWERING;

assign s_axi_awready = write_comes;
assign s_axi_wready = write_comes;
assign s_axi_arready = read_comes;
assign s_axi_bvalid = is_answering && is_write_reg;
assign s_axi_rvalid = is_answering && !is_write_reg;

always @* begin
    state_next = state_reg;
    request_next = request_reg;
    is_write_next = is_write_reg;
    address_next = address_reg;
    data_next = data_reg;
    strobe_next = strobe_reg;
    case (state_reg)
        FREE: if (write_comes || read_comes) begin
            is_write_next = write_comes;
            address_next = write_comes ? s_axi_awaddr : s_axi_araddr;
            data_next = s_axi_wdata;
            strobe_next = s_axi_wstrb;
            request_next = 1'b1;
            state_next = ASKING;
        end
        ASKING: if (acknowledged) begin
            request_next = 1'b0;
            state_next = ANSWERING;
        end
        ANSWERING: if (is_write_reg ? s_axi_bready : s_axi_rready) state_next = FREE;
        default: state_next = FREE;
    endcase
end

always @(posedge s_clk) begin
    acknowledged_reg <= {acknowledged_reg[0], acknowledge_reg};
    state_reg <= state_next;
    request_reg <= request_next;
    is_write_reg <= is_write_next;
    address_reg <= address_next;
    data_reg <= data_next;
    strobe_reg <= strobe_next;
    if (!s_resetn) begin
        state_reg <= FREE;
        request_reg <= 1'b0;
    end
end

/* m_clk: does the access. */

(* ASYNC_REG = "TRUE" *) reg [1:0] requested_reg = 0;
wire requested = requested_reg[1];

reg        is_busy_reg = 0, is_busy_next;
reg        is_wanted_reg = 0, is_wanted_next;
reg        awvalid_reg = 0, awvalid_next;
reg        wvalid_reg = 0, wvalid_next;
reg        arvalid_reg = 0, arvalid_next;
reg [31:0] answer_reg = 0, answer_next;
reg [1:0]  response_reg = 0, response_next;

wire is_answered = is_busy_reg && (m_axi_bvalid || m_axi_rvalid);

assign m_axi_awaddr = address_reg;
assign m_axi_araddr = address_reg;
assign m_axi_wdata = data_reg;
assign m_axi_wstrb = strobe_reg;
assign m_axi_awvalid = awvalid_reg;
assign m_axi_wvalid = wvalid_reg;
assign m_axi_arvalid = arvalid_reg;
assign m_axi_bready = is_busy_reg;
assign m_axi_rready = is_busy_reg;
assign s_axi_rdata = answer_reg;
assign s_axi_bresp = response_reg;
assign s_axi_rresp = response_reg;

always @* begin
    acknowledge_next = acknowledge_reg && requested;
    is_busy_next = is_busy_reg;
    is_wanted_next = is_wanted_reg && requested;
    awvalid_next = awvalid_reg && !m_axi_awready;
    wvalid_next = wvalid_reg && !m_axi_wready;
    arvalid_next = arvalid_reg && !m_axi_arready;
    answer_next = answer_reg;
    response_next = response_reg;
    if (requested && !is_busy_reg && !acknowledge_reg) begin
        is_busy_next = 1'b1;
        is_wanted_next = 1'b1;
        awvalid_next = is_write_reg;
        wvalid_next = is_write_reg;
        arvalid_next = !is_write_reg;
    end
    if (is_answered) begin
        is_busy_next = 1'b0;
        acknowledge_next = is_wanted_next;
        answer_next = m_axi_rdata;
        response_next = m_axi_rvalid ? m_axi_rresp : m_axi_bresp;
    end
end

always @(posedge m_clk) begin
    requested_reg <= {requested_reg[0], request_reg};
    acknowledge_reg <= acknowledge_next;
    is_busy_reg <= is_busy_next;
    is_wanted_reg <= is_wanted_next;
    awvalid_reg <= awvalid_next;
    wvalid_reg <= wvalid_next;
    arvalid_reg <= arvalid_next;
    answer_reg <= answer_next;
    response_reg <= response_next;
    if (!m_resetn) begin
        acknowledge_reg <= 1'b0;
        is_busy_reg <= 1'b0;
        awvalid_reg <= 1'b0;
        wvalid_reg <= 1'b0;
        arvalid_reg <= 1'b0;
    end
end

endmodule

`default_nettype wire
