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
      | owner MAC    | 00:00:00:00:00:00 |
      | client port  | 65536             |
      | virtual port | 65616             |
      | owner port   | 73616             |
      | owner port   | -1                |

  @needs-SPLICE
  Scenario Outline: PRISM-SEC-03 a rule with <value> as <field> is refused
    A number that is cut to the width of its field would make another rule.
    When the controller adds a rule whose <field> is <value>
    Then the command fails
    And the device lists no rules

    Examples:
      | field                 | value      |
      | client sequence delta | 4294967296 |
      | client sequence delta | -1         |
      | owner sequence delta  | 4294967297 |
      | owner sequence delta  | 0.5        |

    @needs-TS
    Examples:
      | field                  | value      |
      | client timestamp delta | 4294967296 |
      | owner timestamp delta  | -2         |

  Scenario Outline: PRISM-SEC-03 a rule with <field> <value>, which no single host has, is refused
    When the controller adds a rule whose <field> is <value>
    Then the command fails
    And the device lists no rules

    Examples:
      | field           | value           |
      | client address  | 0.0.0.0         |
      | client address  | 127.0.0.1       |
      | client address  | 224.0.0.1       |
      | client address  | 239.255.255.255 |
      | client address  | 255.255.255.255 |
      | virtual address | 0.0.0.0         |
      | virtual address | 127.0.0.1       |
      | virtual address | 224.0.0.1       |
      | virtual address | 255.255.255.255 |
      | owner address   | 0.0.0.0         |
      | owner address   | 127.0.0.1       |
      | owner address   | 224.0.0.1       |
      | owner address   | 255.255.255.255 |

    @needs-V6
    Examples:
      | field                | value   |
      | IPv6 client address  | ::      |
      | IPv6 client address  | ::1     |
      | IPv6 client address  | ff02::1 |
      | IPv6 virtual address | ::1     |
      | IPv6 owner address   | ff02::1 |

  @needs-V6
  Scenario: PRISM-SEC-03 a rule between an IPv4 client and an IPv6 virtual address is refused
    When the controller adds a rule whose virtual address is 2001:db8:2::1
    Then the command fails
    And the device lists no rules

  @needs-WS
  Scenario Outline: PRISM-SEC-03 a rule with a shift count of <count> as <field> is refused
    When the controller adds a rule whose <field> is <count>
    Then the command fails
    And the device lists no rules

    Examples:
      | field                    | count |
      | client's window scale    | 15    |
      | client's window scale    | -1    |
      | owner's window scale     | 15    |
      | owner's window scale     | 256   |
      | scale the client assumes | 15    |
      | scale the client assumes | 1.5   |
      | scale the owner assumes  | 15    |

  Scenario: PRISM-SEC-03 a rule whose virtual endpoint is the client is refused
    When the controller adds a rule whose virtual endpoint is the client
    Then the command fails
    And the device lists no rules

  Scenario Outline: PRISM-SEC-03 a rule that gives the twin <twin> the same owner is refused
    The owner's TCP could not tell the twin <twin> from the connection, nor could the device.
    Given backend 1 owns the client's connection
    When the controller sends an add for backend 1 for the twin <twin>
    Then the command fails
    And the connection goes to backend 1
    And the device lists 1 rule

    Examples:
      | twin               |
      | to another port    |
      | to another address |

  @needs-MATCH
  Scenario: PRISM-SEC-03 a chown that gives the twin to another port the same owner is refused
    Given backend 1 owns the client's connection
    And backend 2 owns the twin to another port
    When the controller sends a chown to backend 1 for the twin to another port
    Then the command fails
    And the connection goes to backend 1
    And the twin to another port goes to backend 2

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
