Feature: A connection closes through the switch

  A FIN takes one sequence number and ends one direction only; the other may go on for as long as it
  likes (RFC 9293 section 3.6). The rule is needed until both FINs are acknowledged: before that, each
  may have to be sent again.

  Scenario Outline: PRISM-FIN-01 a FIN of the client with flags <flags> and <length> octets reaches the owner
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | 0xfffffffe |
      | ack    | 2000       |
      | flags  | <flags>    |
      | length | <length>   |
    Then it leaves with
      | destination address | 10.0.0.21  |
      | destination port    | 8080       |
      | seq                 | 0xfffffffe |
      | ack                 | 2000       |
      | flags               | <flags>    |
    And it leaves as the rule says

    Examples:
      | flags | length |
      | FA    | 0      |
      | FA    | 1      |
      | FPA   | 100    |
      | FPA   | 1460   |
      | FPAU  | 3      |

  Scenario Outline: PRISM-FIN-01 a FIN of the owner with flags <flags> and <length> octets reaches the client
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with
      | seq    | 0xfffffffe |
      | ack    | 1000       |
      | flags  | <flags>    |
      | length | <length>   |
    Then it leaves with
      | source address | 198.51.100.1 |
      | source port    | 80           |
      | seq            | 0xfffffffe   |
      | ack            | 1000         |
      | flags          | <flags>      |
    And it leaves as the rule says

    Examples:
      | flags | length |
      | FA    | 0      |
      | FA    | 1      |
      | FPA   | 100    |
      | FPA   | 1460   |

  @needs-SPLICE
  Scenario Outline: PRISM-FIN-01 a FIN of the client at <seq> with <length> octets is shifted to <seq out>
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 5000 |
    When the client sends a segment with
      | seq    | <seq>    |
      | ack    | <ack>    |
      | flags  | FA       |
      | length | <length> |
    Then it leaves with
      | seq   | <seq out> |
      | ack   | <ack out> |
      | flags | FA        |
    And it leaves as the rule says

    Examples:
      | seq        | length | seq out | ack        | ack out |
      | 1000       | 0      | 6000    | 2000       | 7000    |
      | 1000       | 33     | 6000    | 2000       | 7000    |
      | 0xffffffff | 0      | 4999    | 0xfffffff0 | 4984    |

  @needs-SPLICE
  Scenario Outline: PRISM-FIN-01 a FIN of the owner at <seq> with <length> octets is shifted back to <seq out>
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 5000 |
    When backend 1 sends a segment with
      | seq    | <seq>    |
      | ack    | <ack>    |
      | flags  | FA       |
      | length | <length> |
    Then it leaves with
      | seq   | <seq out> |
      | ack   | <ack out> |
      | flags | FA        |
    And it leaves as the rule says

    Examples:
      | seq  | length | seq out    | ack  | ack out    |
      | 7000 | 0      | 2000       | 6000 | 1000       |
      | 7000 | 33     | 2000       | 6000 | 1000       |
      | 4999 | 0      | 0xffffffff | 4984 | 0xfffffff0 |

  Scenario Outline: PRISM-FIN-02 after the client's FIN, response segments of <octets> octets still flow
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 2000 |
      | flags | FA   |
    Then it leaves as the rule says
    When backend 1 sends 50 segments of <octets> octets from sequence number 2000, acknowledging 1001
    Then 50 frames leave
    And it leaves as the rule says
    When the client at 1001 acknowledges each of 50 segments of <octets> octets from 2000
    Then 50 frames leave
    And it leaves as the rule says
    When backend 1 sends a segment with
      | seq   | 90000 |
      | ack   | 1001  |
      | flags | FA    |
    Then one frame leaves, at the client

    Examples:
      | octets |
      | 1      |
      | 1460   |

  @needs-SPLICE
  Scenario: PRISM-FIN-02 after the client's FIN, response data still flow under SPLICE
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 5000 |
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 2000 |
      | flags | FA   |
    Then it leaves as the rule says
    When backend 1 sends 50 segments of 1460 octets from sequence number 7000, acknowledging 6001
    Then 50 frames leave
    And it leaves as the rule says
    When the client at 1001 acknowledges each of 50 segments of 1460 octets from 2000
    Then 50 frames leave
    And it leaves as the rule says

  Scenario: PRISM-FIN-02 after the owner's FIN, data of the client still flow
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with
      | seq   | 2000 |
      | ack   | 1000 |
      | flags | FA   |
    Then it leaves as the rule says
    When the client sends 50 segments of 1000 octets from sequence number 1000, acknowledging 2001
    Then 50 frames leave
    And it leaves as the rule says
    When backend 1 at 2001 acknowledges each of 50 segments of 1000 octets from 1000
    Then 50 frames leave
    And it leaves as the rule says

  Scenario Outline: PRISM-FIN-03 <closer> closes first, the last acknowledgment is lost, the FIN comes again
    Given backend 1 owns the client's connection
    When <closer> sends a segment with
      | seq   | 1000 |
      | ack   | 5000 |
      | flags | FA   |
    And <other> sends a segment with
      | seq   | 5000 |
      | ack   | 1001 |
      | flags | A    |
    And <other> sends a segment with
      | seq   | 5000 |
      | ack   | 1001 |
      | flags | FA   |
    Then it leaves as the rule says
    When <other> sends a segment with
      | seq   | 5000 |
      | ack   | 1001 |
      | flags | FA   |
    Then it leaves as the rule says
    When <closer> sends a segment with
      | seq   | 1001 |
      | ack   | 5001 |
      | flags | A    |
    Then it leaves as the rule says

    Examples:
      | closer     | other      |
      | the client | backend 1  |
      | backend 1  | the client |

  Scenario: PRISM-FIN-03 FINs that cross are both sent again, and both acknowledgments pass
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 5000 |
      | flags | FA   |
    And backend 1 sends a segment with
      | seq   | 5000 |
      | ack   | 1000 |
      | flags | FA   |
    Then it leaves as the rule says
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 5000 |
      | flags | FA   |
    And backend 1 sends a segment with
      | seq   | 5000 |
      | ack   | 1000 |
      | flags | FA   |
    Then it leaves as the rule says
    When the client sends a segment with
      | seq   | 1001 |
      | ack   | 5001 |
      | flags | A    |
    Then it leaves as the rule says
    When backend 1 sends a segment with
      | seq   | 5001 |
      | ack   | 1001 |
      | flags | A    |
    Then it leaves as the rule says

  Scenario: PRISM-FIN-03 a FIN that overtook data does not cut them off
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq   | 1100 |
      | ack   | 5000 |
      | flags | FA   |
    And backend 1 sends a segment with
      | seq   | 5000 |
      | ack   | 1000 |
      | flags | FA   |
    Then it leaves as the rule says
    When the client sends a segment with
      | seq    | 1000 |
      | ack    | 5001 |
      | flags  | PA   |
      | length | 100  |
    Then it leaves as the rule says
    When backend 1 sends a segment with
      | seq   | 5001 |
      | ack   | 1101 |
      | flags | A    |
    Then it leaves as the rule says

  @needs-SPLICE
  Scenario: PRISM-FIN-03 under SPLICE the FIN that comes again is shifted as before
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 5000 |
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 2000 |
      | flags | FA   |
    And backend 1 sends a segment with
      | seq   | 7000 |
      | ack   | 6000 |
      | flags | FA   |
    Then it leaves as the rule says
    When backend 1 sends a segment with
      | seq   | 7000 |
      | ack   | 6000 |
      | flags | FA   |
    Then it leaves with
      | seq | 2000 |
      | ack | 1000 |
    And one frame leaves, at the client
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 2001 |
      | flags | FA   |
    Then it leaves with
      | seq | 6000 |
      | ack | 7001 |
    And one frame leaves, at backend 1

  @needs-RULES
  Scenario: PRISM-FIN-03 the rule is listed after both FINs, until they are acknowledged
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 5000 |
      | flags | FA   |
    And backend 1 sends a segment with
      | seq   | 5000 |
      | ack   | 1001 |
      | flags | FA   |
    Then it leaves as the rule says
    And the rule is listed as it was set
