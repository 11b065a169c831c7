@balancer
Feature: A server switch lets some connect

  Background:
    Given the service 10.1.0.201:80 to s1, s2, s3

  Scenario: PRISM-ACL-01 a denied client reaches no server
    Given the access rules: deny 10.1.0.3/32
    When client 3 gets "GET /a/103"
    And client 4 gets "GET /a/100"
    Then client 3 reaches no server
    And client 4 has its answers

  @needs-NAT
  Scenario: PRISM-ACL-02 a segment comes after a denied SYN
    Given the access rules: deny 10.1.0.3/32
    When client 3 sends a SYN to 10.1.0.201:80
    And the access rules become after 1000 ms: permit 10.1.0.3/32
    And client 3 sends a segment of that connection after 2000 ms
    Then the segment is a stray, and dealt with as declared

  @needs-NAT
  Scenario Outline: PRISM-ACL-03 there is no service at <endpoint>
    When client 3 sends a SYN to <endpoint>
    Then it reaches no server, and is refused as declared

    Examples:
      | endpoint         |
      | 10.1.0.201:81    |
      | 10.1.0.201:8080  |
      | 10.1.0.201:65535 |

  Scenario: PRISM-ACL-04 a client is permitted before its network is denied
    Given the access rules: permit 10.1.0.3/32, deny 10.1.0.0/24
    When client 3 gets "GET /a/103"
    And client 4 gets "GET /a/100"
    Then client 3 has its answers
    And client 4 reaches no server

  Scenario: PRISM-ACL-04 a network is denied before one of its clients is permitted
    Given the access rules: deny 10.1.0.0/28, permit 10.1.0.3/32
    When client 3 gets "GET /a/103"
    And client 20 gets "GET /a/120"
    Then client 20 has its answers
    And client 3 reaches no server
