@balancer @needs-NAT
Feature: A server switch keeps a connection at its server

  Background:
    Given the service 10.1.0.201:80 by NAT to s1, s2, s3

  Scenario: PRISM-SLB-01 every segment of nine connections side by side reaches its own server
    When 9 clients get "GET /a/3000" one after the other
    And each client gets "POST /b/10 with 3000 octets" on the same connection after 2000 ms
    Then each connection has one server, from its SYN on
    And each client has its answers
    And the clients are answered by 3 servers, each as often as the others

  Scenario: PRISM-SLB-01 connections stay where they are when the pool changes
    When 6 clients get "GET /a/3000" one after the other
    And each client gets "GET /b/3000" on the same connection after 2000 ms
    And the servers of 10.1.0.201:80 become s2, s3, s4 after 1500 ms
    Then each connection has one server, from its SYN on

  Scenario: PRISM-SLB-05 two clients have the same port
    When client 1 gets "GET /a/3000?think=50" out of port 5000
    And client 2 gets "GET /b/3000?think=50" out of port 5000
    Then each client has its answers
    And each connection has one server, from its SYN on

  Scenario: PRISM-SLB-05 a client has two ports
    When client 1 gets "GET /a/3000?think=50" out of port 5000
    And client 1 gets "GET /b/3000?think=50" out of port 5001
    Then each client has its answers
    And each connection has one server, from its SYN on

  Scenario: PRISM-SLB-05 a client has one port to two services
    Given the service 10.1.0.202:80 by NAT to s4
    When client 1 gets "GET /a/3000?think=50" from 10.1.0.201:80 out of port 5000
    And client 1 gets "GET /b/3000?think=50" from 10.1.0.202:80 out of port 5000 after 20 ms
    Then each client has its answers

  Scenario: PRISM-SLB-06 a SYN comes again after another connection was opened
    When client 9 sends a SYN, and the same SYN again 1000 ms later
    And client 1 gets "GET /a/100" after 500 ms
    Then both SYNs reach the same server
    And each client has its answers

  Scenario Outline: PRISM-SLB-07 segments with <flags> belong to no connection
    When client 9 sends 4 segments with <flags> of 5 connections that nobody has opened
    Then they are dealt with as declared, those of one connection alike

    Examples:
      | flags |
      | A     |
      | PA    |
      | FA    |
      | SA    |

  Scenario: PRISM-SLB-08 the last FIN comes again
    When client 7 gets "GET /a/100"
    And client 7 sends its last FIN again
    And 3 clients get "GET /b/100" one after the other
    Then the FIN of client 7 reaches the server of its connection each time

  Scenario: PRISM-SLB-08 both sides are silent for as long as they may be
    When client 7 gets "GET /a/100"
    And 3 clients get "GET /b/100" one after the other
    And client 7 gets "GET /b/100" on the same connection, just before its time is over
    Then each client has its answers
    And each connection has one server, from its SYN on

  Scenario: PRISM-SLB-09 a port is used again once its connection has ended
    When client 1 gets "GET /a/100?last"
    And client 1 connects from the same port again and gets "GET /b/100"
    Then the connections of client 1 are answered by s1, s2

  Scenario: PRISM-SLB-10 more SYNs come than there may be half-open connections
    When client 1 gets "GET /a/100"
    And SYNs come from 4 times as many addresses as there may be half-open connections
    And client 1 gets "GET /b/100" on the same connection after 2000 ms
    And client 2 gets "GET /b/100" after 600 ms
    And client 3 gets "GET /b/100" after 3000 ms
    Then each client has its answers
    And each connection has one server, from its SYN on
