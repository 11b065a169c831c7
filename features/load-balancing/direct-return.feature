@balancer
Feature: Servers answer directly

  Scenario: PRISM-DSR-01 direct return changes MAC addresses alone
    Given the service 10.1.0.201:80 by direct return to s1, s2, s3
    When 6 clients get "POST /a/3000 with 3000 octets" one after the other
    Then the segments of a client arrive to the octet
    And each connection has one server, from its SYN on

  Scenario: PRISM-DSR-02 what servers answer does not pass the switch
    Given the service 10.1.0.201:80 by direct return to s1, s2, s3
    When 6 clients get "GET /a/3000" one after the other
    Then what servers answer does not pass the switch
    And each client has its answers

  Scenario Outline: PRISM-DSR-03 the switch alone answers for a virtual address: <way>
    Given the service 10.1.0.201:80 by <way> to s1, s2, s3, s4
    When client 9 asks who has 10.1.0.201
    Then client 9 has one answer, of no server, that tells who has 10.1.0.201

    Examples:
      | way           |
      | direct return |

    @needs-NAT
    Examples:
      | way |
      | NAT |

    @needs-IPIP
    Examples:
      | way    |
      | tunnel |

  Scenario: PRISM-DSR-04 direct return and another port cannot be
    Given the service 10.1.0.201:80 by direct return to s1 at port 8080
    When client 1 gets "GET /a/100"
    Then the setup is refused

  @needs-IPIP
  Scenario: PRISM-DSR-04 a tunnel and another port cannot be
    Given the service 10.1.0.201:80 by tunnel to s1 at port 8080
    When client 1 gets "GET /a/100"
    Then the setup is refused

  Scenario: PRISM-DSR-05 a server resets its connection, and the switch does not see it
    Given the service 10.1.0.201:80 by direct return to s1, s2, s3
    When client 7 gets "GET /a/100"
    And client 8 gets "GET /a/100" after 100 ms
    And client 7 leaves its connection open after its answer
    And client 8 leaves its connection open after its answer
    And every server is dead after 1000 ms
    And every server is up after 1500 ms
    And client 7 sends a segment of its connection just before its time is over
    And client 8 sends a segment of its connection after twice its time
    Then the segment of client 7 reaches its server
    And that of client 8 is a stray, and dealt with as declared

  Scenario: PRISM-DSR-06 a segment fills its link, and is to go through a tunnel
    Given the service 10.1.0.201:80 by tunnel to s1
    When client 9 gets "GET /a/100"
    And client 9 leaves its connection open after its answer
    And client 9 sends a segment that fills its link, and may not be cut, after 1000 ms
    Then the segment of client 9 arrives in its tunnel, or its sender is told what is not too long

  Scenario: PRISM-DSR-07 packets in a tunnel are as the client sent them
    Given the service 10.1.0.201:80 by tunnel to s1, s2, s3
    When 6 clients get "POST /a/3000 with 100 octets" one after the other
    Then the segments of a client arrive in packets to its server, with nothing changed but TTL
    And each tunnel leads to its server
    And each client has its answers
