@system
Feature: Backends that are gone, replies that are lost, and the controller's own death

  Scenario Outline: PRISM-CTRL-14 without a backend the client gets 5xx or a close: <requests>
    Given backend 1 is down
    And backend 2 is down
    When the client sends "<requests>"
    Then the client has an answer, a close or a reset within the bound
    And the client has whole answers, and of one more at most a part or 5xx
    And no client waits longer than the bound
    And no backend executes anything
    And no rule is left

    Examples:
      | requests              |
      | GET /a/100            |
      | GET /any/100          |
      | GET /a/100, GET /b/1  |

  Scenario: PRISM-CTRL-14 a request that no route is for gets 5xx or a close
    Given a policy of
      | path | backend |
      | /a   | 1       |
    When the client sends "GET /nowhere/100"
    And the client leaves the connection open
    Then the client has an answer, a close or a reset within the bound
    And no backend executes anything

  Scenario Outline: PRISM-CTRL-15 the <nth> reply to <message> is lost, and all goes on
    Given the <nth> reply to <message> is lost
    When the client sends "GET /a/1000, GET /b/1000, GET /a/10"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left

    Examples:
      | nth    | message |
      | first  | add     |
      | first  | chown   |
      | second | chown   |
      | first  | lock    |
      | second | lock    |
      | first  | delete  |

  Scenario Outline: PRISM-CTRL-15 the <nth> <message> is lost, and all goes on
    Given the <nth> <message> is lost
    When the client sends "GET /a/1000, GET /b/1000, GET /a/10"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left

    Examples:
      | nth    | message   |
      | first  | add       |
      | first  | lock      |
      | first  | chown     |
      | second | chown     |
      | first  | delete    |
      | first  | offer     |
      | second | offer     |
      | first  | imported  |
      | second | imported  |
      | first  | commit    |
      | second | commit    |
      | first  | committed |
      | first  | move      |
      | first  | export    |
      | first  | release   |
      | first  | closed    |
      | first  | noted     |

  Scenario Outline: PRISM-CTRL-15 every <message> comes twice, and all goes on
    Given every <message> comes twice
    When the client sends "GET /a/1000?think=150, GET /b/1000?think=150, GET /a/10"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left

    Examples:
      | message         |
      | add             |
      | reply to add    |
      | lock            |
      | reply to lock   |
      | chown           |
      | reply to chown  |
      | delete          |
      | reply to delete |
      | closed          |
      | noted           |
      | cancel          |

  Scenario Outline: PRISM-CTRL-15 every <message> is <ms> ms late, and all goes on
    Given every <message> is <ms> ms late
    When the client sends "GET /a/1000?think=150, GET /b/1000?think=150, GET /a/10"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left

    Examples:
      | message        | ms  |
      | reply to add   | 70  |
      | reply to lock  | 120 |
      | reply to chown | 180 |
      | offer          | 120 |
      | imported       | 200 |
      | commit         | 120 |
      | export         | 120 |
      | release        | 300 |
      | lock           | 90  |
      | chown          | 90  |

  Scenario: PRISM-CTRL-15 whatever messages are lost, doubled or late, all goes on
    Then for any messages that are lost, doubled or late every answer is whole and in order

  Scenario Outline: PRISM-CTRL-15 no reply to <message> ever comes, and no more is said than a bound
    Given every reply to <message> is lost
    When the client sends "GET /a/1000"
    Then no more than 50 commands are sent

    Examples:
      | message |
      | add     |
      | chown   |
      | delete  |

  Scenario Outline: PRISM-CTRL-16 a transfer goes on when the controller dies in it<back>
    Given the controller dies when the client has 20000 octets<back>
    When the client sends "GET /a/1000000"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

    Examples:
      | back                        |
      |                             |
      | , and is back after 1 ms    |
      | , and is back after 1000 ms |

  Scenario: PRISM-CTRL-16 its requests to the same backend go on too
    Given the controller dies when the client has 20000 octets
    When the client sends "GET /a/100000, GET /a/200, GET /a/300"
    Then every answer is whole and in order

  Scenario Outline: PRISM-CTRL-16 when the controller dies when <moment> and comes back, no rule is left and nothing done twice
    Given the controller dies when the first <moment>, and is back after <ms> ms
    When the client sends "GET /a/30000, GET /b/30000"
    And the client sends "GET /a/1" after 4000 ms
    Then the client has whole answers, and of one more at most a part or 5xx
    And no client waits longer than the bound
    And no request is executed twice, or by a backend that the policy does not name
    And no rule is left

    Examples:
      | moment                 | ms   |
      | add is sent            | 20   |
      | add arrives            | 500  |
      | reply to add arrives   | 500  |
      | offer arrives          | 500  |
      | imported arrives       | 500  |
      | chown is sent          | 500  |
      | reply to chown arrives | 500  |
      | commit is sent         | 500  |
      | committed arrives      | 20   |
      | lock is sent           | 500  |
      | reply to lock arrives  | 20   |
      | export is sent         | 500  |
      | move is sent           | 3000 |
      | closed is sent         | 100  |
      | delete is sent         | 100  |

  Scenario: PRISM-CTRL-16 a client of the controller that is back is served as ever
    Given the controller dies when the client has 20000 octets, and is back after 500 ms
    When the client sends "GET /a/500000"
    And the client sends "GET /b/1000" once it has all answers
    And another client sends "GET /b/10?think=1000, GET /a/1000"
    Then the answer to "/a/500000" is whole
    And no request is executed twice, or by a backend that the policy does not name
    And no rule is left

  Scenario Outline: PRISM-CTRL-17 a backend that dies in an answer: the client is reset or answered, and the rule goes<back>
    Given backend 1 dies when the client has 20000 octets<back>
    When the client sends "GET /a/1000000"
    And the client sends "GET /a/1" after 10 ms
    Then the client has an answer, a close or a reset within the bound
    And the connection ends with a FIN or a RST of the server
    And the client has whole answers, and of one more at most a part or 5xx
    And no client waits longer than the bound
    And no rule is left

    Examples:
      | back                        |
      |                             |
      | , and is back after 10 ms   |
      | , and is back after 1000 ms |

  Scenario: PRISM-CTRL-17 whichever parts die and come back, no rule is left and nothing done twice
    Then whichever parts die, clients have whole answers, and of one more at most a part or 5xx
