Feature: A segment whose lengths are wrong is not changed beyond its end

  Behind each segment stand octets that look like options: a switch that believes the header rather
  than what it has would change them, or read past the frame.

  Scenario Outline: PRISM-SEC-04 <field> <value> does no harm
    Given backend 1 owns the client's connection under a rule with every delta that the device can do
    When a segment whose <field> is <value> comes from each side
    Then none of it is changed beyond its end
    And the connection goes to backend 1

    Examples:
      | field      | value |
      | IP version | 0     |
      | IP version | 5     |
      | IP version | 6     |
      | IP version | 15    |

    Examples: an ordinary header is 5 words long
      | field              | value |
      | IPv4 header length | 0     |
      | IPv4 header length | 1     |
      | IPv4 header length | 4     |
      | IPv4 header length | 10    |
      | IPv4 header length | 12    |
      | IPv4 header length | 15    |

    Examples: the packet is 64 octets long, its headers 40, the frame's rest 48
      | field             | value |
      | IPv4 total length | 0     |
      | IPv4 total length | 1     |
      | IPv4 total length | 19    |
      | IPv4 total length | 20    |
      | IPv4 total length | 23    |
      | IPv4 total length | 24    |
      | IPv4 total length | 27    |
      | IPv4 total length | 28    |
      | IPv4 total length | 32    |
      | IPv4 total length | 36    |
      | IPv4 total length | 39    |
      | IPv4 total length | 113   |
      | IPv4 total length | 1500  |
      | IPv4 total length | 65535 |

    Examples: a TCP header is 5 words long, the segment 11
      | field           | value |
      | TCP data offset | 0     |
      | TCP data offset | 1     |
      | TCP data offset | 4     |
      | TCP data offset | 12    |
      | TCP data offset | 15    |

    Examples: the frame ends inside a header
      | field        | value |
      | frame length | 14    |
      | frame length | 15    |
      | frame length | 33    |
      | frame length | 34    |
      | frame length | 38    |
      | frame length | 46    |
      | frame length | 47    |
      | frame length | 50    |
      | frame length | 53    |

  @needs-V6
  Scenario Outline: PRISM-SEC-04 <field> <value> of an IPv6 segment does no harm
    Given backend 1 owns the client's IPv6 connection under a rule with every delta that the device can do
    When a segment whose <field> is <value> comes from each side
    Then none of it is changed beyond its end
    And the connection goes to backend 1

    Examples: the packet is 84 octets long, its headers 60, the frame's rest 48
      | field               | value |
      | IP version          | 0     |
      | IP version          | 4     |
      | IP version          | 7     |
      | IPv6 payload length | 1     |
      | IPv6 payload length | 4     |
      | IPv6 payload length | 8     |
      | IPv6 payload length | 16    |
      | IPv6 payload length | 19    |
      | IPv6 payload length | 93    |
      | IPv6 payload length | 65535 |
      | TCP data offset     | 0     |
      | TCP data offset     | 4     |
      | TCP data offset     | 12    |
      | TCP data offset     | 15    |
      | frame length        | 15    |
      | frame length        | 53    |
      | frame length        | 54    |
      | frame length        | 58    |
      | frame length        | 70    |

  Scenario Outline: PRISM-SEC-04 an ICMP error whose <field> is <value> does no harm
    Given backend 1 owns the client's connection under a rule with every delta that the device can do
    When an ICMP error whose <field> is <value> comes from each side
    Then none of it is changed beyond its end
    And the connection goes to backend 1

    Examples:
      | field              | value |
      | IP version         | 0     |
      | IP version         | 6     |
      | IPv4 header length | 0     |
      | IPv4 header length | 4     |
      | IPv4 header length | 15    |
      | IPv4 total length  | 0     |
      | IPv4 total length  | 20    |
      | IPv4 total length  | 27    |
      | IPv4 total length  | 28    |
      | IPv4 total length  | 48    |
      | IPv4 total length  | 52    |
      | IPv4 total length  | 55    |
      | IPv4 total length  | 56    |
      | IPv4 total length  | 64    |
      | IPv4 total length  | 65    |
      | IPv4 total length  | 1500  |
      | frame length       | 34    |
      | frame length       | 42    |
      | frame length       | 50    |
      | frame length       | 66    |

  Scenario Outline: PRISM-SEC-04 octets of a quoted address are not taken for ports: IPv4 header length <words>
    The same two rules, and an ICMP error that quotes a header that is too short.
    Given backend 1 owns the client's connection from port <from> to port <to>
    When a router near the client reports an ICMP error whose quoted IPv4 header is <words> words long
    Then it is left as it was sent, or goes nowhere

    Examples:
      | words | from  | to    |
      | 3     | 25601 | 50739 |
      | 4     | 522   | 49152 |

  Scenario Outline: PRISM-SEC-04 octets of an address are not taken for ports: IPv4 header length <words>
    The rule's ports are those that stand <words> words into the packet: 192.0 and 2.10 of the client's
    address, 198.51 and 100.1 of the virtual one.
    Given backend 1 owns the client's connection from port <from> to port <to>
    When a segment whose IPv4 header length is <words> comes from each side
    Then none of it is changed beyond its end
    And the connection goes to backend 1

    Examples:
      | words | from  | to    |
      | 3     | 49152 | 522   |
      | 4     | 50739 | 25601 |
