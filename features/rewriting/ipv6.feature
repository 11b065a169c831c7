@needs-V6
Feature: Rules for IPv6

  Scenario: PRISM-REW-18 any segment of an IPv6 connection is translated, its checksum right
    Then for any segment of an IPv6 connection under HANDOFF, nothing but what the rule names changes, its TCP checksum right

  @needs-SPLICE
  Scenario: PRISM-REW-18 any segment of a spliced IPv6 connection is translated, its checksum right
    Then for any segment of an IPv6 connection under SPLICE, nothing but what the rule names changes, its TCP checksum right

  Scenario Outline: PRISM-REW-18 <header> before TCP is skipped, or the packet is dropped
    Given backend 1 owns the client's IPv6 connection
    When the client sends an IPv6 segment behind <header>
    Then it leaves as the rule says, or is punted, or no frame leaves

    Examples:
      | header                                             |
      | a hop-by-hop options header                        |
      | a destination options header                       |
      | a hop-by-hop and a destination header              |
      | a hop-by-hop options header of 16 octets           |
      | a hop-by-hop options header of 24 octets           |
      | a destination options header of 16 octets          |
      | a destination options header of 24 octets          |
      | a hop-by-hop and a destination header of 16 octets |
      | a routing header with no segments left             |
      | a fragment header of a whole packet                |

  Scenario Outline: PRISM-REW-18 <header> is never misread
    Given backend 1 owns the client's IPv6 connection
    When the client sends an IPv6 segment behind <header>
    Then it leaves as the rule says, or unchanged, or is punted, or no frame leaves

    Examples:
      | header                                     |
      | a routing header with one segment left     |
      | a header that claims to be longer than all |

  @needs-BRIDGE
  Scenario Outline: PRISM-REW-18 <header> before TCP is not flooded where the destination was never heard
    Given backend 1 owns the client's IPv6 connection
    When the client sends an IPv6 segment behind <header>, to a MAC address that was never heard
    Then it leaves as the rule says, or is punted, or no frame leaves

    Examples:
      | header                                 |
      | a hop-by-hop options header            |
      | a routing header with no segments left |
      | a fragment header of a whole packet    |
