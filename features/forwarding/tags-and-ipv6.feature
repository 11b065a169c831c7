Feature: Tags, labels and IPv6

  A device need not know what stands between the MAC addresses and the IP header, nor IPv6. What it
  does not know it drops, or leaves as it is; it does not write at places where it supposes a header.

  Scenario Outline: PRISM-FWD-09 a client's segment behind <header> is dropped, translated whole or left alone
    Given backend 1 owns the client's connection
    When the client sends a segment of 40 octets behind "<header>"
    Then behind "<header>" it leaves as the rule says, or as it was sent, or it goes nowhere
    When the client sends a segment
    Then it leaves as the rule says

    Examples:
      | header                            |
      | VLAN 5                            |
      | VLAN 4094 with priority 7         |
      | VLAN 7 around VLAN 5              |
      | VLAN 7 around VLAN 5, both 802.1Q |
      | three tags                        |
      | a tag of type 9100                |
      | SNAP                              |
      | an MPLS label                     |
      | a PPPoE session                   |

  @needs-REVERSE
  Scenario Outline: PRISM-FWD-09 an owner's segment behind <header> is dropped, translated whole or left alone
    Given backend 1 owns the client's connection
    When backend 1 sends a segment of 40 octets behind "<header>"
    Then behind "<header>" it leaves as the rule says, or as it was sent, or it goes nowhere

    Examples:
      | header               |
      | VLAN 5               |
      | VLAN 7 around VLAN 5 |
      | SNAP                 |
      | a PPPoE session      |

  @needs-SPLICE
  Scenario Outline: PRISM-FWD-09 under SPLICE a segment behind <header> is dropped, translated whole or left alone
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment of 40 octets behind "<header>"
    Then behind "<header>" it leaves as the rule says, or as it was sent, or it goes nowhere

    Examples:
      | header               |
      | VLAN 5               |
      | VLAN 7 around VLAN 5 |
      | an MPLS label        |

  Scenario Outline: PRISM-FWD-09 the IPv6 twin of a segment, with <addresses>, is not rewritten
    Given backend 1 owns the client's connection
    When the client sends the IPv6 twin of a segment, with <addresses>
    Then it is left as it was sent, or goes nowhere
    When backend 1 sends the IPv6 twin of a segment, with <addresses>
    Then it is left as it was sent, or goes nowhere
    When the client sends a segment
    Then it leaves as the rule says

    Examples:
      | addresses                     |
      | its own IPv6 addresses        |
      | IPv4-mapped addresses         |
      | addresses of the NAT64 prefix |

  Scenario Outline: PRISM-FWD-10 a client's segment of <octets> octets behind <tag> is translated, its tag kept
    Given backend 1 owns the client's connection
    And every host has been heard in "<tag>"
    When the client sends a segment of <octets> octets behind "<tag>"
    Then it leaves as the rule says, behind its tag

    Examples:
      | octets | tag                               |
      | 0      | VLAN 5                            |
      | 101    | VLAN 5                            |
      | 100    | VLAN 1                            |
      | 100    | VLAN 4094 with priority 7         |
      | 100    | VLAN 7 around VLAN 5              |
      | 101    | VLAN 7 around VLAN 5, both 802.1Q |

  @needs-REVERSE
  Scenario Outline: PRISM-FWD-10 an owner's segment behind <tag> is translated, its tag kept
    Given backend 1 owns the client's connection
    And every host has been heard in "<tag>"
    When backend 1 sends a segment of 101 octets behind "<tag>"
    Then it leaves as the rule says, behind its tag

    Examples:
      | tag                       |
      | VLAN 5                    |
      | VLAN 4094 with priority 7 |
      | VLAN 7 around VLAN 5      |

  @needs-SPLICE
  Scenario Outline: PRISM-FWD-10 under SPLICE a segment behind <tag> is translated, its tag kept
    Given backend 1 owns the client's connection under a SPLICE rule
    And every host has been heard in "<tag>"
    When the client sends a segment of 101 octets behind "<tag>"
    Then it leaves as the rule says, behind its tag

    Examples:
      | tag                  |
      | VLAN 5               |
      | VLAN 7 around VLAN 5 |

  Scenario Outline: PRISM-FWD-10 a packet of 1500 octets behind <tag> is translated
    Given backend 1 owns the client's connection
    And every host has been heard in "<tag>"
    When the client sends a segment as long as a frame can be behind "<tag>"
    Then it leaves as the rule says, behind its tag

    Examples:
      | tag                  |
      | VLAN 5               |
      | VLAN 7 around VLAN 5 |

  @needs-JUMBO
  Scenario: PRISM-FWD-10 a packet of 9000 octets behind a tag is translated
    Given backend 1 owns the client's connection
    And every host has been heard in "VLAN 5"
    When the client sends a segment of 8960 octets behind "VLAN 5"
    Then it leaves as the rule says, behind its tag

  @needs-V6
  Scenario: PRISM-FWD-10 a tagged IPv6 segment is translated, its tag kept
    Given backend 1 owns the client's IPv6 connection
    And every host has been heard in "VLAN 5"
    When the client sends a segment of 101 octets behind "VLAN 5"
    Then it leaves as the rule says, behind its tag

  Scenario: PRISM-FWD-10 tagged and untagged segments pass side by side
    Given backend 1 owns the client's connection
    And every host has been heard in "VLAN 5"
    When the client sends a segment of 33 octets behind "VLAN 5"
    And the client sends a segment of 34 octets
    And the client sends a segment of 35 octets behind "VLAN 5"
    Then it leaves as the rule says, behind its tag
