@system
Feature: A client may reset its connection at any moment, and nothing is left of it

  Scenario Outline: PRISM-RST-05 a reset <when> leaves no rule
    Given the first <late> is 20 ms late
    When the client sends "GET /a/1000"
    And the client resets the connection <when>
    Then no rule is left
    And no request is executed twice, or by a backend that the policy does not name

    Examples:
      | when                               | late         |
      | at once                            | add          |
      | when the first add is sent         | add          |
      | when the first add arrives         | reply to add |
      | when the first reply to add is sent | reply to add |

  Scenario Outline: PRISM-RST-05 a reset before the hand-off leaves no rule: <what>
    When the client sends the octets "<octets>"
    And the client resets the connection after <ms> ms
    Then no rule is left
    And no backend executes anything

    Examples:
      | what             | octets                                    | ms |
      | in a method      | GET                                       | 0  |
      | in a header      | GET /a/10 HTTP/1.1\r\nHost: site.test\r\n | 20 |

  Scenario Outline: PRISM-RST-06 a reset that is lost in the lock ends connection and rule: when the first <moment>, locked packets <lock>
    Given locked packets are <lock>
    And the first <late> is 20 ms late
    When the client sends "GET /a/1000"
    And the client resets the connection when the first <moment>
    Then no rule is left
    And no request is executed twice, or by a backend that the policy does not name

    Examples:
      | moment                 | late           | lock    |
      | reply to add arrives   | offer          | dropped |
      | reply to add arrives   | offer          | held    |
      | offer arrives          | imported       | dropped |
      | imported arrives       | chown          | dropped |
      | imported arrives       | chown          | held    |
      | chown arrives          | reply to chown | dropped |
      | reply to chown arrives | commit         | dropped |
      | commit is sent         | commit         | held    |

  Scenario Outline: PRISM-RST-06 a reset between two backends ends connection and rule: when the second <moment>
    Given the second offer is 20 ms late
    When the client sends "GET /a/1000, GET /b/1000"
    And the client resets the connection when <moment>
    Then no rule is left
    And no request is executed twice, or by a backend that the policy does not name

    Examples:
      | moment                   |
      | the first lock is sent   |
      | the first lock arrives   |
      | the first export is sent |
      | the second offer is sent |
      | the second chown arrives |

  Scenario: PRISM-RST-06 a reset of the client reaches the backend that answers it
    When the client sends "GET /a/500000"
    And the client resets the connection once it has 50000 octets
    Then the client's reset reaches backend 1
    And no rule is left

  Scenario Outline: PRISM-RST-08 the port can be used again <when>
    When the client sends "<request>"
    And the client <deed>
    And the client connects from the same port again <again>
    And the client sends "GET /b/2000, GET /b/100"
    And the client closes the connection after 1000 ms
    Then the answer to "/b/2000" is whole
    And the answer to "/b/100" is whole
    And no rule is left

    Examples:
      | when                           | request          | deed                                                | again                                 |
      | after a reset in an answer     | GET /a/500000    | resets the connection once it has 50000 octets      | after 1000 ms                         |
      | after a reset behind an answer | GET /a/1000      | resets the connection once it has all answers       | after 1000 ms                         |
      | after the server has closed    | GET /a/1000?last | closes the connection once the server has closed    | after 1000 ms                         |
      | as soon as the rule is gone    | GET /a/1000      | resets the connection once it has all answers       | when the first reply to delete is sent |
