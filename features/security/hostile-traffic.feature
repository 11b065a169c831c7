Feature: Traffic cannot make, change or reveal what the controller has not told

  Scenario: PRISM-SEC-05 SYN segments leave the list of rules as it was
    Given backend 1 owns the client's connection
    When SYN segments of 5000 other connections arrive
    Then the device lists 1 rule
    And the connection goes to backend 1

  @needs-CAPACITY
  Scenario: PRISM-SEC-05 SYN segments take no room from rules
    Then after SYN segments of 5000 connections as many rules fit as without them

  Scenario Outline: PRISM-SEC-06 a segment from <end> to itself does not go round
    Given backend 1 owns the client's connection
    When the client sends a segment from <end> to itself
    Then it leaves as it was sent, once, or not at all
    And the connection goes to backend 1

    Examples:
      | end                  |
      | the virtual endpoint |
      | the client           |
      | the owner            |

  Scenario: PRISM-SEC-06 a segment whose new destination is another rule's virtual endpoint is translated once
    Given backend 2 owns the twin to another address
    And the virtual endpoint of the twin to another address, at backend 1, owns the client's connection
    Then a segment of the client's connection is translated once
    And a segment of the twin to another address is translated once, for backend 2
    And a segment of backend 2 is translated once, as from the virtual endpoint of the twin to another address

  Scenario: PRISM-SEC-06 two rules that lead to each other do not make a loop
    Given the virtual endpoint of the twin to another address, at backend 1, owns the client's connection
    And the virtual endpoint of the client's connection, at backend 2, owns the twin to another address
    Then a segment of the client's connection is translated once
    And a segment of the twin to another address is translated once, for the virtual endpoint at backend 2

  Scenario: PRISM-SEC-07 segments with all flags hide the backend
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with each value of flags and reserved bits
    Then no frame at the client shows a backend's address
    And the connection goes to backend 1

  Scenario Outline: PRISM-SEC-07 an IPv4 header of <words> words hides the backend
    Given backend 1 owns the client's connection
    When backend 1 sends a segment with an IPv4 header of <words> words
    Then no frame at the client shows a backend's address

    Examples:
      | words |
      | 6     |
      | 15    |

  @needs-MATCH
  Scenario Outline: PRISM-SEC-07 <packet> hides the backend
    Given backend 1 owns the client's connection
    When backend 1 sends <packet>
    Then no frame at the client shows a backend's address

    Examples:
      | packet                                   |
      | a first fragment                         |
      | a last fragment                          |
      | an ICMP error about the client's segment |

  @needs-RULES @needs-LOCKBOTH
  Scenario: PRISM-SEC-07 a lock hides the backend
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And backend 1 sends a segment
    Then no frame at the client shows a backend's address

  Scenario: PRISM-SEC-08 damaged frames at all ports change no rule, and every rule still translates
    Given backend 1 owns the client's connection under a rule with every delta that the device can do
    And backend 2 owns the twin from another port
    Then 1000000 damaged frames, times the effort of the run, change no rule
    And the connection goes to backend 1
    And the twin from another port goes to backend 2
