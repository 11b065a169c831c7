@system
Feature: Parts refuse, are silent and die, and no client waits for ever

  Scenario Outline: PRISM-MIG-11 <what>, and the client is answered, closed or reset within the bound
    Given backend 1 <what>
    When the client sends "GET /a/1000"
    Then the client has an answer, a close or a reset within the bound
    And the client has whole answers, and of one more at most a part or 5xx
    And no client waits longer than the bound
    And no request is executed twice, or by a backend that the policy does not name
    And no rule is left

    Examples:
      | what                     |
      | refuses every connection |
      | hears no offer           |
      | is down                  |

  Scenario Outline: PRISM-MIG-11 <what>, and a request that either may have is answered
    Given backend 1 <what>
    When the client sends "GET /any/1000, GET /any/2000"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left

    Examples:
      | what                     |
      | refuses every connection |
      | hears no offer           |

  Scenario Outline: PRISM-MIG-11 what comes when the first <moment> and the controller takes the connection back is answered, locked packets <lock>
    Given locked packets are <lock>
    And backend 1 refuses every connection
    And the first reply to chown is 20 ms late
    When the client sends "GET /any/1000"
    And the client sends "POST /any/10 with 3000 octets" when the first <moment>
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left

    Examples:
      | moment           | lock    |
      | offer is sent    | held    |
      | refused is sent  | dropped |
      | chown is sent    | held    |
      | chown arrives    | dropped |

  Scenario Outline: PRISM-MIG-11 backend 1 dies when <moment><back>, and nobody waits for ever
    Given backend 1 dies when the first <moment><back>
    When the client sends "GET /a/1000"
    Then the client has an answer, a close or a reset within the bound
    And the client has whole answers, and of one more at most a part or 5xx
    And no client waits longer than the bound
    And no request is executed twice, or by a backend that the policy does not name
    And no rule is left

    Examples:
      | moment                 | back                      |
      | add is sent            |                           |
      | offer is sent          |                           |
      | offer arrives          |                           |
      | imported arrives       |                           |
      | chown arrives          |                           |
      | reply to chown arrives |                           |
      | commit is sent         |                           |
      | offer is sent          | , and is back after 20 ms |
      | imported arrives       | , and is back after 20 ms |
      | reply to chown arrives | , and is back after 20 ms |

  Scenario Outline: PRISM-MIG-11 the next owner <what> at the second migration
    Given backend 2 <what>
    When the client sends "GET /a/1000, GET /b/1000"
    Then the answer to "/a/1000" is whole
    And the client has whole answers, and of one more at most a part or 5xx
    And no client waits longer than the bound
    And no request is executed twice, or by a backend that the policy does not name
    And no rule is left

    Examples:
      | what                     |
      | refuses every connection |
      | hears no offer           |
      | is down                  |

  Scenario Outline: PRISM-MIG-11 no reply to <message> ever comes, and no lock stays
    Given every reply to <message> is lost
    When the client sends "GET /a/1000"
    And the client sends "GET /a/1" after 3000 ms
    Then the client has whole answers, and of one more at most a part or 5xx
    And no client waits longer than the bound
    And no request is executed twice, or by a backend that the policy does not name
    And no rule is left

    Examples:
      | message |
      | add     |
      | chown   |
      | unlock  |

  Scenario: PRISM-MIG-11 no reply to chown ever comes, and a client that only waits is told
    Given every reply to chown is lost
    When the client sends "GET /a/1000"
    Then the client has an answer, a close or a reset within the bound
    And no backend executes anything
    And no rule is left

  Scenario Outline: PRISM-MIG-11 a lock of a controller that has died when the first <moment> ends by itself
    Given the controller dies when the first <moment>
    When the client sends "GET /a/1000"
    And the client leaves the connection open
    Then no rule is left
    And no backend executes anything

    Examples:
      | moment                |
      | add is sent           |
      | reply to add is sent  |
      | offer is sent         |
      | imported is sent      |

  Scenario: PRISM-MIG-11 of two clients only the one of the dead backend suffers
    Given backend 1 dies when the first offer arrives
    When the client sends "GET /a/1000"
    And another client sends "GET /b/50000, GET /b/100"
    Then the client has whole answers, and of one more at most a part or 5xx
    And no client waits longer than the bound
    And every answered request is executed once
    And no rule is left

  Scenario Outline: PRISM-MIG-14 a request with FIN behind it is answered in full: <request>, FIN <when>
    When the client sends "<request>"
    And the client closes its side <when>
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left
    And no connection is reset

    Examples:
      | request                     | when                         |
      | GET /a/1000                 | at once                      |
      | GET /a/100000               | at once                      |
      | POST /b/10 with 3000 octets | at once                      |
      | GET /a/100, GET /b/20000    | at once                      |
      | GET /a/1000                 | when the first add is sent   |
      | GET /a/1000                 | when the first add arrives   |
      | GET /a/1000                 | when the first offer is sent |
      | GET /a/1000?think=50        | after 20 ms                  |

  Scenario Outline: PRISM-MIG-15 a request whose segment comes <how> is executed once, locked packets <lock>
    Given locked packets are <lock>
    And <circumstance>
    When the client sends "POST /a/100 with 1000 octets, POST /b/100 with 1000 octets"
    Then every request is executed once, by the backend of the policy
    And every answer is whole and in order

    Examples:
      | how                        | lock    | circumstance                                                  |
      | again after a long hand-off | dropped | the first offer is 900 ms late                               |
      | again after a long hand-off | held    | the first offer is 900 ms late                               |
      | twice, as any may           | dropped | 10 of 100 frames and messages are lost, and as many come twice |
