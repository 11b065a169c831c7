@balancer
Feature: A server switch chooses servers

  Scenario: PRISM-POL-01 three servers of equal weight have their turns
    Given the service 10.1.0.201:80 to s1, s2, s3
    When 12 clients get "GET /a/100", one every 100 ms
    Then of each 3 clients in a row s1 1, s2 1, s3 1 are answered by these

  Scenario Outline: PRISM-POL-02 weights are <weights>
    Given the service 10.1.0.201:80 to <servers> with weights <weights>
    When <clients> clients get "GET /a/100", one every 100 ms
    Then of each <cycle> clients in a row <shares> are answered by these

    Examples:
      | servers    | weights | clients | cycle | shares           |
      | s1, s2, s3 | 5, 1, 1 | 21      | 7     | s1 5, s2 1, s3 1 |
      | s1, s2, s3 | 3, 2, 1 | 18      | 6     | s1 3, s2 2, s3 1 |
      | s1, s2     | 4, 2    | 9       | 3     | s1 2, s2 1       |

  Scenario Outline: PRISM-POL-03 turns of weights <weights> come in the declared order
    Given the service 10.1.0.201:80 to s1, s2, s3 with weights <weights>
    When <clients> clients get "GET /a/100", one every 100 ms
    Then turns come in the declared order

    Examples:
      | weights | clients |
      | 5, 1, 1 | 14      |
      | 3, 2, 1 | 12      |
      | 1, 2, 3 | 12      |

  Scenario: PRISM-POL-04 a server has weight 0 from the beginning
    Given the service 10.1.0.201:80 to s1, s2, s3 with weights 1, 0, 1
    When 8 clients get "GET /a/100", one every 100 ms
    Then of each 2 clients in a row s1 1, s3 1 are answered by these

  Scenario: PRISM-POL-04 a server has weight 0 while it works on an answer
    Given the service 10.1.0.201:80 to s1, s2, s3
    When 6 clients get "GET /a/3000?think=3000", one every 100 ms
    And the weights become 0, 1, 1 after 1500 ms
    And 6 clients get "GET /a/100", one every 100 ms from 2000 ms on
    Then each client has its answers
    And s2, s3 answer all who come after 2000 ms, each of them some

  @needs-LEAST
  Scenario: PRISM-POL-05 all requests take as long
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are chosen by who has least to do
    When 12 clients get "GET /a/100?think=3040", one every 100 ms
    Then each client is answered by who has least to do, of several by the declared one

  @needs-LEAST
  Scenario: PRISM-POL-05 some requests take longer than others
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are chosen by who has least to do
    When 24 clients get "GET /a/100?think=340" and "GET /a/100?think=1840" by turns, one every 100 ms
    Then each client is answered by who has least to do, of several by the declared one

  @needs-WEIGHTS
  Scenario: PRISM-POL-05 a server has twice the weight
    Given the service 10.1.0.201:80 to s1, s2, s3 with weights 2, 1, 1
    And servers are chosen by who has least to do
    When 20 clients get "GET /a/100?think=1240" and "GET /a/100?think=2040" by turns, one every 100 ms
    Then each client is answered by who has least to do, of several by the declared one

  Scenario: PRISM-POL-05 what was broken off or has ended is no load any more
    Given the service 10.1.0.201:80 to s1
    And servers are chosen by who has least to do
    When 8 clients ask for "GET /a/100?think=500" and break off, one every 100 ms
    And 4 clients get "GET /a/100?last", one every 100 ms from 2500 ms on
    And the servers of 10.1.0.201:80 become s1, s2, s3 after 3500 ms
    And 6 clients get "GET /a/100?think=2000", one every 100 ms from 4500 ms on
    Then the last 6 clients have 3 servers, each as often

  Scenario: PRISM-POL-06 servers of equal weight are chosen at random
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are chosen at random
    When 300 clients get "GET /a/10", one every 20 ms
    Then who answers is chance, in proportion to the weights

  @needs-WEIGHTS
  Scenario: PRISM-POL-06 servers are chosen at random by weight
    Given the service 10.1.0.201:80 to s1, s2, s3 with weights 3, 2, 2
    And servers are chosen at random
    When 300 clients get "GET /a/10", one every 20 ms
    Then who answers is chance, in proportion to the weights

  Scenario: PRISM-POL-08 all servers fail their checks
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are checked by HTTP every 500 ms, and are out after 2 bad results, back after 2 good ones
    When 3 clients get "GET /a/100", one every 100 ms from 1000 ms on
    And every server is sick after 2000 ms
    And 3 clients get "GET /a/100", one every 100 ms from 5000 ms on
    Then each client that comes after 4500 ms is refused, and reaches no server

  Scenario: PRISM-POL-09 weights change while servers work on answers
    Given the service 10.1.0.201:80 to s1, s2, s3
    When 6 clients get "GET /a/3000?think=3000", one every 100 ms
    And the weights become 2, 1, 0 after 1500 ms
    And 6 clients get "GET /a/100", one every 100 ms from 2000 ms on
    Then each client has its answers
    And s1, s2 answer all who come after 2000 ms, each of them some

  Scenario: PRISM-POL-10 servers of equal weight have equal shares of a Maglev table
    Given the service 10.1.0.201:80 to s1, s2, s3
    And servers are chosen by Maglev
    When 300 clients get "GET /a/10", one every 20 ms
    Then servers have shares in proportion to their weights

  Scenario: PRISM-POL-11 servers of a Maglev table are listed in another order
    Given the service 10.1.0.201:80 to s1, s2, s3, s4
    And servers are chosen by Maglev
    When 100 clients get "GET /a/10", one every 20 ms
    And each client comes again from the same port 4000 ms later, and gets "GET /b/10"
    And the servers of 10.1.0.201:80 become s3, s1, s4, s2 after 3000 ms
    Then each client has the server that it had before

  Scenario: PRISM-POL-13 a server of a Maglev table leaves
    Given the service 10.1.0.201:80 to s1, s2, s3, s4
    And servers are chosen by Maglev
    When 200 clients get "GET /a/10", one every 20 ms
    And each client comes again from the same port 6000 ms later, and gets "GET /b/10"
    And the servers of 10.1.0.201:80 become s1, s3, s4 after 5000 ms
    Then of those who had another server than s2 at most 1 of 5 has another now

  Scenario: PRISM-POL-14 servers of a Maglev table have weights
    Given the service 10.1.0.201:80 to s1, s2, s3 with weights 2, 1, 1
    And servers are chosen by Maglev
    When 300 clients get "GET /a/10", one every 20 ms
    Then servers have shares in proportion to their weights
