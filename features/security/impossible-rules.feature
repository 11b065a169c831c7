Feature: A rule that no connection can have is refused

  Scenario Outline: PRISM-SEC-03 a rule with <field> <value> is refused
    When the controller adds a rule whose <field> is <value>
    Then the command fails
    And the device lists no rules

    Examples:
      | field        | value             |
      | client port  | 0                 |
      | virtual port | 0                 |
      | owner port   | 0                 |
      | owner MAC    | 01:00:5e:00:00:01 |
      | owner MAC    | 33:33:00:00:00:01 |
      | owner MAC    | ff:ff:ff:ff:ff:ff |

  Scenario: PRISM-SEC-03 a rule whose owner is the client is refused
    When the controller adds a rule whose owner is the client
    Then the command fails
    And the connection has no rule

  Scenario Outline: PRISM-SEC-03 a chown to an owner with <field> <value> is refused, and the owner stays
    Given backend 1 owns the client's connection
    When the controller sends a chown to an owner whose <field> is <value>
    Then the command fails
    And the connection goes to backend 1

    Examples:
      | field      | value             |
      | owner port | 0                 |
      | owner MAC  | 01:00:5e:00:00:01 |

  @needs-LOCK
  Scenario: PRISM-SEC-03 a chown that is refused does not unlock
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the controller sends a chown to an owner whose owner port is 0
    Then the command fails
    And the connection is locked
