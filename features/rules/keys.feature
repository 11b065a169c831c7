Feature: A rule is for one connection, and for its owner alone

  A connection is told by four things: the client's address and port, the virtual address and port.
  Twins of the client's connection differ from it in one of them.

  @needs-MATCH
  Scenario Outline: PRISM-RULE-03 the twin <twin> is not touched
    Given backend 1 owns the client's connection
    Then the twin <twin> has no rule
    And the connection goes to backend 1

    Examples:
      | twin                 |
      | from another port    |
      | from another address |
      | to another port      |
      | to another address   |

  @needs-MATCH
  Scenario Outline: PRISM-RULE-03 the twin <twin> may have another owner
    Given backend 1 owns the client's connection
    And backend 2 owns the twin <twin>
    Then the connection goes to backend 1
    And the twin <twin> goes to backend 2

    Examples:
      | twin                 |
      | from another port    |
      | from another address |
      | to another port      |
      | to another address   |

  @needs-MATCH
  Scenario: PRISM-RULE-03 keys whose sum or exclusive or is that of the rule are other keys
    Given backend 1 owns the client's connection
    Then no segment whose key has one bit turned in two of its words, or two words exchanged, is treated by the rule

  @needs-MATCH
  Scenario Outline: PRISM-RULE-04 while backend 1 owns, what <host> sends as the virtual endpoint is dropped
    Given backend 1 owns the client's connection
    When <host> sends as the virtual endpoint
    Then nothing reaches the client

    Examples:
      | host           |
      | the controller |
      | backend 2      |

  @needs-MATCH
  Scenario: PRISM-RULE-04 what a backend sends that is not the owner never comes from the virtual endpoint
    Given backend 1 owns the client's connection
    When backend 2 sends from its own address
    Then nothing comes to the client from the virtual endpoint

  @needs-MATCH
  Scenario: PRISM-RULE-04 the owner's other ports are not translated
    Given backend 1 owns the client's connection
    When backend 1 sends from port 8081
    Then nothing comes to the client from the virtual endpoint

  @needs-MATCH
  Scenario: PRISM-RULE-04 what a former owner sends never comes from the virtual endpoint
    Given backend 1 owns the client's connection
    When the controller sends a chown to backend 2
    And backend 1 sends from its own address
    Then nothing comes to the client from the virtual endpoint
    And the connection goes to backend 2

  @needs-MATCH
  Scenario: PRISM-RULE-04 the controller is dropped from the moment that it hands the connection over
    Given the controller owns the client's connection
    Then the connection goes to the controller
    When the controller sends a chown to backend 1
    And the controller sends as the virtual endpoint
    Then nothing reaches the client
    And the connection goes to backend 1

  @needs-MATCH
  Scenario: PRISM-RULE-04 the controller may send again when it has taken the connection back
    Given backend 1 owns the client's connection
    When the controller sends a chown to the controller
    Then the connection goes to the controller
    When backend 1 sends from its own address
    Then nothing comes to the client from the virtual endpoint

  @needs-MATCH
  Scenario Outline: PRISM-RULE-04 under a MAC-only rule, what <host> sends as the virtual endpoint is dropped
    Given backend 1 owns the client's connection under the virtual address
    When <host> sends as the virtual endpoint
    Then nothing reaches the client

    Examples:
      | host           |
      | the controller |
      | backend 2      |

  @needs-MATCH
  Scenario: PRISM-RULE-18 one bit makes another connection
    Given backend 1 owns the client's connection
    Then no segment whose key differs from the rule in one bit is treated by the rule

  @needs-MATCH
  Scenario: PRISM-RULE-18 rules whose keys differ in one bit live side by side
    Then rules whose keys differ in one bit each send their segments to an owner of their own

  @needs-BRIDGE
  Scenario: PRISM-RULE-19 a rule beats the address table, even one that has learned since
    Given backend 1 owns the client's connection
    When every host is heard of again
    Then the connection goes to backend 1

  Scenario: PRISM-RULE-22 a rule applies at both client ports
    Given backend 1 owns the client's connection
    When a segment of the client comes in at each client port
    Then it leaves as the rule says
    When the controller sends a chown to backend 2
    And a segment of the client comes in at each client port
    Then it leaves for backend 2 as the rule says
    When the controller sends a delete
    And a segment of the client comes in at each client port
    Then no backend receives anything

  @needs-SPLICE
  Scenario: PRISM-RULE-22 a rule shifts alike at both client ports
    Given backend 1 owns the client's connection under a SPLICE rule
    When a segment of the client comes in at each client port
    Then it leaves as the rule says

  @needs-LOCK
  Scenario: PRISM-RULE-22 a lock applies at both client ports
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And a segment of the client comes in at each client port
    Then no owner receives anything
