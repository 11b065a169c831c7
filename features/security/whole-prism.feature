@system
Feature: Whoever does not know the key of a Prism has no part in it

  Scenario Outline: PRISM-SEC-09 a stranger who offers backend 2 the connection of backend 1 changes nothing, locked packets <lock>
    Given locked packets are <lock>
    And at every offer a stranger says offer to backend 2
    And at every commit a stranger says commit to backend 2
    When the client sends "GET /a/1000, POST /a/100 with 3000 octets"
    Then what the stranger has said changes nothing
    And backend 2 takes no connection, and says nothing

    Examples:
      | lock    |
      | dropped |
      | held    |

  Scenario Outline: PRISM-SEC-09 a stranger who says <word> to <backend> at every <message> changes nothing
    Given at every <message> a stranger says <word> to <backend>
    When the client sends "GET /a/1000, GET /b/1000"
    Then what the stranger has said changes nothing

    Examples:
      | word   | message   | backend   |
      | cancel | imported  | backend 1 |
      | cancel | imported  | backend 2 |
      | cancel | commit    | backend 2 |

  Scenario: PRISM-SEC-09 a backend does not speak because a stranger says commit
    Given at every imported a stranger says commit to backend 1
    And every reply to chown is 20 ms late
    When the client sends "GET /a/1000"
    Then what the stranger has said changes nothing
    And no payload of a backend reaches the switch before "reply to chown arrived"
