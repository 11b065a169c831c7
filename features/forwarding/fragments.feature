Feature: Fragments of a ruled connection

  Only the first fragment of a datagram has a TCP header; what stands at its place in a later one is
  payload (RFC 791 section 3.2). A switch that cannot translate a datagram whole drops it or leaves it:
  what is lost is sent again, what is translated in part is corrupt.

  Scenario Outline: PRISM-FWD-04 a fragment of <host> at offset <offset> is not read as a TCP header
    Given backend 1 owns the client's connection
    When <host> sends two fragments at offset <offset>, of which one looks like a segment
    Then both go the same way, their octets untouched
    When the client sends a segment
    Then it leaves as the rule says

    Examples:
      | host       | offset |
      | the client | 1      |
      | the client | 2      |
      | the client | 185    |
      | the client | 4096   |
      | the client | 8000   |

    @needs-REVERSE
    Examples: from the owner
      | host      | offset |
      | backend 1 | 1      |
      | backend 1 | 185    |
      | backend 1 | 4096   |

  @needs-SPLICE
  Scenario Outline: PRISM-FWD-04 under SPLICE a fragment at offset <offset> is not read as a TCP header
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends two fragments at offset <offset>, of which one looks like a segment
    Then both go the same way, their octets untouched

    Examples:
      | offset |
      | 1      |
      | 185    |

  @needs-V6
  Scenario Outline: PRISM-FWD-04 an IPv6 fragment at offset <offset> is not read as a TCP header
    Given backend 1 owns the client's IPv6 connection
    When the client sends two fragments at offset <offset>, of which one looks like a segment
    Then both go the same way, their octets untouched

    Examples:
      | offset |
      | 1      |
      | 181    |

  Scenario Outline: PRISM-FWD-05 a segment of <octets> octets cut at <cuts>, <order>, is never translated in part
    Given backend 1 owns the client's connection
    When the client sends a segment of <octets> octets in fragments cut at <cuts>, <order>
    Then the fragments that leave are all translated, or all as they were sent

    Examples:
      | octets | cuts          | order              |
      | 100    | 24            | in order           |
      | 100    | 24            | in reverse         |
      | 100    | 8             | in order           |
      | 100    | 16            | in order           |
      | 100    | 16            | in reverse         |
      | 100    | 8 and 16      | in order           |
      | 3000   | 1480 and 2960 | in order           |
      | 3000   | 1480 and 2960 | in reverse         |
      | 3000   | 1480 and 2960 | the first one last |

  @needs-REVERSE
  Scenario Outline: PRISM-FWD-05 an owner's segment of <octets> octets cut at <cuts>, <order>, is never translated in part
    Given backend 1 owns the client's connection
    When backend 1 sends a segment of <octets> octets in fragments cut at <cuts>, <order>
    Then the fragments that leave are all translated, or all as they were sent

    Examples:
      | octets | cuts          | order              |
      | 100    | 24            | in order           |
      | 100    | 8             | in order           |
      | 3000   | 1480 and 2960 | in order           |
      | 3000   | 1480 and 2960 | in reverse         |
      | 3000   | 1480 and 2960 | the first one last |

  @needs-SPLICE
  Scenario Outline: PRISM-FWD-05 under SPLICE a segment cut at <cuts>, <order>, is never translated in part
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment of 100 octets in fragments cut at <cuts>, <order>
    Then the fragments that leave are all translated, or all as they were sent

    Examples:
      | cuts | order      |
      | 8    | in order   |
      | 16   | in order   |
      | 24   | in order   |
      | 24   | in reverse |

  Scenario: PRISM-FWD-05 fragments of several segments that alternate are not mixed up
    Given backend 1 owns the client's connection
    When the client sends 8 segments of 1000 octets in fragments that alternate
    Then the fragments that leave are all translated, or all as they were sent

  @needs-MATCH
  Scenario: PRISM-FWD-05 fragments that alternate with those of another connection are told from them
    Given backend 1 owns the client's connection
    When the client sends fragments of two segments that alternate, one of another connection
    Then the fragments that leave are all translated, or all as they were sent

  @needs-MATCH
  Scenario: PRISM-FWD-05 fragments of a thousand segments at once are not mixed up
    A device has room for some first fragments. Who finds another datagram's in the place of one may
    not go by it.
    Given backend 1 owns the client's connection
    When the client sends 1000 segments in fragments, every other of another connection, the second fragments last
    Then the fragments that leave are all translated, or all as they were sent

  @needs-MATCH
  Scenario: PRISM-FWD-05 a whole segment does not speak for the fragments of another connection
    Given backend 1 owns the client's connection
    When the client sends a segment, and in reverse the fragments of another connection's with its identification
    Then the fragments that leave are all translated, or all as they were sent

  Scenario Outline: PRISM-FWD-05 an ICMP error of <reporter> in fragments cut at <cut> is never translated in part
    Given backend 1 owns the client's connection
    When <reporter> reports an ICMP error in fragments cut at <cut>
    Then the fragments that leave are all translated, or all as they were sent

    Examples:
      | reporter                 | cut |
      | a router near the client | 56  |
      | a router near the client | 256 |
      | a router near the owner  | 56  |

  @needs-V6
  Scenario Outline: PRISM-FWD-05 an IPv6 segment in fragments cut at <cuts>, <order>, is never translated in part
    Given backend 1 owns the client's IPv6 connection
    When the client sends a segment of 3000 octets in fragments cut at <cuts>, <order>
    Then the fragments that leave are all translated, or all as they were sent

    Examples:
      | cuts          | order      |
      | 24            | in order   |
      | 8             | in order   |
      | 1400 and 2800 | in order   |
      | 1400 and 2800 | in reverse |

  @needs-FRAG
  Scenario Outline: PRISM-FWD-05 a device that claims FRAG translates a client's segment cut at <cuts>
    Given backend 1 owns the client's connection
    When the client sends a segment of <octets> octets in fragments cut at <cuts>, in order
    Then the fragments that leave make up the translated segment

    Examples:
      | octets | cuts          |
      | 100    | 24            |
      | 101    | 64 and 72     |
      | 3000   | 1480 and 2960 |

  @needs-FRAG @needs-REVERSE
  Scenario Outline: PRISM-FWD-05 a device that claims FRAG translates an owner's segment cut at <cuts>
    Given backend 1 owns the client's connection
    When backend 1 sends a segment of <octets> octets in fragments cut at <cuts>, in order
    Then the fragments that leave make up the translated segment

    Examples:
      | octets | cuts          |
      | 100    | 24            |
      | 3000   | 1480 and 2960 |

  @needs-FRAG @needs-SPLICE
  Scenario: PRISM-FWD-05 a device that claims FRAG translates a segment in fragments under SPLICE
    Given backend 1 owns the client's connection under a SPLICE rule
    When the client sends a segment of 3000 octets in fragments cut at 1480 and 2960, in order
    Then the fragments that leave make up the translated segment

  @needs-FRAG
  Scenario: PRISM-FWD-05 a device that claims FRAG translates segments whose fragments alternate
    Given backend 1 owns the client's connection
    When the client sends 8 segments of 1000 octets in fragments that alternate
    Then the fragments that leave make up the translated segments
