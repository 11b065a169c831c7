Feature: A lock blocks its connection, both ways, and no other

  While a connection moves, neither side may hear from an owner that has gone: the old owner's TCP
  would acknowledge what the new one never gets, or reset the connection.

  Scenario: PRISM-RULE-11 a locked connection's segment is dropped, held or punted, as declared
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends a segment
    Then it is dropped, held or punted, as the device declares

  Scenario: PRISM-RULE-11 a rule that is added locked is locked
    When the controller sends a locked add for backend 1
    Then the command succeeds
    And the connection is locked
    When the controller sends an unlock
    Then the connection goes to backend 1

  Scenario: PRISM-RULE-11 a change of owner that does not unlock keeps the lock
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the controller sends a chown to backend 2 that keeps the lock
    And the client sends a segment
    Then no owner receives anything
    When the controller sends an unlock
    Then the connection goes to backend 2

  Scenario: PRISM-RULE-11 no kind of segment passes a lock
    Then for any segments of the client while locked, no owner receives one

  Scenario Outline: PRISM-RULE-11 <what> does not pass a lock
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends a segment with <what>
    Then no owner receives anything

    Examples:
      | what                           |
      | an IPv4 header of 7 words      |
      | a TCP header of 15 words       |

  Scenario: PRISM-RULE-11 no ICMP error of the client passes a lock as one about the owner's segment
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the client reports every ICMP error, quoting "8 octets"
    Then it is left as it was sent, or goes nowhere

  Scenario Outline: PRISM-RULE-12 while locked, a segment of <owner> does not reach the client
    Given <owner> owns the client's connection
    When the controller sends a lock
    And <owner> sends a segment of 100 octets
    Then nothing reaches the client
    When the controller sends an unlock
    Then the connection goes to <owner>

    Examples:
      | owner          |
      | backend 1      |
      | the controller |

  Scenario: PRISM-RULE-12 no kind of segment of the owner passes a lock
    An acknowledgment of an owner that is being left would confirm what the next one never gets.
    Then for any segments of the owner while locked, the client receives none

  Scenario Outline: PRISM-RULE-12 while locked, a segment of the owner with flags <flags> does not reach the client
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And backend 1 sends a segment with
      | flags | <flags> |
    Then nothing reaches the client

    Examples:
      | flags |
      | A     |
      | SA    |
      | FA    |
      | R     |

  Scenario Outline: PRISM-RULE-12 while locked, an owner's segment with <what> does not reach the client
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And backend 1 sends a segment with <what>
    Then nothing reaches the client

    Examples:
      | what                      |
      | an IPv4 header of 7 words |
      | a TCP header of 15 words  |

  Scenario: PRISM-RULE-12 no ICMP error of the owner passes a lock as one about the client's segment
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the owner reports every ICMP error, quoting "8 octets"
    Then it is left as it was sent, or goes nowhere

  Scenario: PRISM-RULE-12 while locked, a reset of the owner does not reach the client
    Given the controller owns the client's connection
    When the controller sends a lock
    And the controller sends a segment with
      | flags | R |
    Then nothing reaches the client

  Scenario: PRISM-RULE-12 while locked, the controller does not reach the client in the owner's place
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And the controller sends as the virtual endpoint
    Then nothing reaches the client

  Scenario: PRISM-RULE-12 what the old owner sent while locked does not come later
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And backend 1 sends a segment
    Then nothing reaches the client
    When the controller sends a chown to backend 2
    And the client sends a segment
    Then nothing reaches the client
    And one frame leaves, at backend 2
    And the connection goes to backend 2

  Scenario: PRISM-RULE-13 what a lock held leaves at unlock, before what comes later
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends 10 numbered segments, if so many are held
    Then no frame leaves
    When the controller sends an unlock
    And the client sends 10 more numbered segments
    Then all numbered segments leave once, in order, at backend 1

  Scenario: PRISM-RULE-13 what a lock held leaves for the new owner
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends 10 numbered segments, if so many are held
    Then no frame leaves
    When the controller sends a chown to backend 2
    And the client sends 10 more numbered segments
    Then all numbered segments leave once, in order, at backend 2

  @needs-SPLICE
  Scenario: PRISM-RULE-13 what a lock held is translated by the new owner's deltas
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends 10 numbered segments, if so many are held
    Then no frame leaves
    When the controller sends a chown to backend 2 with deltas
    Then all numbered segments leave once, in order, at backend 2

  Scenario: PRISM-RULE-13 what a lock held stays through a second lock and a change of owner
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends 3 numbered segments, if so many are held
    Then no frame leaves
    When the controller sends a lock
    And the controller sends a chown to backend 2 that keeps the lock
    And the client sends 3 more numbered segments, if so many are held
    Then no frame leaves
    When the controller sends an unlock
    Then all numbered segments leave once, in order, at backend 2

  Scenario: PRISM-RULE-13 beyond the declared limit segments are dropped, and the rest keeps its order
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends more numbered segments than the device holds
    Then no frame leaves
    When the controller sends an unlock
    Then as many numbered segments leave as the device holds, once and in order, at backend 1
    And the connection goes to backend 1

  Scenario: PRISM-RULE-13 a second lock holds anew
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the client sends more numbered segments than the device holds
    Then no frame leaves
    When the controller sends an unlock
    Then as many numbered segments leave as the device holds, once and in order, at backend 1
    When the controller sends a lock
    And the client sends 2 numbered segments, if so many are held
    Then no frame leaves
    When the controller sends an unlock
    Then all numbered segments leave once, in order, at backend 1

  @needs-MATCH
  Scenario Outline: PRISM-RULE-14 a lock leaves the twin <twin> alone
    Given backend 1 owns the client's connection
    And backend 2 owns the twin <twin>
    When the controller sends a lock
    Then the twin <twin> goes to backend 2
    And the connection is locked
    When the controller sends a lock for the twin <twin>
    And the controller sends an unlock
    Then the connection goes to backend 1
    And the twin <twin> is locked, owned by backend 2

    Examples:
      | twin                 |
      | from another port    |
      | from another address |
      | to another port      |
      | to another address   |

  @needs-MATCH
  Scenario Outline: PRISM-RULE-14 a lock leaves the unruled twin <twin> alone
    Given backend 1 owns the client's connection
    When the controller sends a lock
    Then the twin <twin> has no rule

    Examples:
      | twin                 |
      | from another port    |
      | from another address |
      | to another port      |
      | to another address   |

  @needs-MATCH
  Scenario: PRISM-RULE-14 what is held for one connection does not leave when another is unlocked
    Given a device that holds what it locks
    And backend 1 owns the client's connection
    And backend 2 owns the twin from another port
    When the controller sends a lock
    And the controller sends a lock for the twin from another port
    And the client sends 5 numbered segments, if so many are held
    Then no frame leaves
    When the controller sends an unlock for the twin from another port
    Then the twin from another port goes to backend 2
    When the controller sends an unlock
    Then all numbered segments leave once, in order, at backend 1

  Scenario: PRISM-RULE-23 a lock ends with its lease, and its end is told
    Given a device that gives up locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And 50 percent of a lock's lease passes
    Then the connection is locked
    And nothing was told of the connection
    When 51 percent of a lock's lease passes
    Then the end of its lock was told
    And the connection is no longer locked: it goes to backend 1, or it has no rule

  Scenario: PRISM-RULE-23 the list tells how long a lock still has
    Given a device that gives up locks
    And backend 1 owns the client's connection
    Then no lease is listed
    When the controller sends a lock
    And 50 percent of a lock's lease passes
    Then 40 to 60 percent of a lock's lease are listed
    When the controller sends an unlock
    Then no lease is listed

  Scenario: PRISM-RULE-23 the lease begins with the lock, not with the rule
    Given a device that gives up locks
    And backend 1 owns the client's connection
    When 80 percent of a lock's lease pass
    And the controller sends a lock
    And 80 percent of a lock's lease pass
    Then the connection is locked
    And nothing was told of the connection

  Scenario: PRISM-RULE-23 a lock that has ended in time tells nothing
    Given a device that gives up locks
    And backend 1 owns the client's connection
    When the controller sends a lock
    And the controller sends an unlock
    And 200 percent of a lock's lease pass
    Then nothing was told of the connection
    And the connection goes to backend 1
