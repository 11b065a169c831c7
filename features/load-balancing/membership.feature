@balancer
Feature: Servers come and go

  Scenario Outline: PRISM-HA-01 <what> while servers work on answers
    Given the service 10.1.0.201:80 to s1, s2, s3
    When 9 clients get "GET /a/20000?think=2000", one every 50 ms
    And the servers of 10.1.0.201:80 become <servers> after 1000 ms
    And the servers of 10.1.0.201:80 become s1, s2, s3 after 1500 ms
    Then each client has its answers

    Examples:
      | what                                | servers        |
      | a server is added                   | s1, s2, s3, s4 |
      | a server is added before the others | s4, s1, s2, s3 |

  @needs-NAT
  Scenario Outline: PRISM-HA-01 <what> while connections are open: chosen <way>
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are chosen <way>
    When 12 clients get "GET /a/3000", one every 50 ms
    And each client gets "GET /b/3000" on the same connection after 2000 ms
    And the servers of 10.1.0.201:80 become <servers> after 1500 ms
    Then each connection has one server, from its SYN on
    And those whose servers are still there have their answers

    Examples:
      | what                             | way      | servers        |
      | a server is added                | by turns | s4, s1, s2, s3 |
      | a server is taken away           | by turns | s2, s3         |
      | servers change their places      | by turns | s3, s1, s2     |

    @needs-MAGLEV
    Examples:
      | what                   | way       | servers        |
      | a server is added      | by Maglev | s4, s1, s2, s3 |
      | a server is taken away | by Maglev | s2, s3         |

    @needs-LEAST
    Examples:
      | what                   | way                    | servers        |
      | a server is added      | by who has least to do | s4, s1, s2, s3 |
      | a server is taken away | by who has least to do | s2, s3         |
