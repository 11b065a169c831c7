Feature: Every way in which a scenario can end

  Scenario: PRISM-REW-01 it passes
    Given a step that passes
    Then a step that passes

  Scenario: PRISM-REW-02 the device is wrong
    Given a step that passes
    Then a step that fails
    And a step that throws a TypeError

  @PRISM-SEQ-04
  Scenario: PRISM-REW-03 the replay finds another requirement broken
    Then a step that finds PRISM-SEQ-04 broken

  Scenario: PRISM-REW-04 the device does not answer
    Given a step that throws a DriverFault
    Then a step that fails

  Scenario: PRISM-REW-05 it cannot be told
    Then a step that is inconclusive

  @needs-nothing
  Scenario: PRISM-REW-07 it does not apply
    Then a step that fails

  Scenario: PRISM-REW-08 a step is not there
    Given a step that nobody wrote
    Then a step that passes

  Scenario: PRISM-REW-09 the suite has a fault
    Then a step that throws a TypeError

  Scenario: PRISM-REW-10 a step is there twice
    Then a step that is ambiguous

  Scenario: PRISM-REW-11 a step is not finished
    Then a step that is pending

  Scenario: PRISM-REW-12 a step is skipped and nobody says why
    Then a step that skips

  Scenario: PRISM-REW-13 an error only looks like a verdict
    Then a step that throws an Error that says expected and observed

  @after-fails
  Scenario: PRISM-REW-14 what comes after the scenario has a fault
    Then a step that passes

  @before-faults
  Scenario: PRISM-REW-15 the device dies before the scenario
    Then a step that passes

  Scenario: PRISM-REW-16 nothing is thrown that is an error
    Then a step that throws a string

  Scenario Outline: PRISM-REW-17 rows differ: <n>
    Then a step that passes if <n> is 1

    Examples:
      | n |
      | 1 |
      | 2 |

  Scenario: PRISM-REW-18 nothing is asked
