Feature: A reset that the owner would not take ends nothing

  Who knows the addresses and ports of a connection can send resets with guessed sequence numbers.
  The owner ignores those outside its window and challenges those inside (RFC 5961 section 3.2). A
  switch that forgets the rule for them does the attacker's work.

  Scenario Outline: PRISM-RST-03 after a RST <where> with flags <flags> the client's data still flow
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | 1000 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 10   |
    Then it leaves as the rule says
    When the client sends a segment with
      | seq   | <seq>   |
      | ack   | <ack>   |
      | flags | <flags> |
    Then whatever became of it is put aside
    When the client sends a segment with
      | seq    | 1010 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 20   |
    Then it leaves as the rule says

    Examples:
      | where                  | flags | seq        | ack  |
      | half the space away    | R     | 0x80000000 | 0    |
      | half the space away    | RA    | 0x80000000 | 2000 |
      | far below the window   | R     | 0xc0000000 | 0    |
      | before the first octet | R     | 900        | 0    |
      | before the first octet | RA    | 900        | 2000 |

  @needs-REVERSE
  Scenario Outline: PRISM-RST-03 after a RST <where> both directions still flow
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | 1000 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 10   |
    And backend 1 sends a segment with
      | seq    | 2000 |
      | ack    | 1010 |
      | flags  | PA   |
      | length | 30   |
    Then it leaves as the rule says
    When the client sends a segment with
      | seq   | <seq> |
      | flags | R     |
    Then whatever became of it is put aside
    When backend 1 sends a segment with
      | seq    | 2030 |
      | ack    | 1010 |
      | flags  | PA   |
      | length | 40   |
    And the client sends a segment with
      | seq    | 1010 |
      | ack    | 2070 |
      | flags  | PA   |
      | length | 20   |
    Then it leaves as the rule says

    Examples:
      | where                          | seq        |
      | one octet below the window     | 1009       |
      | at the first octet of the past | 1000       |
      | far above the largest window   | 0x50000000 |

  @needs-REVERSE
  Scenario: PRISM-RST-03 after a RST from the owner's side outside the window both directions still flow
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with
      | seq    | 2000 |
      | ack    | 1000 |
      | flags  | PA   |
      | length | 30   |
    Then it leaves as the rule says
    When backend 1 sends a segment with
      | seq   | 0x80000000 |
      | flags | R          |
    Then whatever became of it is put aside
    When backend 1 sends a segment with
      | seq    | 2030 |
      | ack    | 1000 |
      | flags  | PA   |
      | length | 40   |
    And the client sends a segment with
      | seq    | 1000 |
      | ack    | 2070 |
      | flags  | PA   |
      | length | 20   |
    Then it leaves as the rule says

  Scenario: PRISM-RST-03 a thousand guesses all over the sequence space change nothing
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | 1000 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 10   |
    Then it leaves as the rule says
    When the client sends 1000 resets, none within a quarter of the sequence space of 1010
    Then whatever became of it is put aside
    When the client sends a segment with
      | seq    | 1010 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 20   |
    Then it leaves as the rule says

  @needs-MATCH
  Scenario: PRISM-RST-03 a RST that somebody else forges changes nothing
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | 1000 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 10   |
    Then it leaves as the rule says
    When the other client forges a segment of the client with
      | seq   | 0x80000000 |
      | flags | R          |
    Then whatever became of it is put aside
    When the client sends a segment with
      | seq    | 1010 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 20   |
    Then it leaves as the rule says

  @needs-SPLICE
  Scenario: PRISM-RST-03 a RST whose number is right only for the owner changes nothing
    What the owner counts as 0x800003f2 is 1010 to the client; this RST says 0x800003f2 to the client's side.
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 0x80000000 |
      | owner sequence  | 0x80000000 |
    When the client sends a segment with
      | seq    | 1000 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 10   |
    Then it leaves as the rule says
    When the client sends a segment with
      | seq   | 0x800003f2 |
      | flags | R          |
    Then whatever became of it is put aside
    When the client sends a segment with
      | seq    | 1010 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 20   |
    Then it leaves as the rule says

  @needs-RULES
  Scenario: PRISM-RST-03 the rule is listed as before
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq   | 0x80000000 |
      | flags | R          |
    Then whatever became of it is put aside
    And the rule is listed as it was set

  Scenario Outline: PRISM-RST-07 the owner's challenge to a RST inside the window reaches the client with flags <flags>
    Given backend 1 owns the client's connection
    When the client sends a segment with
      | seq    | 1000 |
      | ack    | 2000 |
      | flags  | PA   |
      | length | 10   |
    And backend 1 sends a segment with
      | seq   | 2000 |
      | ack   | 1010 |
      | flags | A    |
    Then it leaves as the rule says
    When the client sends a segment with
      | seq   | 1200    |
      | ack   | 2000    |
      | flags | <flags> |
    Then whatever became of it is put aside
    When backend 1 sends a segment with
      | seq   | 2000 |
      | ack   | 1010 |
      | flags | A    |
    Then it leaves with
      | source address | 198.51.100.1 |
      | source port    | 80           |
      | seq            | 2000         |
      | ack            | 1010         |
      | flags          | A            |
    And one frame leaves, at the client
    When the client sends a segment with
      | seq   | 1010 |
      | flags | R    |
    Then one frame leaves, at backend 1

    Examples:
      | flags |
      | R     |
      | RA    |
      | S     |
      | SA    |

  @needs-SPLICE
  Scenario Outline: PRISM-RST-07 the owner's challenge to a <flags> segment is shifted like any acknowledgment
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 5000 |
      | owner sequence  | 5000 |
    When the client sends a segment with
      | seq   | 1200    |
      | ack   | 2000    |
      | flags | <flags> |
    Then whatever became of it is put aside
    When backend 1 sends a segment with
      | seq   | 7000 |
      | ack   | 6010 |
      | flags | A    |
    Then it leaves with
      | source address | 198.51.100.1 |
      | seq            | 2000         |
      | ack            | 1010         |
    And it leaves as the rule says

    Examples:
      | flags |
      | R     |
      | S     |

  Scenario: PRISM-RST-07 the client's challenge to a RST inside its window reaches the owner
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with
      | seq    | 2000 |
      | ack    | 1000 |
      | flags  | PA   |
      | length | 10   |
    And the client sends a segment with
      | seq   | 1000 |
      | ack   | 2010 |
      | flags | A    |
    Then it leaves as the rule says
    When backend 1 sends a segment with
      | seq   | 2200 |
      | ack   | 1000 |
      | flags | R    |
    Then whatever became of it is put aside
    When the client sends a segment with
      | seq   | 1000 |
      | ack   | 2010 |
      | flags | A    |
    Then it leaves with
      | destination address | 10.0.0.21 |
      | destination port    | 8080      |
      | seq                 | 1000      |
      | ack                 | 2010      |
    And one frame leaves, at backend 1
