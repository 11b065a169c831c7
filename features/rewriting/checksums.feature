Feature: Checksums stay right where they were right, and wrong where they were wrong

  A checksum protects a segment from end to end. A switch that computes it anew from what it has in
  its hands would vouch for octets that were damaged on the way.

  Scenario: PRISM-REW-04 the IPv4 header checksum verifies
    Then for any segment of the client under HANDOFF, its IPv4 header checksum is right

  @needs-REVERSE
  Scenario: PRISM-REW-04 the IPv4 header checksum verifies on the way back
    Then for any segment of the owner under HANDOFF, its IPv4 header checksum is right

  Scenario: PRISM-REW-04 no carry is lost from the IPv4 header checksum
    Given backend 1 owns the client's connection
    When the client sends segments whose IPv4 checksum has to leave near 0000 and ffff
    Then its IPv4 header checksum is right

  @needs-REVERSE
  Scenario: PRISM-REW-04 no carry is lost from the IPv4 header checksum on the way back
    Given backend 1 owns the client's connection
    When backend 1 sends segments whose IPv4 checksum has to leave near 0000 and ffff
    Then its IPv4 header checksum is right

  Scenario: PRISM-REW-05 the TCP checksum verifies
    Then for any segment of the client under HANDOFF, its TCP checksum is right

  @needs-REVERSE
  Scenario: PRISM-REW-05 the TCP checksum verifies on the way back
    Then for any segment of the owner under HANDOFF, its TCP checksum is right

  @needs-SPLICE
  Scenario: PRISM-REW-05 the TCP checksum verifies when numbers are shifted
    Then for any segment of the client under SPLICE, its TCP checksum is right

  @needs-SPLICE @needs-REVERSE
  Scenario: PRISM-REW-05 the TCP checksum verifies when numbers are shifted back
    Then for any segment of the owner under SPLICE, its TCP checksum is right

  Scenario: PRISM-REW-05 no carry is lost from the TCP checksum
    Given backend 1 owns the client's connection
    When the client sends segments whose TCP checksum has to leave near 0000 and ffff
    Then its TCP checksum is right

  @needs-REVERSE
  Scenario: PRISM-REW-05 no carry is lost from the TCP checksum on the way back
    Given backend 1 owns the client's connection
    When backend 1 sends segments whose TCP checksum has to leave near 0000 and ffff
    Then its TCP checksum is right

  @needs-SPLICE
  Scenario: PRISM-REW-05 no carry is lost from the TCP checksum when numbers are shifted
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends segments whose TCP checksum has to leave near 0000 and ffff
    Then its TCP checksum is right

  Scenario: PRISM-REW-05 no carry is lost where what is written sums to one more than what it replaces
    Modulo 65,535 the owner's address and port are one more than the virtual ones, so that the change
    alone, before it meets the checksum, overflows as its carries are added.
    Given backend 1 owns the client's connection at port 8305
    When the client sends segments whose TCP checksum has to leave near 0000 and ffff
    Then its TCP checksum is right

  @needs-REVERSE
  Scenario: PRISM-REW-05 no carry is lost where it sums to one more on the way back
    Given backend 1 owns the client's connection at port 8303
    When backend 1 sends segments whose TCP checksum has to leave near 0000 and ffff
    Then its TCP checksum is right

  Scenario: PRISM-REW-06 an updated IPv4 checksum is 0000 and never ffff
    One packet in 65,536 has this sum, so it is sent on purpose (RFC 1624 section 3).
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | id              | 0x6eaf     |
      | ttl at the exit | 64         |
      | seq             | 0xfffffff0 |
      | ack             | 0x00000010 |
      | flags           | PA         |
      | payload         | 2ce9       |
    Then it leaves with
      | IPv4 checksum | 0x0000 |

  Scenario: PRISM-REW-06 an updated TCP checksum is 0000 and never ffff
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq     | 0xfffffff0 |
      | ack     | 0x00000010 |
      | flags   | PA         |
      | payload | 2ce9       |
    Then it leaves with
      | TCP checksum | 0x0000 |

  @needs-SPLICE @needs-DELTAS
  Scenario: PRISM-REW-06 a TCP checksum updated for shifted numbers is 0000 and never ffff
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 0x89abcdef |
      | owner sequence  | 0x7654fedc |
    When the client sends a segment with
      | seq     | 0xfffffff0 |
      | ack     | 0x00000010 |
      | flags   | PA         |
      | payload | 601d       |
    Then it leaves with
      | TCP checksum | 0x0000 |

  @needs-REVERSE
  Scenario: PRISM-REW-06 checksums updated on the way back are 0000 and never ffff
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with
      | id              | 0x4e8f     |
      | ttl at the exit | 64         |
      | seq             | 0xfffffff0 |
      | ack             | 0x00000010 |
      | flags           | PA         |
      | payload         | 2c09       |
    Then it leaves with
      | IPv4 checksum | 0x0000 |
      | TCP checksum  | 0x0000 |

  Scenario: PRISM-REW-06 checksums are those of a full computation
    Then for any segment of the client under HANDOFF, its checksums are those of a full computation

  Scenario: PRISM-REW-07 a wrong TCP checksum stays wrong
    Then for any segment of the client under HANDOFF with a wrong TCP checksum, it is still wrong or no frame leaves

  @needs-SPLICE
  Scenario: PRISM-REW-07 a wrong TCP checksum stays wrong when numbers are shifted
    Then for any segment of the client under SPLICE with a wrong TCP checksum, it is still wrong or no frame leaves

  @needs-REVERSE
  Scenario: PRISM-REW-07 a wrong TCP checksum stays wrong on the way back
    Then for any segment of the owner under HANDOFF with a wrong TCP checksum, it is still wrong or no frame leaves

  @needs-SPLICE @needs-REVERSE
  Scenario: PRISM-REW-07 a wrong TCP checksum stays wrong when numbers are shifted back
    Then for any segment of the owner under SPLICE with a wrong TCP checksum, it is still wrong or no frame leaves

  Scenario: PRISM-REW-08 a wrong IPv4 header checksum stays wrong
    Then for any segment of the client under HANDOFF with a wrong IPv4 checksum, it is still wrong or no frame leaves

  @needs-REVERSE
  Scenario: PRISM-REW-08 a wrong IPv4 header checksum stays wrong on the way back
    Then for any segment of the owner under HANDOFF with a wrong IPv4 checksum, it is still wrong or no frame leaves

  Scenario Outline: PRISM-REW-09 a segment with <octets> octets of payload checksums correctly
    Given backend 1 owns the client's connection
    When the client sends a segment of <octets> octets
    Then its TCP checksum is right

    Examples:
      | octets |
      | 1      |
      | 3      |
      | 5      |
      | 7      |
      | 535    |
      | 1459   |

  Scenario Outline: PRISM-REW-10 Ethernet padding of <octet> after <payload> octets is no part of the segment
    Given backend 1 owns the client's connection
    When the client sends a segment of <payload> octets in a frame padded to 60 octets with <octet>
    Then it leaves as the rule says

    Examples:
      | payload | octet |
      | 0       | 0xff  |
      | 1       | 0xff  |
      | 1       | 0x01  |
      | 4       | 0xa5  |
      | 5       | 0x80  |
