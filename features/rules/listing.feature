Feature: The list of rules is the truth

  Scenario: PRISM-RULE-24 an empty table lists nothing
    Then the device lists no rules

  Scenario: PRISM-RULE-24 each rule is listed once, as it was added
    Given backend 1 owns the client's connection under a rule with every delta that the device can do
    And backend 2 owns the twin from another port
    And backend 1 owns the twin from another address
    Then the device lists 3 rules
    And the device lists the connection as its rule says
    And the device lists the twin from another port as owned by backend 2
    And the device lists the twin from another address as owned by backend 1

  Scenario: PRISM-RULE-24 a long list is whole, and shows each rule once
    When 45 connections get a rule each, if so many fit
    Then the device lists each of these rules once

  Scenario: PRISM-RULE-24 the list follows a change of owner and a delete
    Given backend 1 owns the client's connection
    When the controller sends a chown to backend 2
    Then the device lists the connection as owned by backend 2, unlocked
    When the controller sends a delete
    Then the device lists no rules

  @needs-LOCK
  Scenario: PRISM-RULE-24 the list shows locks
    Given backend 1 owns the client's connection
    When the controller sends a lock
    Then the device lists the connection as owned by backend 1, locked
    When the controller sends an unlock
    Then the device lists the connection as owned by backend 1, unlocked

  @needs-REVERSE
  Scenario: PRISM-RULE-24 every segment is counted once
    Given backend 1 owns the client's connection
    And backend 2 owns the twin from another port
    When the client sends 7 numbered segments
    And backend 1 sends a segment
    And backend 1 sends a segment
    And the twin from another port goes to backend 2
    Then it has counted 7 segments of the client and 2 of the owner
    And it has counted 7 segments of the client and 2 of the owner

  @needs-LOCK
  Scenario: PRISM-RULE-24 a segment that was held is counted once
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends 1 numbered segment
    Then no frame leaves
    When the controller sends an unlock
    Then all numbered segments leave once, in order, at backend 1
    And it has counted 1 segment of the client and 0 of the owner

  @needs-LOCK @needs-REVERSE
  Scenario: PRISM-RULE-24 a segment that a lock stops is not counted
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends 3 numbered segments
    And backend 1 sends a segment
    And the controller sends an unlock
    And the client sends 2 more numbered segments
    Then it has counted the segments that left, and no others

  @needs-REVERSE
  Scenario: PRISM-RULE-24 a segment that is punted or dropped is not counted
    Given backend 1 owns the client's connection
    When the client sends a segment
    And the client sends a segment with an IPv4 header of 6 words
    And backend 1 sends a segment with an IPv4 header of 15 words
    Then it has counted the segments that left, and no others

  @needs-REVERSE
  Scenario: PRISM-RULE-24 of the shortest segments, back to back, each is counted
    Given backend 1 owns the client's connection
    When the client sends 100 segments without payload, back to back
    And backend 1 sends 100 segments without payload, back to back
    Then it has counted the segments that left, and no others
