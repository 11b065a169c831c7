Feature: A ruled connection goes to its owner, and is seen as coming from the virtual endpoint

  The client talks to the virtual endpoint, 198.51.100.1 port 80. A rule says who serves the
  connection: its owner. The switch sends the client's segments to the owner and the owner's
  segments to the client, and neither learns of the other.

  Scenario: PRISM-REW-01 a client's segment leaves once, addressed to the owner
    Given backend 1 owns the client's connection
    When the client sends a segment of 100 octets
    Then it is addressed to backend 1
    And one frame leaves, at backend 1

  Scenario: PRISM-REW-02 an owner's segment leaves once, as from the virtual endpoint
    Given backend 1 owns the client's connection
    When backend 1 sends a segment of 100 octets
    Then it comes from the virtual endpoint
    And one frame leaves, at the client

  Scenario: PRISM-REW-03 a HANDOFF rule changes nothing but the destination and checksums
    Then for any segment of the client under HANDOFF, nothing but what the rule names changes

  @needs-REVERSE
  Scenario: PRISM-REW-03 a HANDOFF rule changes nothing but the source and checksums on the way back
    Then for any segment of the owner under HANDOFF, nothing but what the rule names changes

  @needs-SPLICE
  Scenario: PRISM-REW-03 a SPLICE rule changes nothing but what it names
    Then for any segment of the client under SPLICE, nothing but what the rule names changes

  @needs-SPLICE @needs-REVERSE
  Scenario: PRISM-REW-03 a SPLICE rule changes nothing but what it names on the way back
    Then for any segment of the owner under SPLICE, nothing but what the rule names changes

  Scenario: PRISM-REW-17 a segment and its mirror image undo each other under HANDOFF
    Then for any segment under HANDOFF, its mirror image comes back as the mirror of what was sent

  @needs-SPLICE
  Scenario: PRISM-REW-17 a segment and its mirror image undo each other under SPLICE
    Then for any segment under SPLICE, its mirror image comes back as the mirror of what was sent
