Feature: A full table says so, and keeps what it has

  Scenario: PRISM-RULE-16 a full table refuses, forgets nothing, and has room again after a delete
    When the table is filled until an add is refused
    Then every rule that was accepted works
    And an add was refused, and no rule that was refused works
    And a rule that is deleted can be added again
    And every rule that was accepted works

  Scenario: PRISM-RULE-17 the declared number of rules fits, whatever their keys
    Then as many rules as the device declares are accepted
    And every rule that was accepted works
