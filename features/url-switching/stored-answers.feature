@balancer @needs-HTTP @needs-CACHE
Feature: A URL switch stores answers

  Background:
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, answers stored

  Scenario Outline: PRISM-URL-16 an answer may be stored: <target>
    When client 1 gets "GET <target>"
    And client 2 gets "GET <target>" after 1000 ms
    And client 3 gets "GET <target>" after 1100 ms
    Then each request is answered by its pool, in order
    And servers carry out "GET <target>" 1 time

    Examples:
      | target           |
      | /a/100?fresh=60  |
      | /a/1500?fresh=60 |

  Scenario Outline: PRISM-URL-18 an answer must not be stored: <target>
    When client 1 gets "GET <target>"
    And client 2 gets "GET <target>" after 1000 ms
    Then each request is answered by its pool, in order
    And servers carry out "GET <target>" 2 times

    Examples:
      | target            |
      | /a/100?no-store   |
      | /a/100?private=60 |
      | /a/100?fresh=0    |

  Scenario: PRISM-URL-18 an answer is old
    When client 1 gets "GET /a/100?fresh=2"
    And client 2 gets "GET /a/100?fresh=2" after 4000 ms
    Then each request is answered by its pool, in order
    And servers carry out "GET /a/100?fresh=2" 2 times

  Scenario: PRISM-URL-18 two hosts have the same path
    When client 1 gets "GET /a/100?fresh=60 for a.test"
    And client 2 gets "GET /a/100?fresh=60 for b.test" after 1000 ms
    Then each request is answered by its pool, in order
    And servers carry out "GET /a/100?fresh=60" 2 times

  Scenario: PRISM-URL-18 a target has another query
    When client 1 gets "GET /a/100?fresh=60"
    And client 2 gets "GET /a/100?fresh=60&x" after 1000 ms
    Then each request is answered by its pool, in order
    And servers carry out "GET /a/100?fresh=60&x" 1 time

  Scenario: PRISM-URL-18 a request is a POST
    When client 1 gets "POST /a/100?fresh=60 with 10 octets"
    And client 2 gets "POST /a/100?fresh=60 with 10 octets" after 1000 ms
    And client 3 gets "GET /a/100?fresh=60" after 1500 ms
    Then each request is answered by its pool, in order
    And servers carry out "POST /a/100?fresh=60" 2 times
    And servers carry out "GET /a/100?fresh=60" 1 time

  Scenario: PRISM-URL-18 a request says who asks
    When client 1 says "GET /a/100?fresh=60 HTTP/1.1, Host: site.test, Authorization: Basic YTpi"
    And client 2 says "GET /a/100?fresh=60 HTTP/1.1, Host: site.test" after 1000 ms
    Then each request is answered by its pool, in order
    And servers carry out "GET /a/100?fresh=60" 2 times
