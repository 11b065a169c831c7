@balancer @needs-HTTP
Feature: Servers fail behind a URL switch

  @needs-CHECK
  Scenario: PRISM-HC-04 a server says that it is sick, and goes on answering
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, probed
    And server s2 is sick after 1000 ms
    When from 0 ms on 35 clients get "GET /a/10?think=50", 100 ms apart
    Then each request is answered by its pool, in order
    And nobody who comes after 2500 ms is answered by s2

  Scenario Outline: PRISM-HC-05 a server refuses connections: <request>
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3
    And server s2 is dead after 10 ms
    When from 500 ms on 9 clients get "<request>", 100 ms apart
    Then each request is answered by its pool, in order
    And nobody is answered by s2

    Examples:
      | request                    |
      | GET /a/10                  |
      | POST /a/10 with 100 octets |

  Scenario: PRISM-HC-06 a server dies while it carries out requests
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3
    And server s2 is dead after 1000 ms
    When from 0 ms on 6 clients get "POST /a/10/#?think=2000 with 100 octets", 50 ms apart
    Then a request was being carried out by s2 when it died
    And no POST is carried out twice
    And each client has its whole answer, or an error
