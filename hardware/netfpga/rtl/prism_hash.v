/*
 * Where a key may stand in the table of flows: CRC-64 (ECMA-182) of its 97 bits, most significant
 * first, from 0, not reflected. Way w's row is [16w +: 16], of which a smaller table uses the lowest.
 */
`default_nettype none

module prism_hash (
    input  wire [96:0] key,
    output reg  [63:0] hash
);

localparam [63:0] POLYNOMIAL = 64'h42f0e1eba9ea3693;

integer place;

always @* begin
    hash = 64'd0;
    for (place = 96; place >= 0; place = place - 1) begin
        hash = {hash[62:0], 1'b0} ^ (hash[63] != key[place] ? POLYNOMIAL : 64'd0);
    end
end

endmodule

`default_nettype wire
