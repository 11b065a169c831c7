Feature: TCP options under SPLICE

  SACK edges and echoed timestamps are numbers of the other side: they move as the acknowledgment
  number does, wherever in the header they stand.

  @needs-SPLICE
  Scenario: PRISM-SEQ-04 every edge of every SACK block is shifted
    Then for any segment of the client under SPLICE, its SACK edges are shifted

  @needs-SPLICE @needs-REVERSE
  Scenario: PRISM-SEQ-04 every edge of every SACK block is shifted on the way back
    Then for any segment of the owner under SPLICE, its SACK edges are shifted

  @needs-DELTAS
  Scenario Outline: PRISM-SEQ-04 <blocks> SACK blocks are shifted by the owner delta: <in>
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 1000 |
    When the client sends a segment with
      | ack     | 100  |
      | options | <in> |
    Then it leaves with
      | ack     | 1100  |
      | options | <out> |
    And its TCP checksum is right

    Examples:
      | blocks | in                                              | out                                                     |
      | 1      | nop; nop; sack 200-300                          | nop; nop; sack 1200-1300                                |
      | 2      | nop; nop; sack 400-500 200-300                  | nop; nop; sack 1400-1500 1200-1300                      |
      | 3      | nop; nop; sack 400-500 200-300 600-700          | nop; nop; sack 1400-1500 1200-1300 1600-1700            |
      | 4      | nop; nop; sack 800-900 600-700 400-500 200-300  | nop; nop; sack 1800-1900 1600-1700 1400-1500 1200-1300  |
      | 1      | nop; nop; sack 4294967200-100                   | nop; nop; sack 904-1100                                 |

  @needs-SPLICE
  Scenario Outline: PRISM-SEQ-04 SACK beside timestamps is shifted: <options>
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment with the options "<options>"
    Then its SACK edges are shifted

    Examples:
      | options                                                                  |
      | nop; nop; timestamps 7/8; nop; nop; sack 200-300                         |
      | nop; nop; timestamps 7/8; nop; nop; sack 200-300 400-500                 |
      | nop; nop; timestamps 7/8; nop; nop; sack 200-300 400-500 600-700         |
      | timestamps 7/8; sack 200-300 400-500                                     |
      | sack 200-300; timestamps 7/8                                             |

  @needs-SPLICE
  Scenario Outline: PRISM-SEQ-05 a D-SACK block <where> is shifted like any other
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment with
      | ack     | 5000      |
      | options | <options> |
    Then its SACK edges are shifted

    Examples:
      | where                               | options                              |
      | below the acknowledgment number     | nop; nop; sack 1000-2000             |
      | below, with a block above           | nop; nop; sack 1000-2000 6000-7000   |
      | inside the second block             | nop; nop; sack 6200-6300 6000-7000   |
      | that is empty                       | nop; nop; sack 6200-6200             |

  @needs-SPLICE
  Scenario Outline: PRISM-SEQ-06 SACK after <shift> octets is shifted, the checksum right: <options>
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment with the options "<options>"
    Then its SACK edges are shifted, its TCP checksum right

    Examples:
      | shift | options                                      |
      | 0     | sack 200-300                                 |
      | 1     | nop; sack 200-300                            |
      | 2     | nop; nop; sack 200-300                       |
      | 3     | nop; nop; nop; sack 200-300                  |
      | 3     | unknown 253 aa; sack 200-300 400-500         |
      | 5     | unknown 253 aabbcc; sack 200-300 400-500     |
      | 1     | nop; sack 4294967295-0 65535-65536           |
      | 3     | nop; nop; nop; sack 200-300 400-500 600-700  |

  @needs-SPLICE
  Scenario: PRISM-SEQ-07 options of every kind but SACK and timestamps leave as they came
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends SACK alone, and behind an option of each other kind
    Then the other options are unchanged, and SACK is found behind each as it is alone

  @needs-SPLICE
  Scenario Outline: PRISM-SEQ-07 an option of an unknown kind is not searched for others: <options>
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment with the options "<options>"
    Then it leaves with
      | options | <options> |
    And its TCP checksum is right

    Examples:
      | options                                       |
      | unknown 253 050a00000064000000c8              |
      | nop; nop; unknown 77 0101050a00000064000000c8 |
      | unknown 254 080a0000000700000008              |

  @needs-SPLICE
  Scenario Outline: PRISM-SEQ-07 nothing after the end of the options is touched: <options>
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment with the options "<options>"
    Then it leaves with
      | options | <options> |
    And its TCP checksum is right

    Examples:
      | options                              |
      | eol 050a000000010000000200           |
      | nop; eol 080a0000000100000002        |
      | mss 1460; eol 050a000000010000000200 |
      | eol 02050a000000640000012c           |
      | eol 01050a000000640000012c           |

  Scenario Outline: PRISM-SEQ-08 <what> is survived, and nothing from it on is changed
    Given backend 1 owns the client's connection
    When the client sends a segment with the options "<options>"
    Then it leaves as the rule says, or is punted, or no frame leaves
    When the client sends a segment
    Then one frame leaves, at backend 1

    Examples:
      | what                                  | options                                  |
      | an option of length 0                 | nop; malformed 253 00aabb                |
      | an option of length 1                 | nop; malformed 253 01aabb                |
      | a SACK option of length 0             | nop; nop; malformed 5 0000               |
      | a SACK option of length 1             | nop; nop; malformed 5 0100               |
      | a SACK option that runs past the end  | nop; nop; malformed 5 12000000640000     |
      | timestamps that run past the end      | nop; nop; malformed 8 0a000000           |
      | a kind without a length at the end    | nop; nop; nop; malformed 5               |
      | an option that runs past by one octet | nop; malformed 253 04aa                  |

  @needs-SPLICE
  Scenario Outline: PRISM-SEQ-08 under SPLICE <what> is survived, and nothing from it on is changed
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment with the options "<options>"
    Then it leaves as the rule says, or is punted, or no frame leaves
    When the client sends a segment
    Then one frame leaves, at backend 1

    Examples:
      | what                                   | options                                        |
      | a SACK option of length 3              | nop; unknown 5 aa                              |
      | a SACK option of length 9              | nop; unknown 5 01020304050607; nop; nop        |
      | a SACK option without blocks           | nop; nop; unknown 5                            |
      | a SACK option of length 17             | unknown 5 0102030405060708090a0b0c0d0e0f; nop  |
      | a SACK option that runs past the end   | nop; nop; malformed 5 1200000064000000c8       |
      | timestamps that run past the end       | nop; nop; malformed 8 0c0000000100000002       |
      | SACK before an option of length 0      | sack 100-200; malformed 253 00                 |
      | SACK after an option of length 0       | malformed 253 00050a00000064000000c8           |
      | SACK after an option of length 1       | malformed 253 01050a00000064000000c8           |

  @needs-TS
  Scenario: PRISM-SEQ-10 timestamps are shifted by the rule's timestamp deltas
    Then for any segment of the client under SPLICE with timestamps, its timestamps are shifted

  @needs-TS @needs-REVERSE
  Scenario: PRISM-SEQ-10 timestamps are shifted on the way back
    Then for any segment of the owner under SPLICE with timestamps, its timestamps are shifted

  @needs-TS
  Scenario: PRISM-SEQ-10 timestamps stay where the timestamp deltas are 0
    Then for any segment of the client under SPLICE, its timestamps are unchanged

  @needs-TS @needs-DELTAS
  Scenario Outline: PRISM-SEQ-10 timestamps behind <before> are shifted
    Given backend 1 owns the client's connection with the deltas
      | client timestamp | 10  |
      | owner timestamp  | 300 |
    When the client sends a segment with
      | flags   | A                        |
      | options | <before>; timestamps 1/2; <after> |
    Then it leaves with
      | options | <before>; timestamps 11/302; <after> |
    And its TCP checksum is right

    Examples:
      | before                   | after    |
      | nop                      | nop      |
      | unknown 253 000000000000 | nop; nop |

  @needs-TS
  Scenario Outline: PRISM-SEQ-07 timestamps of <octets> octets are none, and leave as they came
    Given backend 1 owns the client's connection with the deltas
      | client timestamp | 10  |
      | owner timestamp  | 300 |
    When the client sends a segment with the options "<options>"
    Then it leaves as the rule says, or is punted, or no frame leaves

    Examples:
      | octets | options                              |
      | 4      | nop; nop; unknown 8 0001; nop; nop   |
      | 6      | nop; nop; unknown 8 00000001         |
      | 12     | unknown 8 00000001000000020000       |

  @needs-TS @needs-DELTAS
  Scenario Outline: PRISM-SEQ-10 timestamps <in> of a segment with <flags> leave as <out>
    Given backend 1 owns the client's connection with the deltas
      | client timestamp | 10         |
      | owner timestamp  | 0xffffff00 |
    When the client sends a segment with
      | flags   | <flags>                    |
      | options | nop; nop; timestamps <in>  |
    Then it leaves with
      | options | nop; nop; timestamps <out> |
    And its TCP checksum is right

    Examples:
      | flags | in             | out            |
      | A     | 1/300          | 11/44          |
      | PA    | 4294967290/256 | 4/0            |
      | A     | 0/1            | 10/4294967041  |

  @needs-WS
  Scenario: PRISM-SEQ-12 the window is converted between the two scales
    Then for any segment of the client under SPLICE with window scaling, its window is converted

  @needs-WS @needs-REVERSE
  Scenario: PRISM-SEQ-12 the window is converted on the way back
    Then for any segment of the owner under SPLICE with window scaling, its window is converted

  @needs-WS
  Scenario Outline: PRISM-SEQ-12 window <in> in a <flags> segment, scale <from> to <to>, leaves as <out>
    Given backend 1 owns the client's connection with the deltas
      | client window | <from> <to> |
    When the client sends a segment with
      | flags  | <flags> |
      | window | <in>    |
    Then it leaves with
      | window | <out> |
    And its TCP checksum is right

    Examples:
      | flags | in    | from | to | out   |
      | A     | 1000  | 7    | 7  | 1000  |
      | A     | 1000  | 7    | 8  | 500   |
      | A     | 1001  | 7    | 8  | 500   |
      | A     | 1     | 0    | 14 | 0     |
      | A     | 65535 | 0    | 14 | 3     |
      | A     | 4     | 14   | 0  | 65535 |
      | A     | 3     | 14   | 0  | 49152 |
      | A     | 65535 | 14   | 14 | 65535 |
      | S     | 1000  | 7    | 8  | 1000  |
      | SA    | 1000  | 7    | 8  | 1000  |

  @needs-WS
  Scenario: PRISM-SEQ-13 no more window is advertised than was granted
    Then however the window is converted, it grants no more octets than the client did
