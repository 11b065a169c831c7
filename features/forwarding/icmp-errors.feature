Feature: ICMP errors about a ruled connection

  An ICMP error quotes the packet that caused it. The one who sent that packet recognises it by the
  quoted addresses, ports and sequence number, so all of them must be as it had sent them: translated
  together with the outer header, or left alone together with it (RFC 5508 section 4.2).

  @needs-REVERSE
  Scenario: PRISM-FWD-06 "fragmentation needed" near the client reaches the owner with its MTU
    Given backend 1 owns the client's connection
    When a router near the client reports ICMP type 3 code 4 with MTU 1400 about sequence number 5000
    Then the error leaves with
      | type                       | 3           |
      | code                       | 4           |
      | MTU                        | 1400        |
      | source address             | 192.0.2.254 |
      | destination address        | 10.0.0.21   |
      | quoted source address      | 10.0.0.21   |
      | quoted source port         | 8080        |
      | quoted destination address | 192.0.2.10  |
      | quoted destination port    | 40000       |
      | quoted sequence number     | 5000        |
    And each error arrives, translated whole

  @needs-REVERSE
  Scenario: PRISM-FWD-06 "fragmentation needed" near the owner reaches the client with its MTU
    Given backend 1 owns the client's connection
    When a router near the owner reports ICMP type 3 code 4 with MTU 576 about sequence number 5000
    Then the error leaves with
      | type                       | 3            |
      | code                       | 4            |
      | MTU                        | 576          |
      | destination address        | 192.0.2.10   |
      | quoted source address      | 192.0.2.10   |
      | quoted source port         | 40000        |
      | quoted destination address | 198.51.100.1 |
      | quoted destination port    | 80           |
      | quoted sequence number     | 5000         |
    And each error arrives, translated whole

  @needs-REVERSE @needs-SPLICE @needs-DELTAS
  Scenario Outline: PRISM-FWD-06 an error of <reporter> about <seq> quotes <seq out> to the other side
    Given backend 1 owns the client's connection with the deltas
      | client sequence | 70   |
      | owner sequence  | 1000 |
    When <reporter> reports ICMP type 3 code 4 with MTU 1400 about sequence number <seq>
    Then the error leaves with
      | quoted sequence number | <seq out> |
    And each error arrives, translated whole

    Examples:
      | reporter                 | seq        | seq out    |
      | a router near the client | 5000       | 6000       |
      | a router near the client | 4294967295 | 999        |
      | the client               | 0          | 1000       |
      | a router near the owner  | 5000       | 4930       |
      | a router near the owner  | 69         | 4294967295 |
      | the owner                | 70         | 0          |

  @needs-REVERSE
  Scenario Outline: PRISM-FWD-06 every ICMP error of <reporter>, quoting <quote>, reaches the sender
    Given backend 1 owns the client's connection
    When <reporter> reports every ICMP error, quoting "<quote>"
    Then each error arrives, translated whole

    Examples:
      | reporter                 | quote                     |
      | the client               | 8 octets                  |
      | the client               | the whole header          |
      | a router near the client | 8 octets                  |
      | a router near the client | the whole header          |
      | a router near the client | the header and 500 octets |
      | a router near the client | a header with options     |
      | the owner                | 8 octets                  |
      | the owner                | the whole header          |
      | a router near the owner  | 8 octets                  |
      | a router near the owner  | the whole header          |
      | a router near the owner  | the header and 500 octets |
      | a router near the owner  | a header with options     |

  @needs-REVERSE @needs-SPLICE
  Scenario Outline: PRISM-FWD-06 under SPLICE every ICMP error of <reporter>, quoting <quote>, reaches the sender
    Given backend 1 owns the client's connection under a SPLICE rule
    When <reporter> reports every ICMP error, quoting "<quote>"
    Then each error arrives, translated whole

    Examples:
      | reporter                 | quote            |
      | a router near the client | 8 octets         |
      | a router near the client | the whole header |
      | a router near the owner  | 8 octets         |
      | a router near the owner  | the whole header |

  @needs-REVERSE @needs-V6
  Scenario Outline: PRISM-FWD-06 every ICMPv6 error of <reporter>, quoting <quote>, reaches the sender
    Given backend 1 owns the client's IPv6 connection
    When <reporter> reports every ICMP error, quoting "<quote>"
    Then each error arrives, translated whole

    Examples:
      | reporter                 | quote                     |
      | the client               | 8 octets                  |
      | a router near the client | the whole header          |
      | a router near the client | the header and 500 octets |
      | the owner                | 8 octets                  |
      | a router near the owner  | the whole header          |

  Scenario Outline: PRISM-FWD-07 after every ICMP error of <reporter> the client's data still flow
    Given backend 1 owns the client's connection
    When <reporter> reports every ICMP error, also the obsolete ones, quoting "<quote>"
    Then whatever became of it is put aside
    When the client sends a segment
    Then it leaves as the rule says

    Examples:
      | reporter                 | quote            |
      | the client               | 8 octets         |
      | a router near the client | the whole header |
      | the owner                | the whole header |
      | a router near the owner  | 8 octets         |

  @needs-REVERSE
  Scenario Outline: PRISM-FWD-07 after every ICMP error of <reporter> the owner's data still flow
    Given backend 1 owns the client's connection
    When <reporter> reports every ICMP error, also the obsolete ones, quoting "<quote>"
    Then whatever became of it is put aside
    When backend 1 sends a segment
    Then it leaves as the rule says

    Examples:
      | reporter                 | quote            |
      | the client               | 8 octets         |
      | a router near the client | the whole header |
      | the owner                | the whole header |
      | a router near the owner  | 8 octets         |

  @needs-RULES
  Scenario: PRISM-FWD-07 after ICMP errors the rule is listed as it was set
    Given backend 1 owns the client's connection
    When a router near the client reports every ICMP error, also the obsolete ones, quoting "8 octets"
    Then whatever became of it is put aside
    And the rule is listed as it was set

  Scenario Outline: PRISM-FWD-08 an ICMP error of <reporter>, quoting <quote>, is never translated in part
    Given backend 1 owns the client's connection
    When <reporter> reports every ICMP error, also the obsolete ones, quoting "<quote>"
    Then each error is translated whole, left as it was, or goes nowhere

    Examples:
      | reporter                 | quote                     |
      | the client               | 8 octets                  |
      | the client               | the whole header          |
      | a router near the client | 8 octets                  |
      | a router near the client | the header and 500 octets |
      | the owner                | the whole header          |
      | a router near the owner  | 8 octets                  |
      | a router near the owner  | a header with options     |

  Scenario Outline: PRISM-FWD-08 <what> of <reporter> is left alone
    An error goes to the sender of what it quotes; what is for somebody else is none of the rule's.
    Given backend 1 owns the client's connection
    When <reporter> sends "<what>" in the place of an error
    Then it is left as it was sent, or goes nowhere

    Examples:
      | reporter                 | what                        |
      | a router near the client | an error for another address |
      | a router near the client | an error for another network |
      | a router near the owner  | an error for another address |
      | a router near the owner  | an error for another network |

  Scenario Outline: PRISM-FWD-03 <what> of <reporter> is not rewritten
    Given backend 1 owns the client's connection
    When <reporter> sends "<what>" in the place of an error
    Then it is left as it was sent, or goes nowhere

    Examples:
      | reporter                 | what                                        |
      | the client               | an echo request with the octets of an error |
      | a router near the owner  | an echo request with the octets of an error |
      | a router near the client | an error about a UDP datagram               |
      | a router near the owner  | an error about a UDP datagram               |

  Scenario Outline: PRISM-FWD-03 an ICMP error of <reporter> under any other protocol number is not rewritten
    Given backend 1 owns the client's connection
    When <reporter> sends its ICMP error under every other IP protocol number
    Then it is left as it was sent, or goes nowhere

    Examples:
      | reporter                 |
      | a router near the client |
      | a router near the owner  |

  Scenario Outline: PRISM-FWD-04 an ICMP error of <reporter> about a later fragment is not read as one about a TCP header
    Given backend 1 owns the client's connection
    When <reporter> reports an ICMP error about a later fragment of a segment
    Then what it quotes behind the IP header is as it was sent, or it goes nowhere

    Examples:
      | reporter                 |
      | a router near the client |
      | a router near the owner  |

  @needs-SPLICE
  Scenario Outline: PRISM-FWD-08 under SPLICE an ICMP error of <reporter>, quoting <quote>, is never translated in part
    Given backend 1 owns the client's connection under a SPLICE rule
    When <reporter> reports every ICMP error, also the obsolete ones, quoting "<quote>"
    Then each error is translated whole, left as it was, or goes nowhere

    Examples:
      | reporter                 | quote            |
      | a router near the client | 8 octets         |
      | a router near the client | the whole header |
      | a router near the owner  | 8 octets         |
      | a router near the owner  | the whole header |
