Feature: A reset of an owner that the connection has left does not reach the client

  When a connection moves, the old owner's kernel may still answer with resets. They come from its own
  address or, if the old owner was the controller, from the virtual address itself.

  Scenario Outline: PRISM-RST-09 while the connection is locked, a RST with flags <flags> of its owner does not pass
    Given backend 1 owns the client's connection
    And the controller locks the connection
    When backend 1 sends a reset with flags <flags> and sequence number 2000
    Then nothing reaches the client from the virtual endpoint
    When the controller hands the connection to backend 2
    And backend 2 sends a segment
    Then what reaches the client from the virtual endpoint is what backend 2 has sent

    Examples:
      | flags |
      | R     |
      | RA    |

  Scenario Outline: PRISM-RST-09 after the connection has moved, a RST with flags <flags> of its old owner does not pass
    Given backend 1 owns the client's connection
    And the controller locks the connection
    And the controller hands the connection to backend 2
    When backend 1 sends a reset with flags <flags> and sequence number 2000
    Then nothing reaches the client from the virtual endpoint
    When backend 2 sends a segment
    Then one frame leaves, at the client

    Examples:
      | flags |
      | R     |
      | RA    |

  Scenario Outline: PRISM-RST-09 a RST of the controller with flags <flags> does not pass while a backend owns the connection
    Given backend 1 owns the client's connection
    When the controller sends a reset with flags <flags> and sequence number 2000
    Then nothing reaches the client from the virtual endpoint
    When backend 1 sends a segment
    Then one frame leaves, at the client

    Examples:
      | flags |
      | R     |
      | RA    |

  Scenario: PRISM-RST-09 a RST of the controller does not pass from the lock until after the hand-off
    Given the controller owns the client's connection
    And the controller locks the connection
    When the controller sends a reset with flags R and sequence number 2000
    Then nothing reaches the client from the virtual endpoint
    When the controller hands the connection to backend 1
    And the controller sends a reset with flags R and sequence number 2000
    Then nothing reaches the client from the virtual endpoint
    When backend 1 sends a segment
    Then one frame leaves, at the client

  @needs-SPLICE
  Scenario: PRISM-RST-09 an old owner's RST does not pass under a SPLICE rule
    Given backend 1 owns the client's connection under a SPLICE rule
    And the controller locks the connection
    When backend 1 sends a reset with flags R and sequence number 2000
    Then nothing reaches the client from the virtual endpoint
    When the controller hands the connection to backend 2
    And backend 1 sends a reset with flags R and sequence number 2000
    Then nothing reaches the client from the virtual endpoint
