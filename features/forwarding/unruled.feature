Feature: What no rule matches is bridged as it came

  A Prism stands in the way of all traffic, not only of the connections that it has rules for.
  Everything else it forwards like any switch, by MAC address and octet for octet. Beside the frames of
  these scenarios there is always a rule, for the client's connection to the virtual endpoint.

  Scenario Outline: PRISM-FWD-01 <frame> between two hosts arrives as it was sent
    Given backend 1 owns the client's connection
    When the other client sends <frame> to backend 2
    Then it arrives as it was sent
    When backend 2 sends <frame> to the other client
    Then it arrives as it was sent

    Examples:
      | frame                                  |
      | a TCP segment                          |
      | a UDP datagram                         |
      | a UDP datagram without a checksum      |
      | an SCTP packet                         |
      | a segment in GRE                       |
      | an echo request                        |
      | an ICMP error about another connection |
      | a frame of an unknown EtherType        |
      | an LLC frame                           |

    @needs-FRAG
    Examples: of fragments
      | frame            |
      | a first fragment |
      | a later fragment |

    @needs-IPOPT
    Examples: of IPv4 options
      | frame                        |
      | a datagram with IPv4 options |

    @needs-V6
    Examples: of IPv6
      | frame          |
      | an IPv6 packet |

  Scenario Outline: PRISM-FWD-01 <frame> between the hosts of a rule arrives as it was sent
    Given backend 1 owns the client's connection
    When the client sends <frame> to backend 1
    Then it arrives as it was sent
    When backend 1 sends <frame> to the client
    Then it arrives as it was sent
    When the client sends <frame> to the controller
    Then it arrives as it was sent
    When the controller sends <frame> to the client
    Then it arrives as it was sent
    When backend 1 sends <frame> to the controller
    Then it arrives as it was sent

    Examples:
      | frame                           |
      | a TCP segment                   |
      | a UDP datagram                  |
      | an echo request                 |
      | a frame of an unknown EtherType |

  Scenario: PRISM-FWD-01 frames of every size from 60 octets to the MTU arrive as they were sent
    Given backend 1 owns the client's connection
    When the other client sends frames of every size that the MTU allows to backend 2
    Then it arrives as it was sent

  Scenario: PRISM-FWD-01 a multicast frame reaches every other port once
    Given backend 1 owns the client's connection
    When the other client sends a UDP datagram to all hosts
    Then it arrives as it was sent

  Scenario: PRISM-FWD-01 a frame that claims to come from a group does not draw its multicasts away
    Given backend 1 owns the client's connection
    When the client sends a frame from the address of a group
    Then whatever became of it is put aside
    When the other client sends a UDP datagram to all hosts
    Then it arrives as it was sent

  Scenario: PRISM-FWD-01 what two hosts behind one port send each other stays there
    Given backend 1 owns the client's connection
    When the client and a neighbour behind its port send each other a frame
    Then neither frame comes back to their port

  Scenario: PRISM-FWD-01 another connection between the hosts of a rule passes as it was sent
    Then for any segment of another connection, right or damaged, not an octet changes

  Scenario: PRISM-FWD-01 without any rule a segment to the virtual endpoint reaches the controller as it was sent
    When the client sends a TCP segment to the controller
    Then it arrives as it was sent

  Scenario Outline: PRISM-FWD-02 an ARP request of <asker> for <address> reaches every other port as it was sent
    Given backend 1 owns the client's connection
    When <asker> asks by ARP who has <address>
    Then it arrives as it was sent

    Examples:
      | asker      | address                    |
      | the client | the virtual address        |
      | the client | the second virtual address |
      | backend 1  | the virtual address        |
      | backend 1  | the address of the client  |
      | the client | the address of backend 1   |

  Scenario Outline: PRISM-FWD-02 the ARP answer of <host> to <asker> for <address> arrives as it was sent
    Given backend 1 owns the client's connection
    When <host> answers <asker> by ARP that it has <address>
    Then it arrives as it was sent

    Examples:
      | host           | asker          | address                    |
      | the controller | the client     | the virtual address        |
      | the controller | the client     | the second virtual address |
      | the client     | the controller | the address of the client  |
      | the client     | backend 1      | the address of the client  |
      | backend 1      | the controller | the address of backend 1   |

  Scenario: PRISM-FWD-02 an ARP request to one host arrives there as it was sent
    Given backend 1 owns the client's connection
    When the client asks the controller by ARP whether it still has the virtual address
    Then it arrives as it was sent

  Scenario: PRISM-FWD-02 an announcement of the virtual address reaches every other port as it was sent
    Given backend 1 owns the client's connection
    When the controller tells everybody by ARP that it has the virtual address
    Then it arrives as it was sent

  Scenario Outline: PRISM-FWD-03 <packet> with a rule's addresses and ports is not rewritten
    Given backend 1 owns the client's connection
    When the client sends <packet> in the place of a segment
    Then it arrives as it was sent, or may go nowhere without a bridge
    When backend 1 sends <packet> in the place of a segment
    Then it arrives as it was sent, or may go nowhere without a bridge

    Examples:
      | packet                               |
      | a UDP datagram                       |
      | a UDP datagram without a checksum    |
      | an SCTP packet                       |
      | a DCCP packet                        |
      | a UDP-Lite datagram                  |
      | a segment in GRE                     |
      | a segment in IPv4 in IPv4            |
      | an echo request                      |
      | a segment under an unknown EtherType |

  @needs-V6
  Scenario: PRISM-FWD-03 an IPv6 UDP datagram with a rule's addresses and ports is not rewritten
    Given backend 1 owns the client's IPv6 connection
    When the client sends an IPv6 UDP datagram in the place of a segment
    Then it arrives as it was sent, or may go nowhere without a bridge
    When backend 1 sends an IPv6 UDP datagram in the place of a segment
    Then it arrives as it was sent, or may go nowhere without a bridge

  @needs-V6
  Scenario Outline: PRISM-FWD-03 an IPv6 <packet> is not rewritten
    Given backend 1 owns the client's IPv6 connection
    When the client sends <frame> in the place of a segment
    Then it is left as it was sent, or goes nowhere

    Examples:
      | packet                             | frame                                    |
      | segment under an unknown EtherType | a segment under an unknown EtherType     |
      | fragment of a UDP datagram         | a first fragment of an IPv6 UDP datagram |

  @needs-V6 @needs-FRAG
  Scenario: PRISM-FWD-01 a fragment of an IPv6 UDP datagram between the hosts of a rule arrives as it was sent
    Given backend 1 owns the client's IPv6 connection
    When the client sends a first fragment of an IPv6 UDP datagram in the place of a segment
    Then it arrives as it was sent

  @needs-SPLICE
  Scenario: PRISM-FWD-03 a UDP datagram with the addresses and ports of a SPLICE rule is not rewritten
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a UDP datagram in the place of a segment
    Then it arrives as it was sent, or may go nowhere without a bridge

  Scenario Outline: PRISM-FWD-03 a segment of <host> under any other protocol number is not rewritten
    Given backend 1 owns the client's connection
    When <host> sends its segment under every other IP protocol number
    Then it is left as it was sent, or goes nowhere

    Examples:
      | host       |
      | the client |
      | backend 1  |

  @needs-V6
  Scenario Outline: PRISM-FWD-03 an IPv6 segment of <host> under any other protocol number is not rewritten
    Given backend 1 owns the client's IPv6 connection
    When <host> sends its segment under every other IP protocol number
    Then it is left as it was sent, or goes nowhere

    Examples:
      | host       |
      | the client |
      | backend 1  |

  Scenario Outline: PRISM-FWD-12 after traffic of a rule every host is where it was, as <watcher> sees it
    Given backend 1 owns the client's connection
    When the client sends a segment
    And backend 1 sends a segment
    Then a frame of <watcher> to each host arrives there and nowhere else

    Examples:
      | watcher          |
      | the other client |
      | backend 2        |
      | the client       |
      | the controller   |

  @needs-SPLICE
  Scenario: PRISM-FWD-12 after traffic of a SPLICE rule every host is where it was
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment
    And backend 1 sends a segment
    Then a frame of backend 2 to each host arrives there and nowhere else

  @needs-PUNT
  Scenario: PRISM-FWD-12 what comes back from the punt port does not move its sender
    Given backend 1 owns the client's connection
    When the client's segment comes back from the punt port
    Then a frame of the other client to each host arrives there and nowhere else

  @needs-RULES @needs-LOCK
  Scenario: PRISM-FWD-12 after a lock and a hand-off every host is where it was
    Given backend 1 owns the client's connection
    And the controller locks the connection
    When the client sends a segment
    And the controller hands the connection to backend 2
    And the client sends a segment
    And backend 2 sends a segment
    Then a frame of the other client to each host arrives there and nowhere else

  @needs-RULES @needs-LOCK
  Scenario: PRISM-FWD-12 what an owner of the past sends does not move anybody
    Given backend 2 owns the client's connection
    And the controller hands the connection to backend 1
    When backend 2 sends a segment
    And the controller sends a segment
    Then a frame of the other client to each host arrives there and nowhere else
