@system
Feature: A connection closes in any order, its rule lingers and goes

  Scenario: PRISM-FIN-04 a FIN that comes again meets the owner, and no reset
    When the client sends "GET /a/1000?last"
    And the client closes the connection once the server has closed
    And the client sends its last FIN again after 100 ms
    Then no segment with RST reaches the client
    And the FIN that came again is acknowledged
    And no rule is left

  Scenario: PRISM-FIN-04 the rule is there when the server's last FIN is acknowledged late
    When the client sends "GET /a/1000 closing"
    And the client stops acknowledging once it has 50 octets
    And the client acknowledges again after 250 ms
    And the client closes the connection once the server has closed
    Then every answer is whole and in order
    And no segment with RST reaches the client
    And no rule is left

  Scenario Outline: PRISM-FIN-05 a FIN that comes when the first <moment> is handled after it has come again, locked packets <lock>
    Given locked packets are <lock>
    And the first <late> is 20 ms late
    When the client sends "GET /a/1000"
    And the client closes its side when the first <moment>
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And the connection ends with a FIN of the server
    And no rule is left

    Examples:
      | moment                 | late           | lock    |
      | add arrives            | reply to add   | dropped |
      | reply to add arrives   | offer          | dropped |
      | reply to add arrives   | offer          | held    |
      | offer arrives          | imported       | dropped |
      | imported arrives       | chown          | held    |
      | chown arrives          | reply to chown | dropped |
      | reply to chown arrives | commit         | dropped |

  Scenario: PRISM-FIN-05 a FIN in the lock of the second migration
    Given the second offer is 20 ms late
    When the client sends "GET /a/1000, GET /b/1000"
    And the client closes its side when the second offer is sent
    Then every answer is whole and in order
    And no rule is left

  Scenario Outline: PRISM-FIN-06 <who> closes first
    When the client sends "<request>"
    And the client closes <what> <when>
    Then every answer is whole and in order
    And the connection ends with a FIN of the server
    And no segment with RST reaches the client
    And no rule is left

    Examples:
      | who                     | request               | what           | when                         |
      | the client              | GET /a/1000           | the connection | once it has all answers      |
      | the server              | GET /a/1000?last      | the connection | once the server has closed   |
      | the server, at length   | GET /b/1000?last      | the connection | after 400 ms                 |
      | the client, half        | GET /a/1000?think=100 | its side       | after 20 ms                  |
      | each at the same moment | GET /a/1000?last      | the connection | once it has all answers      |

  Scenario: PRISM-FIN-06 captures show both FINs translated and acknowledged
    When the client sends "GET /a/1000, GET /b/1000"
    Then the captures show that PRISM-FIN-01 is kept
    And the captures show nothing wrong

  Scenario Outline: PRISM-FIN-07 no rule is left of connections that end in any way: <how>
    When the client sends "<request>"
    And the client <deed> <when>
    And another client sends "GET /b/100, GET /a/3000"
    And a third client sends "GET /a/100?last"
    Then no rule is left

    Examples:
      | how                      | request                 | deed                  | when                    |
      | after the answer         | GET /a/1000             | closes the connection | once it has all answers |
      | in the answer            | GET /a/200000           | closes the connection | once it has 5000 octets |
      | half                     | GET /b/1000             | closes its side       | at once                 |
      | by the server            | GET /a/1000?last        | closes the connection | once the server has closed |
      | by a reset in the answer | GET /b/200000           | resets the connection | once it has 5000 octets |
      | by a reset at once       | GET /b/200000           | resets the connection | at once                 |

  Scenario: PRISM-FIN-07 a client that never closes has no rule for ever after the server has
    When the client sends "GET /a/1000?last"
    And the client leaves the connection open
    Then no rule is left

  Scenario Outline: PRISM-FIN-08 <what> and a FIN lead to no hand-off
    When the client sends the octets "<octets>"
    And the client closes its side at once
    Then no backend executes anything
    And backend 1 hears nothing of the client
    And the client is answered with 4xx, or the connection is closed
    And no rule is left

    Examples:
      | what                   | octets                                    |
      | nothing                |                                           |
      | half a line            | GET /a/1                                  |
      | a line                 | GET /a/1 HTTP/1.1\r\n                     |
      | all but the empty line | GET /a/1 HTTP/1.1\r\nHost: site.test\r\n  |

  Scenario Outline: PRISM-FIN-09 a SYN on the addresses and ports of a connection that <state> has one kind of answer
    When the client sends "<request>"
    And the client <deed>
    And the client sends a SYN from the same port after <ms> ms
    Then the SYN has one kind of answer: SYN-ACK, challenge ACK or RST

    Examples:
      | state                      | request           | deed                                             | ms  |
      | lives                      | GET /a/1000       | leaves the connection open                       | 50  |
      | lingers, the client closed | GET /a/1000       | closes the connection once it has all answers    | 50  |
