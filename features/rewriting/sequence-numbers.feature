@needs-SPLICE
Feature: A SPLICE rule shifts sequence and acknowledgment numbers

  Client and owner count their octets from different numbers. The rule's client delta is what the
  owner counts more than the client for the client's octets, the owner delta the same for the owner's.

  Scenario: PRISM-SEQ-01 the client's numbers are shifted towards the owner
    Then for any segment of the client under SPLICE, its sequence and acknowledgment numbers are shifted

  @needs-REVERSE
  Scenario: PRISM-SEQ-01 the owner's numbers are shifted towards the client
    Then for any segment of the owner under SPLICE, its sequence and acknowledgment numbers are shifted

  @needs-DELTAS @needs-REVERSE
  Scenario: PRISM-SEQ-01 each number is shifted by its own delta
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 1000 |
      | owner sequence  | 70   |
    When the client sends a segment with
      | seq | 5 |
      | ack | 6 |
    Then it leaves with
      | seq | 1005 |
      | ack | 76   |
    And one frame leaves, at backend 1
    When backend 1 sends a segment with
      | seq | 76   |
      | ack | 1005 |
    Then it leaves with
      | seq | 6 |
      | ack | 5 |

  @needs-DELTAS
  Scenario Outline: PRISM-SEQ-02 <seq> + <client delta> and <ack> + <owner delta> wrap around 2^32
    Given backend 1 owns the client's connection with the deltas
      | client sequence | <client delta> |
      | owner sequence  | <owner delta>  |
    When the client sends a segment with
      | seq    | <seq> |
      | ack    | <ack> |
      | flags  | PA    |
      | length | 40    |
    Then it leaves with
      | seq | <seq out> |
      | ack | <ack out> |
    And its TCP checksum is right

    Examples:
      | seq        | client delta | seq out    | ack        | owner delta | ack out    |
      | 0          | 0xffffffff   | 0xffffffff | 1          | 0xffffffff  | 0          |
      | 0xffffffff | 1            | 0          | 0xffffffff | 0xffffffff  | 0xfffffffe |
      | 0x7fffffff | 1            | 0x80000000 | 0x80000000 | 0x80000000  | 0          |
      | 0x80000000 | 0x7fffffff   | 0xffffffff | 0x7fffffff | 0x80000000  | 0xffffffff |
      | 0x0000ffff | 1            | 0x00010000 | 0x1234ffff | 0x00000001  | 0x12350000 |
      | 0xffff0000 | 0x00010000   | 0          | 0x0001ffff | 0xfffe0001  | 0          |
      | 0xffffffe8 | 0            | 0xffffffe8 | 0          | 0           | 0          |
      | 0xfffffff0 | 0x89abcdef   | 0x89abcddf | 0x00000010 | 0x7654fedc  | 0x7654feec |

  @needs-DELTAS @needs-REVERSE
  Scenario Outline: PRISM-SEQ-02 <seq> - <owner delta> and <ack> - <client delta> wrap around 2^32
    Given backend 1 owns the client's connection with the deltas
      | client sequence | <client delta> |
      | owner sequence  | <owner delta>  |
    When backend 1 sends a segment with
      | seq | <seq> |
      | ack | <ack> |
    Then it leaves with
      | seq | <seq out> |
      | ack | <ack out> |
    And its TCP checksum is right

    Examples:
      | seq        | owner delta | seq out    | ack        | client delta | ack out    |
      | 0          | 1           | 0xffffffff | 0          | 0xffffffff   | 1          |
      | 0x80000000 | 0x80000001  | 0xffffffff | 0x7fffffff | 0x80000000   | 0xffffffff |
      | 0x00010000 | 1           | 0x0000ffff | 0x12350000 | 1            | 0x1234ffff |

  Scenario: PRISM-SEQ-09 the urgent pointer is relative and does not move
    Then for any segment of the client under SPLICE, its urgent pointer is unchanged

  Scenario Outline: PRISM-SEQ-09 urgent pointer <urgent> leaves as it came
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment with
      | flags  | UA       |
      | urgent | <urgent> |
      | length | 20       |
    Then it leaves with
      | urgent | <urgent> |

    Examples:
      | urgent |
      | 0      |
      | 1      |
      | 0xffff |

  @needs-RULES
  Scenario Outline: PRISM-SEQ-16 a new <flags> segment is not shifted by a rule that is gone
    Given backend 1 owns the client's connection under a SPLICE rule
    And the controller deletes the rule
    When the client sends an unruled segment with
      | seq   | 0x11223344 |
      | ack   | 0          |
      | flags | <flags>    |
    Then it reaches the controller as it was sent, or goes nowhere

    Examples:
      | flags |
      | S     |
      | SA    |
