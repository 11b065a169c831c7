// Written by tools/netfpga.ts from registers.yaml: do not edit.
// A register is a byte offset. A field is a bit or a range of bits of its register; a field of a
// table is a range of the whole row {data15, ..., data1, data0}.

`ifndef PRISM_REGISTERS_VH
`define PRISM_REGISTERS_VH

`define PRISM_HASH_POLYNOMIAL                  64'h42F0E1EBA9EA3693
`define PRISM_HASH_KEY_BITS                    97
`define PRISM_HASH_WAY_STRIDE                  16

`define PRISM_REG_ID                           12'h000
`define PRISM_INITIAL_ID                       32'h5052534D
`define PRISM_REG_VERSION                      12'h004
`define PRISM_INITIAL_VERSION                  32'h00010000
`define PRISM_VERSION_MINOR                    15:0
`define PRISM_VERSION_MAJOR                    31:16
`define PRISM_REG_RESET                        12'h008
`define PRISM_RESET_COUNTERS                   0
`define PRISM_RESET_TABLES                     1
`define PRISM_REG_FLIP                         12'h00C
`define PRISM_REG_DEBUG                        12'h010
`define PRISM_REG_PKTIN                        12'h014
`define PRISM_REG_PKTOUT                       12'h018
`define PRISM_REG_LUTHIT                       12'h01C
`define PRISM_REG_LUTMISS                      12'h020
`define PRISM_REG_PUNTED                       12'h024
`define PRISM_REG_DROPPED                      12'h028
`define PRISM_REG_NOT_OWNER                    12'h02C
`define PRISM_REG_LOCKED                       12'h030
`define PRISM_REG_SAME_PORT                    12'h034
`define PRISM_REG_MALFORMED                    12'h038
`define PRISM_REG_ERROR                        12'h03C
`define PRISM_ERROR_RUNT                       0
`define PRISM_ERROR_OVERSIZE                   1
`define PRISM_ERROR_CUT                        2
`define PRISM_ERROR_OVERRUN                    3
`define PRISM_ERROR_KEEP                       4
`define PRISM_ERROR_SOURCE                     5
`define PRISM_ERROR_REFUSED_EPOCH              6
`define PRISM_ERROR_REFUSED_ADDRESS            7
`define PRISM_ERROR_REFUSED_BUSY               8
`define PRISM_REG_BRIDGED                      12'h040
`define PRISM_INITIAL_BRIDGED                  32'h00000057
`define PRISM_REG_PUNT_PORTS                   12'h044
`define PRISM_INITIAL_PUNT_PORTS               32'h00000008
`define PRISM_REG_FRAME_MAX                    12'h048
`define PRISM_INITIAL_FRAME_MAX                32'h00002336
`define PRISM_REG_STATION_AGE                  12'h04C
`define PRISM_INITIAL_STATION_AGE              32'h0000012C
`define PRISM_REG_SECONDS                      12'h050
`define PRISM_REG_SIZES                        12'h054
`define PRISM_SIZES_RULES_LOG2                 7:0
`define PRISM_SIZES_FLOWS_LOG2                 15:8
`define PRISM_SIZES_STATIONS_LOG2              23:16
`define PRISM_REG_TABLE_ADDRESS                12'h060
`define PRISM_TABLE_ADDRESS_ROW                27:0
`define PRISM_TABLE_ADDRESS_TABLE              31:28
`define PRISM_REG_TABLE_COMMAND                12'h064
`define PRISM_TABLE_COMMAND_BUSY               0
`define PRISM_TABLE_COMMAND_REFUSED            1
`define PRISM_TABLE_COMMAND_WRITE              32'd1
`define PRISM_TABLE_COMMAND_READ               32'd2
`define PRISM_REG_TABLE_EPOCH                  12'h068
`define PRISM_REG_FENCE                        12'h06C
`define PRISM_REG_TABLE_DATA                   12'h080
`define PRISM_REG_TABLE_DATA_COUNT             16

`define PRISM_TABLE_FLOWS                      4'd0
`define PRISM_FLOWS_WORDS                      4
`define PRISM_FLOWS_SRC                        31:0
`define PRISM_FLOWS_DST                        63:32
`define PRISM_FLOWS_DST_PORT                   79:64
`define PRISM_FLOWS_SRC_PORT                   95:80
`define PRISM_FLOWS_VALID                      96
`define PRISM_FLOWS_HOSTS                      97
`define PRISM_FLOWS_ACTION                     99:98
`define PRISM_ACTION_CLIENT_OF                 2'd0
`define PRISM_ACTION_OWNER_OF                  2'd1
`define PRISM_ACTION_DROP                      2'd2
`define PRISM_ACTION_PUNT                      2'd3
`define PRISM_FLOWS_RULE                       127:104

`define PRISM_TABLE_RULES                      4'd1
`define PRISM_RULES_WORDS                      10
`define PRISM_RULES_VALID                      0
`define PRISM_RULES_LOCKED                     1
`define PRISM_RULES_DIRECT                     2
`define PRISM_RULES_CLIENT_WINDOW              8:4
`define PRISM_RULES_OWNER_WINDOW               13:9
`define PRISM_RULES_OWNER_ADDRESS              63:32
`define PRISM_RULES_VIRTUAL_PORT               79:64
`define PRISM_RULES_OWNER_PORT                 95:80
`define PRISM_RULES_OWNER_MAC_HIGH             111:96
`define PRISM_RULES_OWNER_MAC_LOW              159:128
`define PRISM_RULES_VIRTUAL_ADDRESS            191:160
`define PRISM_RULES_CLIENT_SEQ                 223:192
`define PRISM_RULES_OWNER_SEQ                  255:224
`define PRISM_RULES_CLIENT_TIMESTAMP           287:256
`define PRISM_RULES_OWNER_TIMESTAMP            319:288

`define PRISM_TABLE_USAGE                      4'd2
`define PRISM_USAGE_WORDS                      3
`define PRISM_USAGE_PACKETS                    31:0
`define PRISM_USAGE_OCTETS_LOW                 63:32
`define PRISM_USAGE_OCTETS_HIGH                79:64
`define PRISM_USAGE_STAMP                      95:80

`endif
