Feature: A reset of the client reaches the owner

  A receiver takes a RST only if its sequence number is exactly the one that it waits for
  (RFC 5961 section 3.2). A RST that is shifted wrongly, or swallowed by the switch, leaves the owner
  with a connection that the client has long given up.

  Scenario Outline: PRISM-RST-01 a RST with flags <flags> at <seq> arrives at the owner as it was numbered
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | <seq>   |
      | ack    | <ack>   |
      | flags  | <flags> |
      | window | 0       |
    Then it leaves with
      | source address      | 192.0.2.10 |
      | source port         | 40000      |
      | destination address | 10.0.0.21  |
      | destination port    | 8080       |
      | seq                 | <seq>      |
      | flags               | <flags>    |
      | window              | 0          |
    And its TCP checksum is right

    Examples:
      | flags | seq        | ack        |
      | R     | 0          | 0          |
      | R     | 0x7fffffff | 0          |
      | R     | 0xffffffff | 0          |
      | RA    | 0x80000000 | 0x12345678 |

  @needs-SPLICE
  Scenario Outline: PRISM-RST-01 a RST with flags <flags> at <seq> is shifted by <delta> to <seq out>
    Given backend 1 owns the client's connection with the deltas
      | client sequence | <delta> |
      | owner sequence  | <delta> |
    When the client sends a segment with
      | seq   | <seq>   |
      | ack   | <ack>   |
      | flags | <flags> |
    Then it leaves with
      | destination address | 10.0.0.21 |
      | seq                 | <seq out> |
      | flags               | <flags>   |
    And it leaves as the rule says

    Examples:
      | flags | seq        | ack  | delta      | seq out    |
      | R     | 1000       | 0    | 5000       | 6000       |
      | R     | 0xffffffff | 0    | 1          | 0          |
      | R     | 0          | 0    | 0xffffffff | 0xffffffff |
      | R     | 0x80000000 | 0    | 0x80000000 | 0          |
      | R     | 0x0000ffff | 0    | 0x00000001 | 0x00010000 |
      | RA    | 1000       | 2000 | 0x89abcdef | 0x89abd1d7 |

  @needs-SPLICE @needs-DELTAS
  Scenario: PRISM-RST-01 the two numbers of a RST with ACK are shifted by their own deltas
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 70   |
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 2000 |
      | flags | RA   |
    Then it leaves with
      | seq | 6000 |
      | ack | 2070 |
    And one frame leaves, at backend 1

  Scenario Outline: PRISM-RST-02 a RST with flags <flags> right after data is forwarded
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | 1000 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 10   |
    And the client sends a segment with
      | seq   | 1010    |
      | ack   | 2000    |
      | flags | <flags> |
    Then it leaves as the rule says

    Examples:
      | flags |
      | R     |
      | RA    |

  @needs-REVERSE
  Scenario Outline: PRISM-RST-02 a RST of the owner with flags <flags> right after data is forwarded
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with
      | seq    | 2000 |
      | ack    | 1000 |
      | flags  | PA   |
      | length | 10   |
    And backend 1 sends a segment with
      | seq   | 2010    |
      | ack   | 1000    |
      | flags | <flags> |
    Then it leaves as the rule says

    Examples:
      | flags |
      | R     |
      | RA    |

  @needs-REVERSE
  Scenario: PRISM-RST-02 resets that cross each other are both forwarded
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq   | 1000 |
      | flags | R    |
    And backend 1 sends a segment with
      | seq   | 2000 |
      | flags | R    |
    Then it leaves as the rule says

  @needs-REVERSE
  Scenario Outline: PRISM-RST-04 a RST of the owner with flags <flags> comes from the virtual endpoint
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with
      | seq   | 0x01020304 |
      | ack   | 0x0a0b0c0d |
      | flags | <flags>    |
    Then it leaves with
      | source address      | 198.51.100.1 |
      | source port         | 80           |
      | destination address | 192.0.2.10   |
      | destination port    | 40000        |
      | seq                 | 0x01020304   |
      | flags               | <flags>      |
    And its TCP checksum is right

    Examples:
      | flags |
      | R     |
      | RA    |

  @needs-SPLICE @needs-REVERSE
  Scenario Outline: PRISM-RST-04 a RST of the owner at <seq> is shifted back by <delta> to <seq out>
    Given backend 1 owns the client's connection with the deltas
      | client sequence | <delta> |
      | owner sequence  | <delta> |
    When backend 1 sends a segment with
      | seq   | <seq> |
      | ack   | 0     |
      | flags | R     |
    Then it leaves with
      | source address | 198.51.100.1 |
      | seq            | <seq out>    |
      | flags          | R            |
    And it leaves as the rule says

    Examples:
      | seq        | delta      | seq out    |
      | 6000       | 5000       | 1000       |
      | 0          | 1          | 0xffffffff |
      | 0xffffffff | 0xffffffff | 0          |
      | 0x00010000 | 1          | 0x0000ffff |

  @needs-SPLICE @needs-DELTAS @needs-REVERSE
  Scenario: PRISM-RST-04 the two numbers of the owner's RST with ACK are shifted back by their own deltas
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 70   |
    When backend 1 sends a segment with
      | seq   | 2070 |
      | ack   | 6000 |
      | flags | RA   |
    Then it leaves with
      | seq | 2000 |
      | ack | 1000 |
    And one frame leaves, at the client

  Scenario Outline: PRISM-RST-10 a RST of the client with flags <flags> and <length> octets is translated
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | 1000       |
      | ack    | 0xdeadbeef |
      | flags  | <flags>    |
      | length | <length>   |
    Then it leaves as the rule says, its payload with it

    Examples:
      | flags | length |
      | R     | 0      |
      | R     | 1      |
      | R     | 27     |
      | R     | 1460   |
      | RA    | 1      |
      | RA    | 1460   |
      | RPA   | 40     |
      | RU    | 3      |

  @needs-SPLICE
  Scenario Outline: PRISM-RST-10 the numbers of a RST with flags <flags> and <length> octets are shifted
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 5000 |
    When the client sends a segment with
      | seq    | 1000     |
      | ack    | 2000     |
      | flags  | <flags>  |
      | length | <length> |
    Then it leaves with
      | seq | 6000 |
      | ack | 7000 |
    And one frame leaves, at backend 1

    Examples:
      | flags | length |
      | RA    | 9      |
      | RPA   | 0      |
      | RPAU  | 40     |

  @needs-SPLICE
  Scenario Outline: PRISM-RST-10 under SPLICE a RST of the client with flags <flags> and <length> octets is translated
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment with
      | seq    | 0xffffffff |
      | ack    | 0xdeadbeef |
      | flags  | <flags>    |
      | length | <length>   |
    Then it leaves as the rule says, its payload with it

    Examples:
      | flags | length |
      | R     | 0      |
      | R     | 27     |
      | RA    | 27     |
      | RPA   | 1460   |

  @needs-SPLICE @needs-REVERSE
  Scenario Outline: PRISM-RST-10 under SPLICE a RST of the owner with flags <flags> and <length> octets is translated
    Given backend 1 owns the client's connection under a SPLICE rule
    When backend 1 sends a segment with
      | seq    | 5          |
      | ack    | 0xdeadbeef |
      | flags  | <flags>    |
      | length | <length>   |
    Then it leaves as the rule says, its payload with it

    Examples:
      | flags | length |
      | R     | 0      |
      | R     | 27     |
      | RA    | 27     |
