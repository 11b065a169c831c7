Feature: Direct server return

  An owner may serve the virtual endpoint under that endpoint's own address. Its rule then changes the
  MAC address of the client's frames and nothing else, and what the owner sends needs no translation.

  Scenario Outline: PRISM-FWD-13 a client's segment of <octets> octets goes to the owner's MAC address, its IP packet untouched
    Given backend 1 owns the client's connection under the virtual address
    When the client sends a segment of <octets> octets
    Then it leaves with
      | destination MAC     | 02:00:00:00:00:b1 |
      | source address      | 192.0.2.10        |
      | source port         | 40000             |
      | destination address | 198.51.100.1      |
      | destination port    | 80                |
    And nothing but its MAC addresses changes

    Examples:
      | octets |
      | 10     |
      | 101    |
      | 1460   |

  Scenario: PRISM-FWD-13 any segment of the client keeps its IP packet
    Then for any segment of the client under the virtual address, nothing but its MAC addresses changes

  @needs-REVERSE
  Scenario: PRISM-FWD-13 any segment of the owner reaches the client as it was sent
    Then for any segment of the owner under the virtual address, nothing but its MAC addresses changes

  @needs-REVERSE @needs-ICMP
  Scenario Outline: PRISM-FWD-13 an ICMP error of <reporter> reaches the client as it was sent
    Given backend 1 owns the client's connection under the virtual address
    When <reporter> reports ICMP type 3 code 4 with MTU 1400 about sequence number 5000
    Then nothing but its MAC addresses changes

    Examples: a router between the owner and the switch has a MAC address of its own
      | reporter                |
      | the owner               |
      | a router near the owner |
      | a router in between     |

  @needs-V6
  Scenario: PRISM-FWD-13 an IPv6 segment goes to the owner's MAC address, its packet untouched
    Given backend 1 owns the client's IPv6 connection under the virtual address
    When the client sends a segment of 101 octets
    Then nothing but its MAC addresses changes

  @needs-RULES @needs-LOCK
  Scenario: PRISM-FWD-13 the connection can come back to the controller, under the same address
    Given backend 1 owns the client's connection under the virtual address
    When the controller hands the connection to the controller
    And the client sends a segment of 50 octets
    Then nothing but its MAC addresses changes

  @needs-BRIDGE @needs-MATCH
  Scenario: PRISM-FWD-13 another connection to the virtual endpoint still goes to the controller
    Given backend 1 owns the client's connection under the virtual address
    When the client sends a TCP segment to the controller
    Then it arrives as it was sent
