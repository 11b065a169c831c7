Feature: A change of owner is one step

  Segments stream through the switch while commands are on their way. Each must go whole to one owner.

  Scenario: PRISM-RULE-02 a stream through 1000 changes of owner
    In each turn the owner's address and port change, and all deltas where the device has them.
    Then each segment of a stream through 1000 changes of owner follows one owner, and none goes back

  Scenario Outline: PRISM-RULE-01 after <command> the rest of a datagram does not follow its first fragment
    Given backend 1 owns the client's connection
    When the client sends the first of two fragments of a segment
    And the controller sends <command>
    And the client sends the second of two fragments of a segment
    Then nothing goes to backend 1

    Examples:
      | command              |
      | a chown to backend 2 |
      | a delete             |

    @needs-LOCK
    Examples:
      | command |
      | a lock  |

  @needs-RULES
  Scenario Outline: PRISM-FWD-05 a segment in fragments, the <one> before a chown, goes to one owner alone
    Given backend 1 owns the client's connection
    When the client sends the <one> of two fragments of a segment, and the other after a chown to backend 2
    Then the fragments that leave go to one owner, or are all as they were sent

    Examples:
      | one    |
      | first  |
      | second |

  Scenario: PRISM-RULE-10 a change of owner that unlocks leaves no moment for the old owner
    Then in 200 hand-overs of a locked connection, no segment goes to the owner that was left
