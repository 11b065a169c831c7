Feature: A rule lives while its connection may

  Scenario: PRISM-RULE-20 an idle connection is kept for 2 hours and 4 minutes, or its end is told
    Given backend 1 owns the client's connection
    When 7439 seconds pass
    Then the connection goes to backend 1, or its expiry was told

  Scenario Outline: PRISM-RULE-20 a segment of <sender> keeps the rule alive
    Given backend 1 owns the client's connection
    When 60 percent of the device's idle time pass
    And <sender> sends a segment
    And 60 percent of the device's idle time pass
    Then nothing was told of the connection
    And the connection goes to backend 1

    Examples:
      | sender     |
      | the client |

    @needs-REVERSE
    Examples:
      | sender    |
      | backend 1 |

  Scenario: PRISM-REW-01 after a second of silence a segment still leaves once, to the owner
    Given backend 1 owns the client's connection
    When 1 second of silence passes
    And the client sends a segment
    Then one frame leaves, at backend 1

  Scenario: PRISM-RULE-20 a rule does not go without a word
    Given backend 1 owns the client's connection
    When 200 percent of the device's idle time pass
    Then the connection goes to backend 1, or its expiry was told

  Scenario: PRISM-RULE-20 a rule that has been idle for twice the declared time is gone, and its end is told
    Given backend 1 owns the client's connection
    When 200 percent of the device's idle time pass
    Then the end of the connection was told
    And the connection has no rule
