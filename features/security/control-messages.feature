Feature: Commands count at the control port alone, and only when they are whole

  Scenario Outline: PRISM-SEC-01 <command> that comes from a client or a backend has no effect
    The same frame at the control port has its effect: so the frame was a command.
    Given backend 1 owns the client's connection
    When a frame that carries <command> arrives from each client and backend
    Then the connection goes to backend 1
    And the device lists 1 rule
    When the same frame arrives at the control port
    Then the connection <state>

    Examples:
      | command              | state             |
      | a delete             | has no rule       |
      | a chown to backend 2 | goes to backend 2 |

    @needs-LOCK
    Examples:
      | command | state     |
      | a lock  | is locked |

  @needs-LOCK
  Scenario: PRISM-SEC-01 an unlock that comes from a client or a backend has no effect
    Given backend 1 owns the client's connection
    When the controller sends a lock
    And a frame that carries an unlock arrives from each client and backend
    Then the connection is locked
    When the same frame arrives at the control port
    Then the connection goes to backend 1

  Scenario: PRISM-SEC-01 an add that comes from a client or a backend has no effect
    When a frame that carries an add for backend 2 arrives from each client and backend
    Then the connection has no rule
    And the device lists no rules
    When the same frame arrives at the control port
    Then the connection goes to backend 2

  Scenario Outline: PRISM-SEC-02 <command> that is cut short anywhere has no effect
    Given backend 1 owns the client's connection
    Then no part of a frame that carries <command> has an effect at the control port
    And the connection goes to backend 1
    When a frame that carries <command> arrives at the control port
    Then the connection <state>

    Examples:
      | command              | state             |
      | a delete             | has no rule       |
      | a chown to backend 2 | goes to backend 2 |

    @needs-LOCK
    Examples:
      | command | state     |
      | a lock  | is locked |

  Scenario: PRISM-SEC-02 an add that is cut short anywhere has no effect
    Then no part of a frame that carries an add for backend 2 has an effect at the control port
    And the connection has no rule
    When a frame that carries an add for backend 2 arrives at the control port
    Then the connection goes to backend 2

  Scenario Outline: PRISM-SEC-02 <command> with octets after its end has no effect
    Given backend 1 owns the client's connection
    Then a frame that carries <command> and more octets has no effect at the control port
    And the connection goes to backend 1

    Examples:
      | command              |
      | a delete             |
      | a chown to backend 2 |

    @needs-LOCK
    Examples:
      | command |
      | a lock  |

  Scenario Outline: PRISM-SEC-02 a command in a datagram with <fault> has no effect
    Given backend 1 owns the client's connection
    Then a frame that carries a chown to backend 2 with <fault> has no effect at the control port
    And the connection goes to backend 1

    Examples:
      | fault                      |
      | a wrong IPv4 checksum      |
      | a wrong UDP checksum       |
      | its first fragment missing |
      | its last fragment missing  |
      | another destination port   |
      | a TCP header for its own   |

  Scenario: PRISM-SEC-02 a command that does not exist has no effect
    Given backend 1 owns the client's connection
    Then no unknown command has an effect at the control port
    And the connection goes to backend 1

  Scenario: PRISM-SEC-02 damaged commands for one connection leave another alone
    Given backend 1 owns the client's connection
    When 4000 damaged commands for a connection without a rule arrive at the control port
    Then the connection goes to backend 1
    And the device lists the connection as its rule says
    When a frame that carries a chown to backend 2 arrives at the control port
    Then the connection goes to backend 2
