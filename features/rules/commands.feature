Feature: Commands do what they say, once, and nothing else

  The controller adds a rule, locks and unlocks it, gives it another owner, and deletes it. A command
  may be repeated, because its reply may have been lost; with an epoch, it may even arrive late.

  Scenario: PRISM-RULE-01 after add and after delete the next segment is treated by the new state
    Then in 50 rounds of add and delete, the segment right after each reply is treated by the new state

  Scenario: PRISM-RULE-01 after a change of owner the next segment goes to the new owner
    Then in 50 rounds of chown to and fro, the segment right after each reply is treated by the new state

  @needs-LOCK
  Scenario: PRISM-RULE-01 after lock and after unlock the next segment is treated by the new state
    Then in 50 rounds of lock and unlock, the segment right after each reply is treated by the new state

  @needs-LOCK
  Scenario: PRISM-RULE-01 after a change of owner that unlocks the next segment goes to the new owner
    Then in 50 rounds of lock and chown, the segment right after each reply is treated by the new state

  Scenario Outline: PRISM-RULE-05 a second add, with <what>, is refused and changes nothing
    Given backend 1 owns the client's connection
    When the controller adds the connection again with a rule that has <what>
    Then the command fails
    And the connection goes to backend 1

    Examples:
      | what                      |
      | another owner             |
      | another owner address     |
      | another owner port        |
      | another owner MAC address |

    @needs-SPLICE
    Examples:
      | what         |
      | other deltas |

    @needs-SPLICE @needs-DELTAS
    Examples:
      | what                 |
      | another client delta |
      | another owner delta  |

    @needs-TS
    Examples:
      | what                           |
      | another client timestamp delta |
      | another owner timestamp delta  |

    @needs-WS
    Examples:
      | what                         |
      | another client window scale  |
      | another assumed client scale |
      | another owner window scale   |
      | another assumed owner scale  |

  Scenario: PRISM-RULE-05 the list shows the first rule after a second add
    Given backend 1 owns the client's connection
    When the controller adds the connection again with a rule that has another owner
    Then the device lists the connection as its rule says
    And the device lists 1 rule

  Scenario: PRISM-RULE-05 an identical add may succeed, and changes nothing
    Given backend 1 owns the client's connection
    When the controller adds the connection again with a rule that is the same
    Then the connection goes to backend 1
    And the device lists 1 rule

  @needs-LOCK
  Scenario: PRISM-RULE-05 a second add does not unlock
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the controller adds the connection again with a rule that is the same
    Then the connection is locked

  @needs-LOCK
  Scenario: PRISM-RULE-05 a second add that would lock is refused, and does not lock
    Given backend 1 owns the client's connection
    When the controller adds the connection again with a rule that is the same but locked
    Then the command fails
    And the connection goes to backend 1

  Scenario Outline: PRISM-RULE-06 <command> for a connection without a rule fails, and has no effect
    Given backend 2 owns the twin from another port
    When the controller sends <command>
    Then the command fails
    And the connection has no rule
    And the twin from another port goes to backend 2
    And the device lists 1 rule
    When the controller sends an add for backend 1
    Then the connection goes to backend 1

    Examples:
      | command             |
      | a chown to backend 2 |

    @needs-LOCK
    Examples:
      | command                                  |
      | a lock                                   |
      | an unlock                                |
      | a chown to backend 2 that keeps the lock |

  Scenario: PRISM-RULE-06 a delete for a connection without a rule deletes no other
    Given backend 2 owns the twin from another port
    When the controller sends a delete
    Then the connection has no rule
    And the twin from another port goes to backend 2
    And the device lists 1 rule

  Scenario: PRISM-RULE-06 commands for a deleted rule fail, and have no effect
    Given backend 1 owns the client's connection
    When the controller sends a delete
    And the controller sends a chown to backend 2
    Then the command fails
    And the connection has no rule

  Scenario Outline: PRISM-RULE-07 locking <times> times is locking once
    Given backend 1 owns the client's connection
    When the controller sends a lock <times> times
    Then the connection is locked
    When the controller sends an unlock
    Then the connection goes to backend 1

    Examples:
      | times |
      | 1     |
      | 2     |
      | 3     |

  Scenario Outline: PRISM-RULE-07 unlocking <times> times is unlocking once
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the controller sends an unlock <times> times
    Then the connection goes to backend 1
    When the controller sends a lock
    Then the connection is locked

    Examples:
      | times |
      | 1     |
      | 2     |
      | 3     |

  Scenario Outline: PRISM-RULE-07 <command>, repeated because the reply was lost, is done once
    Given backend 1 owns the client's connection
    When the controller sends <first>
    And the controller sends <command> 2 times in one epoch
    Then the connection <state>

    Examples:
      | first     | command   | state             |
      | an unlock | a lock    | is locked         |
      | a lock    | an unlock | goes to backend 1 |

  Scenario: PRISM-RULE-07 unlocking what is not locked changes nothing
    Given backend 1 owns the client's connection
    When the controller sends an unlock 2 times
    Then the connection goes to backend 1

  Scenario Outline: PRISM-RULE-08 a chown that unlocks, sent <times> times, leaves the rule unlocked with its owner
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the controller sends a chown to backend 2 <times> times
    Then the connection goes to backend 2
    When the controller sends a chown to backend 1 <times> times in one epoch
    Then the connection goes to backend 1

    Examples:
      | times |
      | 1     |
      | 2     |
      | 3     |

  Scenario Outline: PRISM-RULE-09 after <newer>, <older> that comes late has no effect
    Given backend 1 owns the client's connection
    When the controller sends <newer> of epoch 20
    And the controller sends <older> of epoch 15
    Then the connection <state>

    Examples:
      | newer                | older                  | state             |
      | a chown to backend 2 | a chown to backend 1   | goes to backend 2 |
      | a chown to backend 2 | a delete               | goes to backend 2 |
      | a chown to backend 2 | an add for backend 1   | goes to backend 2 |
      | a delete             | an add for backend 1   | has no rule       |
      | a delete             | a chown to backend 2   | has no rule       |

    @needs-LOCK
    Examples:
      | newer                | older                  | state             |
      | a chown to backend 2 | a lock                 | goes to backend 2 |
      | an unlock            | a lock                 | goes to backend 1 |
      | a lock               | an unlock              | is locked         |
      | a lock               | a delete               | is locked         |
      | a lock               | a chown to backend 2   | is locked         |
      | a delete             | a lock                 | has no rule       |

  Scenario Outline: PRISM-RULE-09 epoch <newer> is newer than <older>
    Given backend 1 owns the client's connection
    When the controller sends a chown to backend 2 of epoch <older>
    Then the connection goes to backend 2
    When the controller sends a chown to backend 1 of epoch <newer>
    Then the connection goes to backend 1
    When the controller sends a chown to backend 2 of epoch <older>
    Then the connection goes to backend 1

    Examples:
      | older      | newer      |
      | 255        | 256        |
      | 65535      | 65536      |
      | 2147483647 | 2147483648 |

  @needs-LOCK
  Scenario: PRISM-RULE-09 a late chown neither unlocks nor moves the connection
    Given backend 1 owns the client's connection
    When the controller sends a lock of epoch 20
    And the controller sends a chown to backend 2 of epoch 15
    And the controller sends an unlock of epoch 30
    Then the connection goes to backend 1

  Scenario Outline: PRISM-RULE-09 <older> from before a delete does nothing to the rule that was added since
    Given backend 1 owns the client's connection
    When the controller sends a delete of epoch 20
    And the controller sends an add for backend 2 of epoch 30
    And the controller sends <older> of epoch 25
    Then the connection goes to backend 2

    Examples:
      | older                |
      | a delete             |
      | a chown to backend 1 |

    @needs-LOCK
    Examples:
      | older  |
      | a lock |

  Scenario: PRISM-RULE-09 in any history of commands, late ones change nothing
    Then for any history of commands, what arrives again late has no effect

  Scenario: PRISM-RULE-15 after a delete the connection's segments are treated as before the rule
    Given it is known what becomes of the connection's segments
    And backend 1 owns the client's connection
    And the connection goes to backend 1
    When the controller sends a delete
    Then the command succeeds
    And the same becomes of the connection's segments

  Scenario: PRISM-RULE-15 after a chown and a delete no owner is remembered
    Given it is known what becomes of the connection's segments
    And backend 1 owns the client's connection
    When the controller sends a chown to backend 2
    And the controller sends a delete
    Then the same becomes of the connection's segments

  @needs-LOCK
  Scenario: PRISM-RULE-15 a lock ends with its rule
    Given it is known what becomes of the connection's segments
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the controller sends a delete
    Then the same becomes of the connection's segments

  Scenario: PRISM-RULE-15 a delete removes one rule
    Given backend 1 owns the client's connection
    And backend 2 owns the twin from another port
    When the controller sends a delete
    Then the connection has no rule
    And the twin from another port goes to backend 2

  Scenario: PRISM-RULE-21 a rule that is added again shifts nothing that the old one shifted
    Given backend 1 owns the client's connection under a rule with every delta that the device can do
    And the connection goes to backend 1
    When the controller sends a delete
    Given backend 2 owns the client's connection
    Then the connection goes to backend 2
    And the device lists the connection as its rule says

  Scenario: PRISM-RULE-21 a rule that is added again counts from 0
    Given backend 1 owns the client's connection
    And the connection goes to backend 1
    When the controller sends a delete
    Given backend 2 owns the client's connection
    Then it has counted 0 segments of the client and 0 of the owner

  @needs-LOCK
  Scenario: PRISM-RULE-21 a rule that is added again is not locked
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the controller sends a delete
    Given backend 2 owns the client's connection
    Then the connection goes to backend 2

  @needs-LOCK
  Scenario: PRISM-RULE-21 a rule that is added again sends nothing that was held for the old one
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends 5 numbered segments, if so many are held
    Then no frame leaves
    When the controller sends a delete
    Then the connection has no rule
    Given backend 2 owns the client's connection
    When the controller sends a lock
    And the controller sends an unlock
    And the client sends a segment
    Then one frame leaves, at backend 2
