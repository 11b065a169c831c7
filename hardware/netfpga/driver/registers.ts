/**
 * The registers and tables of `prism_core`.
 *
 * Written by tools/netfpga.ts from registers.yaml: do not edit.
 */

/** Where the core is on a card, in octets. */
export const BASES = { SUME: 0x44020000, PLUS: 0x00020000 } as const;

/** Offsets in octets. */
export const REGISTERS = {
  /** RO. The letters PRSM. */
  ID: 0x00,
  /** RO. The version of this interface, major and minor. */
  VERSION: 0x04,
  /** WO. Each bit that is written as one empties what it names. */
  RESET: 0x08,
  /** RW. Reads back inverted what was written, 0 at first. */
  FLIP: 0x0c,
  /** RW. Keeps what was written. */
  DEBUG: 0x10,
  /** ROC. Frames that came in. */
  PKTIN: 0x14,
  /** ROC. Frames that left. */
  PKTOUT: 0x18,
  /** ROC. Frames that led to a rule. */
  LUTHIT: 0x1c,
  /** ROC. Frames that were looked up and led to no rule. */
  LUTMISS: 0x20,
  /** ROC. Frames that went to the controller unchanged. */
  PUNTED: 0x24,
  /** ROC. Frames that were dropped, whatever the reason. */
  DROPPED: 0x28,
  /** ROC. Frames dropped because their sender does not own the connection. */
  NOT_OWNER: 0x2c,
  /** ROC. Frames dropped because their rule is locked. */
  LOCKED: 0x30,
  /** ROC. Frames dropped because they would leave where they came in. */
  SAME_PORT: 0x34,
  /** ROC. Frames dropped for bits 0 to 5 of ERROR. */
  MALFORMED: 0x38,
  /** ROC. What went wrong since the last read, a bit for each failure. */
  ERROR: 0x3c,
  /** RW. The ports that the bridge serves, a bit for each port of TUSER. */
  BRIDGED: 0x40,
  /** RW. The ports that get the frames that are punted, a bit for each port of TUSER. */
  PUNT_PORTS: 0x44,
  /** RW. The longest frame in octets, without tags and FCS; 16 bits. */
  FRAME_MAX: 0x48,
  /** RW. The seconds after which the bridge forgets a silent station; 16 bits. */
  STATION_AGE: 0x4c,
  /** RO. Ticks since the reset, modulo 65536. */
  SECONDS: 0x50,
  /** RO. The binary logarithms of the tables' rows. */
  SIZES: 0x54,
  /** RW. The row that the next command reads or writes. */
  TABLE_ADDRESS: 0x60,
  /** RW. Has a row written from TABLE_DATA or read into it; reads as how that ended. */
  TABLE_COMMAND: 0x64,
  /** RW. The epoch of the driver; a row is written only while it is at least FENCE. */
  TABLE_EPOCH: 0x68,
  /** RO. The highest epoch with which a row was written. */
  FENCE: 0x6c,
  /** RW. The row of the last read, or of the next write. */
  TABLE_DATA: 0x80,
} as const;

/** What registers hold at first, unless 0. */
export const INITIAL = {
  ID: 0x5052534d,
  VERSION: 0x00010000,
  BRIDGED: 0x00000057,
  PUNT_PORTS: 0x00000008,
  FRAME_MAX: 0x00002336,
  STATION_AGE: 0x0000012c,
} as const;

/** Parts of registers. */
export const FIELDS = {
  /** The version of this interface, major and minor. */
  VERSION: {
    /** Minor version. */
    MINOR: { low: 0, bits: 16 },
    /** Major version. */
    MAJOR: { low: 16, bits: 16 },
  },
  /** Each bit that is written as one empties what it names. */
  RESET: {
    /** The counters, the error bits and the learned stations. */
    COUNTERS: { low: 0, bits: 1 },
    /** The tables: flows, rules and usage. */
    TABLES: { low: 1, bits: 1 },
  },
  /** What went wrong since the last read, a bit for each failure. */
  ERROR: {
    /** A frame was shorter than an Ethernet header (14 octets). */
    RUNT: { low: 0, bits: 1 },
    /** A frame was longer than FRAME_MAX and its tags. */
    OVERSIZE: { low: 1, bits: 1 },
    /** TLAST came before the length in TUSER. */
    CUT: { low: 2, bits: 1 },
    /** TLAST did not come at the length in TUSER. */
    OVERRUN: { low: 3, bits: 1 },
    /** TKEEP had holes or was not full before the last word. */
    KEEP: { low: 4, bits: 1 },
    /** The source port was not one-hot or is none of the core's ports. */
    SOURCE: { low: 5, bits: 1 },
    /** A write of a row came with an epoch lower than FENCE. */
    REFUSED_EPOCH: { low: 6, bits: 1 },
    /** A table command named a table or a row that is not there. */
    REFUSED_ADDRESS: { low: 7, bits: 1 },
    /** A table command came while another one ran. */
    REFUSED_BUSY: { low: 8, bits: 1 },
  },
  /** The binary logarithms of the tables' rows. */
  SIZES: {
    /** Rules. */
    RULES_LOG2: { low: 0, bits: 8 },
    /** Flows, all ways together. */
    FLOWS_LOG2: { low: 8, bits: 8 },
    /** Stations of the bridge. */
    STATIONS_LOG2: { low: 16, bits: 8 },
  },
  /** The row that the next command reads or writes. */
  TABLE_ADDRESS: {
    /** The row. */
    ROW: { low: 0, bits: 28 },
    /** The table's number. */
    TABLE: { low: 28, bits: 4 },
  },
  /** Has a row written from TABLE_DATA or read into it; reads as how that ended. */
  TABLE_COMMAND: {
    /** The command still runs. */
    BUSY: { low: 0, bits: 1 },
    /** The last command was refused; ERROR says why. */
    REFUSED: { low: 1, bits: 1 },
  },
} as const;

/** Tables, and the parts of their rows. */
export const TABLES = {
  /**
   * Which rule a frame's addresses and ports lead to. The row is the way above the index of
   * the hash. A row for a pair of hosts has hosts = 1 and ports 0.
   */
  FLOWS: {
    number: 0,
    words: 4,
    fields: {
      /** Source address. */
      SRC: { word: 0, low: 0, bits: 32 },
      /** Destination address. */
      DST: { word: 1, low: 0, bits: 32 },
      /** Destination port. */
      DST_PORT: { word: 2, low: 0, bits: 16 },
      /** Source port. */
      SRC_PORT: { word: 2, low: 16, bits: 16 },
      /** The row holds a flow. */
      VALID: { word: 3, low: 0, bits: 1 },
      /** The flow is a pair of hosts without ports. */
      HOSTS: { word: 3, low: 1, bits: 1 },
      /** What the frame is to its rule. */
      ACTION: { word: 3, low: 2, bits: 2 },
      /** The rule's row in RULES. */
      RULE: { word: 3, low: 8, bits: 24 },
    },
  },
  /**
   * How the frames of one connection change in both directions. One write of the row commits
   * both.
   */
  RULES: {
    number: 1,
    words: 10,
    fields: {
      /** The row holds a rule. */
      VALID: { word: 0, low: 0, bits: 1 },
      /** The connection's frames are dropped. */
      LOCKED: { word: 0, low: 1, bits: 1 },
      /** The owner is the virtual endpoint itself, so no address changes. */
      DIRECT: { word: 0, low: 2, bits: 1 },
      /** Shift of the client's window, in less out, two's complement. */
      CLIENT_WINDOW: { word: 0, low: 4, bits: 5 },
      /** Shift of the owner's window, in less out, two's complement. */
      OWNER_WINDOW: { word: 0, low: 9, bits: 5 },
      /** The owner's address. */
      OWNER_ADDRESS: { word: 1, low: 0, bits: 32 },
      /** The virtual endpoint's port. */
      VIRTUAL_PORT: { word: 2, low: 0, bits: 16 },
      /** The owner's port. */
      OWNER_PORT: { word: 2, low: 16, bits: 16 },
      /** The first two octets of the owner's station. */
      OWNER_MAC_HIGH: { word: 3, low: 0, bits: 16 },
      /** The last four octets of the owner's station. */
      OWNER_MAC_LOW: { word: 4, low: 0, bits: 32 },
      /** The virtual endpoint's address. */
      VIRTUAL_ADDRESS: { word: 5, low: 0, bits: 32 },
      /** What is added to the client's sequence numbers. */
      CLIENT_SEQ: { word: 6, low: 0, bits: 32 },
      /** What is added to the owner's sequence numbers. */
      OWNER_SEQ: { word: 7, low: 0, bits: 32 },
      /** What is added to the client's timestamps. */
      CLIENT_TIMESTAMP: { word: 8, low: 0, bits: 32 },
      /** What is added to the owner's timestamps. */
      OWNER_TIMESTAMP: { word: 9, low: 0, bits: 32 },
    },
  },
  /**
   * What passed by a rule. The row is the rule's row times two, plus one for the owner's
   * direction.
   */
  USAGE: {
    number: 2,
    words: 3,
    fields: {
      /** Frames. */
      PACKETS: { word: 0, low: 0, bits: 32 },
      /** The octets' low 32 bits. */
      OCTETS_LOW: { word: 1, low: 0, bits: 32 },
      /** The octets' high 16 bits. */
      OCTETS_HIGH: { word: 2, low: 0, bits: 16 },
      /** SECONDS when the last frame passed. */
      STAMP: { word: 2, low: 16, bits: 16 },
    },
  },
} as const;

/** What TABLE_COMMAND may be. */
export const TABLE_COMMAND = {
  /** Writes the row. */
  WRITE: 1,
  /** Reads the row. */
  READ: 2,
} as const;

/** What ACTION may be. */
export const ACTION = {
  /** The client sent it. */
  CLIENT_OF: 0,
  /** The owner sent it. */
  OWNER_OF: 1,
  /** A former owner sent it; it is dropped. */
  DROP: 2,
  /** It goes to the controller. */
  PUNT: 3,
} as const;

/**
 * CRC-64/ECMA-182. The index of a flow's row in way w is the low bits of the hash from bit
 * 16 w on. The key is hosts, source address, destination address, source port, destination
 * port, most significant bit first; the start is zero.
 */
export const HASH = {
  polynomial: 0x42f0e1eba9ea3693n,
  keyBits: 97,
  ways: 4,
  wayStride: 16,
} as const;
