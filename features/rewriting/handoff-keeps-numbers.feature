Feature: A HANDOFF rule leaves numbers alone

  Scenario: PRISM-SEQ-03 sequence and acknowledgment numbers of the client stay
    Then for any segment of the client under HANDOFF, its sequence and acknowledgment numbers are unchanged

  Scenario: PRISM-SEQ-03 SACK blocks of the client stay
    Then for any segment of the client under HANDOFF, its SACK edges are unchanged

  @needs-REVERSE
  Scenario: PRISM-SEQ-03 numbers of the owner stay
    Then for any segment of the owner under HANDOFF, its sequence and acknowledgment numbers are unchanged

  Scenario: PRISM-SEQ-03 literal numbers stay
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq     | 0xfffffffe                         |
      | ack     | 0x7fffffff                         |
      | options | nop; nop; sack 2147483700-2147483800 |
    Then it leaves with
      | seq     | 0xfffffffe                         |
      | ack     | 0x7fffffff                         |
      | options | nop; nop; sack 2147483700-2147483800 |
