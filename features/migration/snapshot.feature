@system
Feature: What one owner knows of a connection the next one knows too

  Scenario Outline: PRISM-MIG-03 octets that come before, in and after the lock are not acknowledged for nothing: <moment>, locked packets <lock>
    Given locked packets are <lock>
    And the <late> is 20 ms late
    When the client sends "POST /a/1000 with 4000 octets", the rest from octet 2000 on when the first <moment>
    Then before the new owner speaks the client sees no acknowledgment of what that does not know
    And every answer is whole and in order

    Examples:
      | moment                 | late               | lock    |
      | add is sent            | first add          | dropped |
      | add arrives            | first reply to add | dropped |
      | add arrives            | first reply to add | held    |
      | reply to add arrives   | first offer        | dropped |
      | offer is sent          | first offer        | held    |
      | offer is sent          | first offer        | dropped |
      | chown is sent          | first chown        | dropped |
      | reply to chown arrives | first commit       | dropped |

  Scenario: PRISM-MIG-03 at the second migration neither
    Given the second offer is 20 ms late
    When the client sends "GET /a/3000"
    And the client sends "POST /b/100 with 4000 octets", the rest from octet 2000 on when the second offer is sent
    Then every answer is whole and in order
    And the captures show nothing wrong

  Scenario Outline: PRISM-MIG-04 the old owner is silent from the lock to the next owner, also when data come in <moment>
    Given the first offer is 300 ms late
    When the client sends "POST /a/1000 with 4000 octets", the rest from octet 2000 on when the first <moment>
    Then nothing of the controller reaches the client between "reply to add sent" and the next owner
    And no segment with RST reaches the client
    And every answer is whole and in order

    Examples:
      | moment               |
      | add arrives          |
      | reply to add arrives |
      | offer is sent        |

  Scenario: PRISM-MIG-04 the captures show no segment of an owner that has lost the connection
    When the client sends "GET /a/30000, GET /b/30000, GET /a/10"
    Then the captures show nothing wrong

  Scenario: PRISM-MIG-05 what was acknowledged stays acknowledged at each owner
    When the client sends "POST /a/10 with 5000 octets, POST /b/10 with 6000 octets, POST /a/10 with 7000 octets"
    Then the captures show that PRISM-MIG-05 is kept

  Scenario Outline: PRISM-MIG-06 octets that were acknowledged and not read survive: a cut at octet <cut> of the second request
    When the client sends "GET /a/100?think=10"
    And the client sends "POST /b/100 with 50 octets", the rest from octet <cut> on after 5 ms
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And the content of every request reaches its server to the octet

    Examples:
      | cut |
      | 1   |
      | 10  |
      | 40  |
      | 60  |
      | 70  |

  Scenario: PRISM-MIG-06 half a request waits at the controller, and goes with the first
    When the client sends "GET /a/10, POST /b/100 with 3000 octets", the rest from octet 1500 on after 30 ms
    Then every answer is whole and in order
    And the content of every request reaches its server to the octet

  Scenario: PRISM-MIG-06 an octet more arrives each time that a message is sent
    Given every offer is 5 ms late
    And every reply to add is 5 ms late
    When the client sends "GET /a/100, POST /b/100 with 3000 octets", the rest from octet 50 on when the first add is sent
    Then every answer is whole and in order
    And the content of every request reaches its server to the octet

  Scenario Outline: PRISM-MIG-07 an answer that is not acknowledged stays with the client when the owner changes: <octets> octets
    When the client sends "GET /a/<octets>"
    And the client stops acknowledging at once
    And the client sends "GET /b/100" once it has <octets> octets
    And the client acknowledges again after 400 ms
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And the captures show nothing wrong

    Examples:
      | octets |
      | 10     |
      | 1000   |
      | 5000   |

  Scenario: PRISM-MIG-07 an answer that the client has no room for stays with it when the owner changes
    Given the client has room for 3000 octets
    When the client sends "GET /a/20000, GET /b/5000"
    And the client stops reading once it has 4000 octets
    And the client reads on after 2000 ms
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left

  Scenario: PRISM-MIG-07 an answer that is lost on the way comes again after the owner has changed
    Given 10 of 100 frames and messages are lost, and as many come twice
    When the client sends "GET /a/30000, GET /b/30000, GET /a/20000, GET /b/1"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

  Scenario Outline: PRISM-MIG-08 a client that offers <what> gets nothing that it did not offer
    Given the client offers <what>
    When the client sends "GET /a/30000, GET /b/30000, GET /a/100"
    Then the captures show that PRISM-MIG-08 is kept
    And every answer is whole and in order

    Examples:
      | what               |
      | no window scale    |
      | no SACK            |
      | no timestamps      |
      | no options at all  |

  Scenario: PRISM-MIG-08 a client that offers all options gets them from every owner
    When the client sends "GET /a/30000, GET /b/30000, GET /a/100"
    Then the captures show that PRISM-MIG-08 is kept

  Scenario Outline: PRISM-MIG-09 no owner sends segments of more than <mss> octets to a client whose MSS that is
    Given the client offers an MSS of <mss>
    When the client sends "GET /a/30000, GET /b/30000"
    Then no segment to the client carries more than <mss> octets
    And every answer is whole and in order

    Examples:
      | mss  |
      | 536  |
      | 1000 |

  Scenario: PRISM-MIG-10 the new owner sends no payload before the switch has confirmed it
    Given the first chown is 20 ms late
    When the client sends "GET /a/30000, GET /b/10"
    Then no payload of a backend reaches the switch before "reply to chown sent"
    And every answer is whole and in order

  Scenario: PRISM-MIG-16 a migration takes less than a second
    When the client sends "GET /a/3000, GET /b/3000, GET /a/10"
    Then the new owner is heard less than 1000 ms after the old one
    And every answer is whole and in order

  Scenario: PRISM-MIG-16 also with data in the lock that are dropped
    When the client sends "GET /a/3000"
    And the client sends "POST /b/100 with 3000 octets", the rest from octet 200 on when the second offer is sent
    Then the new owner is heard less than 1000 ms after the old one
    And every answer is whole and in order

  Scenario: PRISM-SEQ-11 the client's timestamps never go back over three owners
    When the client sends "GET /a/30000, GET /b/30000, GET /a/100"
    Then the captures show that PRISM-SEQ-11 is kept
    And every answer is whole and in order

  Scenario: PRISM-SEQ-14 the window's right edge does not go back over three owners
    Given the client offers no window scale
    When the client sends "POST /a/100 with 3000 octets, POST /b/100 with 30000 octets, GET /a/100"
    Then the right edge of the window never goes back at a client without window scale
    And the client's connection goes to backend 1, then backend 2, then backend 1

  Scenario: PRISM-SEQ-15 each new owner goes on at the octet where the old one stopped
    When the client sends "GET /a/30000, GET /b/30000, GET /a/100"
    Then the captures show that PRISM-SEQ-15 is kept
    And every answer is whole and in order
