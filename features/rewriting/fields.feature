Feature: Every other field of a packet passes as it came

  Scenario Outline: PRISM-REW-11 a TCP header of <words> words is translated, its options intact
    Given backend 1 owns the client's connection
    When the client sends a segment with a TCP header of <words> words
    Then one frame leaves
    And it leaves as the rule says

    Examples:
      | words |
      | 5     |
      | 6     |
      | 7     |
      | 8     |
      | 9     |
      | 10    |
      | 11    |
      | 12    |
      | 13    |
      | 14    |
      | 15    |

  Scenario Outline: PRISM-REW-12 an IPv4 header of <words> words from the client is translated, or the packet goes nowhere
    Given backend 1 owns the client's connection
    When the client sends a segment with an IPv4 header of <words> words
    Then it leaves as the rule says, or is punted, or no frame leaves

    Examples:
      | words |
      | 6     |
      | 7     |
      | 8     |
      | 10    |
      | 15    |

  @needs-REVERSE
  Scenario Outline: PRISM-REW-12 an IPv4 header of <words> words from the owner is translated, or the packet goes nowhere
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with an IPv4 header of <words> words
    Then it leaves as the rule says, or is punted, or no frame leaves

    Examples:
      | words |
      | 6     |
      | 7     |
      | 15    |

  @needs-IPOPT
  Scenario Outline: PRISM-REW-12 a device that claims IPOPT translates an IPv4 header of <words> words
    Given backend 1 owns the client's connection
    When the client sends a segment with an IPv4 header of <words> words
    Then it leaves as the rule says

    Examples:
      | words |
      | 6     |
      | 11    |
      | 15    |

  Scenario: PRISM-REW-13 all 256 values of the traffic class octet pass
    Given backend 1 owns the client's connection
    When the client sends a segment with each value of DSCP and ECN
    Then its DSCP, ECN, identification and DF are unchanged

  Scenario Outline: PRISM-REW-13 identification <id> with DF <df> passes
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | id | <id> |
      | df | <df> |
    Then its DSCP, ECN, identification and DF are unchanged

    Examples:
      | id     | df |
      | 0x0000 | 1  |
      | 0xffff | 1  |
      | 0x1234 | 1  |

  Scenario Outline: PRISM-REW-14 a TTL of <ttl> stays, or is one less behind a router
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | ttl | <ttl> |
    Then its TTL is unchanged or one less

    Examples:
      | ttl |
      | 255 |
      | 64  |
      | 2   |

  Scenario: PRISM-REW-14 a TTL of 1 never leaves as 0
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | ttl | 1 |
    Then its TTL is unchanged, or a router drops it

  Scenario: PRISM-REW-15 all 4096 values of flags and reserved bits pass
    Given backend 1 owns the client's connection
    When the client sends a segment with each value of flags and reserved bits
    Then its flags, reserved bits, window and urgent pointer are unchanged

  @needs-REVERSE
  Scenario: PRISM-REW-15 all 4096 values of flags and reserved bits pass on the way back
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with each value of flags and reserved bits
    Then its flags, reserved bits, window and urgent pointer are unchanged

  Scenario: PRISM-REW-15 any window and urgent pointer passes
    Then for any segment of the client under HANDOFF, its flags, reserved bits, window and urgent pointer are unchanged

  Scenario: PRISM-REW-16 packets of every size from 40 octets to the MTU pass
    Given backend 1 owns the client's connection
    When the client sends a segment of every size that the MTU allows
    Then as many frames leave as were sent, at backend 1
    And it leaves as the rule says

  @needs-JUMBO
  Scenario: PRISM-REW-16 a device that claims JUMBO passes a packet of 9000 octets
    Given backend 1 owns the client's connection
    When the client sends a segment of 8960 octets
    Then it leaves as the rule says
