@balancer
Feature: A server switch translates, and changes nothing else

  Scenario Outline: PRISM-SLB-02 the server gets what the client sent: <request>
    Given the service 10.1.0.201:80 by NAT to s1, s2, s3 at port 8080
    When 3 clients get "<request>" one after the other
    Then each segment of a client reaches its server, with nothing changed but what NAT changes
    And each client has its answers

    Examples:
      | request                      |
      | GET /a/1                     |
      | POST /a/10 with 1 octets     |
      | POST /a/10 with 20001 octets |

  Scenario Outline: PRISM-SLB-03 the client gets what the server sent: <request>
    Given the service 10.1.0.201:80 by NAT to s1, s2, s3 at port 8080
    When 3 clients get "<request>" one after the other
    Then each segment of a server reaches its client, with nothing changed but what NAT changes
    And each client has its answers

    Examples:
      | request      |
      | GET /a/0     |
      | GET /a/1     |
      | GET /a/30001 |

  Scenario Outline: PRISM-SLB-04 checksums are right by <way>: <request>
    Given the service 10.1.0.201:80 by <way> to s1, s2, s3
    When 6 clients get "<request>" one after the other
    Then all that arrives has right checksums
    And each client has its answers

    @needs-NAT
    Examples:
      | way | request                     |
      | NAT | GET /a/1                    |
      | NAT | POST /a/3000 with 3001 octets |

    @needs-DSR
    Examples:
      | way           | request      |
      | direct return | GET /a/3001  |

    @needs-IPIP
    Examples:
      | way    | request      |
      | tunnel | GET /a/3001  |

  Scenario: PRISM-SLB-11 a link on the client's side carries less
    Given the service 10.1.0.201:80 by NAT to s1, s2, s3 at port 8080
    When client 2 gets "GET /a/100"
    And client 1 gets "GET /a/100" after 100 ms
    And client 1 leaves its connection open after its answer
    And a router of client 1 says that the server's packet was too big
    Then the error reaches the server of client 1, about the server's own packet

  Scenario: PRISM-SLB-11 a link on the server's side carries less
    Given the service 10.1.0.201:80 by NAT to s1 at port 8080
    When client 1 gets "GET /a/100"
    And client 1 leaves its connection open after its answer
    And a router of s1 says that client 1's packet was too big
    Then the error reaches client 1, about its own packet

  @needs-NAT
  Scenario: PRISM-SLB-12 a segment has IP options
    Given the service 10.1.0.201:80 by NAT to s1, s2, s3
    When client 1 gets "GET /a/100"
    And client 1 leaves its connection open after its answer
    And client 1 sends a segment with IP options on its connection
    Then the segment with options of client 1 reaches its server, or nobody, as declared

  @needs-NAT
  Scenario: PRISM-SLB-12 a segment is in two fragments
    Given the service 10.1.0.201:80 by NAT to s1, s2, s3
    When client 2 gets "GET /a/100"
    And client 1 gets "GET /a/100" after 100 ms
    And client 1 leaves its connection open after its answer
    And client 1 sends a segment in two fragments on its connection
    Then both fragments of client 1 reach its server, or nobody, as declared

  @needs-NAT
  Scenario Outline: PRISM-SLB-13 clients offer <offer>
    Given the service 10.1.0.201:80 by NAT to s1
    And clients offer <offer>
    When client 1 gets "GET /a/3000"
    Then each SYN arrives with its options, and so does its answer

    Examples:
      | offer           |
      | no options      |
      | no window scale |
      | no SACK         |
      | no timestamps   |
      | an MSS of 536   |

  Scenario Outline: PRISM-SLB-14 clients know port <port>, servers listen at <inner>
    Given the service 10.1.0.201:<port> by NAT to s1, s2 at port <inner>
    When 4 clients get "GET /a/3000" one after the other
    Then each client sees port <port> alone, and each server port <inner>
    And each client has its answers

    Examples:
      | port | inner |
      | 80   | 8080  |
      | 80   | 80    |
      | 8443 | 1     |
