/*
 * Where a key may stand in the table of flows: CRC-64 (ECMA-182) of its 97 bits, most significant
 * first, from 0, not reflected. Way w's row is [16w +: 16], of which a smaller table uses the lowest.
 *
 * A CRC from 0 is linear: each bit of it is the parity of some bits of the key. Written so, synthesis
 * need not find the parities in a chain of 97 divisions.
 */
`default_nettype none

module prism_hash (
    input  wire [96:0] key,
    output wire [63:0] hash
);

localparam [63:0] POLYNOMIAL = 64'h42f0e1eba9ea3693;

/* The bits of the key whose parity is one bit of the hash: each of them alone would set it. */
/* It is computed when the core is built, and never runs. */
/* verilator coverage_off */
function [96:0] parts_of;
    input integer place;
    reg [63:0] alone;
    integer bit_of_key;
    begin
        alone = POLYNOMIAL;
        for (bit_of_key = 0; bit_of_key < 97; bit_of_key = bit_of_key + 1) begin
            parts_of[bit_of_key] = alone[place];
            alone = {alone[62:0], 1'b0} ^ (alone[63] ? POLYNOMIAL : 64'd0);
        end
    end
endfunction
/* verilator coverage_on */

genvar place;
generate
    for (place = 0; place < 64; place = place + 1) begin : parities
        localparam [96:0] PARTS = parts_of(place);
        assign hash[place] = ^(key & PARTS);
    end
endgenerate

endmodule

`default_nettype wire
