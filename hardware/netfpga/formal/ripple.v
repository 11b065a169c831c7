/* Carries one behind the other: smaller than yosys' own, and easier for a solver to compare. */
(* techmap_celltype = "$lcu" *)
module ripple (P, G, CI, CO);
parameter WIDTH = 2;
input [WIDTH-1:0] P, G;
input CI;
output [WIDTH-1:0] CO;
wire [WIDTH:0] carries = {CO, CI};
assign CO = G | (P & carries[WIDTH-1:0]);
endmodule
