@balancer
Feature: A server switch has several services

  @needs-SRCHASH
  Scenario: PRISM-VIP-01 two addresses have pools and policies of their own
    Given the service 10.1.0.201:80 to s1, s2
    And the service 10.1.0.202:80 to s3, s4
    And servers are chosen by source hash
    When client 1 gets "GET /a/100" from 10.1.0.201:80 after 10 ms
    And client 1 gets "GET /a/100" from 10.1.0.202:80 after 20 ms
    And client 1 gets "GET /a/100" from 10.1.0.201:80 after 30 ms
    And client 1 gets "GET /a/100" from 10.1.0.202:80 after 40 ms
    Then each client has its answers
    And client 1 has 2 servers at 10.1.0.201:80 and 1 at 10.1.0.202:80

  Scenario: PRISM-VIP-01 two ports of an address have pools of their own
    Given the service 10.1.0.201:80 to s1
    And the service 10.1.0.201:81 to s2
    When client 1 gets "GET /a/100" from 10.1.0.201:80
    And client 1 gets "GET /a/100" from 10.1.0.201:81
    Then each client has its answers

  @needs-NAT
  Scenario: PRISM-VIP-02 a service comes while a connection of another is open
    Given the service 10.1.0.201:80 by NAT to s1, s2
    When client 1 gets "GET /a/100"
    And client 1 gets "GET /b/100" on the same connection after 2000 ms
    And the service 10.1.0.202:80 by NAT to s3 is added after 1000 ms
    And client 2 gets "GET /b/100" from 10.1.0.202:80 after 1500 ms
    Then each client has its answers

  @needs-NAT
  Scenario: PRISM-VIP-02 a service goes while connections are open
    Given the service 10.1.0.201:80 by NAT to s1, s2
    And the service 10.1.0.202:80 by NAT to s3
    When client 1 gets "GET /a/100" from 10.1.0.201:80
    And client 1 gets "GET /b/100" on the same connection after 2000 ms
    And client 2 gets "GET /a/100" from 10.1.0.202:80
    And client 2 gets "GET /b/100" on the same connection after 2000 ms
    And the service 10.1.0.202:80 is taken away after 1000 ms
    Then client 1 has its answers
    And client 2 is reset, or has its answers, as declared

  @needs-NAT
  Scenario: PRISM-VIP-03 a virtual address is pinged
    Given the service 10.1.0.201:80 by NAT to s1
    When client 9 pings 10.1.0.201
    Then client 9 has one answer of 10.1.0.201, as it pinged
    And client 9 reaches no server
