@balancer @needs-HTTP
Feature: A URL switch reads requests

  Background:
    Given the service 10.1.0.201:80 by HTTP to s4
    And requests beginning with /static/ go to s1
    And requests ending in .php go to s2
    And requests for h.example go to s3

  Scenario: PRISM-URL-01 a head comes in two halves
    When client 1 sends half the head of "GET /static/10", and the rest 500 ms later
    Then no server hears of client 1 before its head is whole
    And each request is answered by its pool, in order

  Scenario: PRISM-URL-01 a head never comes to its end
    When client 1 sends half the head of "GET /static/10", and nothing more
    Then no server hears of client 1 before its head is whole
    And client 1 is given up by the declared time

  Scenario Outline: PRISM-URL-02 a request is cut at each octet: <request>
    When a client for each octet gets "<request>", cut there
    Then each request is answered by its pool, in order

    Examples:
      | request                                |
      | GET /static/10                         |
      | POST /a/10.php with 20 octets          |
      | POST /a/9 with 5 octets in chunks      |
      | GET /a/9 for h.example with cookie x=y |

  Scenario: PRISM-URL-02 requests are cut anywhere
    When 60 clients get requests of these, some at once, cut anywhere: "GET /static/10, GET /static/3000, POST /a/10.php with 300 octets, POST /a/20 with 100 octets in chunks, GET /b/10 for h.example, HEAD /static/30, GET /c/2500?chunked"
    Then each request is answered by its pool, in order

  Scenario Outline: PRISM-URL-07 <what>
    When client 1 says "<request>"
    Then client 1 is answered with status 400, and by no server

    Examples:
      | what                         | request                                   |
      | there is no Host             | GET /static/10 HTTP/1.1                   |
      | there is another field only  | GET /static/10 HTTP/1.1, Hosts: a         |
      | there are two Hosts          | GET /static/10 HTTP/1.1, Host: a, Host: b |
      | there is the same Host twice | GET /static/10 HTTP/1.1, Host: a, Host: a |
      | a host has a space           | GET /static/10 HTTP/1.1, Host: a b        |
      | a host has a slash           | GET /static/10 HTTP/1.1, Host: a/b        |

  Scenario: PRISM-URL-07 HTTP/1.0 needs no Host
    When client 1 says "GET /static/10 HTTP/1.0"
    Then client 1 is answered by s1

  Scenario Outline: PRISM-URL-08 a target names <what>
    When client 1 says "GET <target> HTTP/1.1, Host: <host>"
    Then client 1 is answered by its pool, or refused, as declared
    And the server of client 1 finds the host <found> in its request

    Examples:
      | what                             | target              | host      | found     |
      | the same host                    | http://h.example/10 | h.example | h.example |
      | the same host in another case    | http://H.Example/10 | h.example | h.example |
      | the host alone                   | http://h.example    | h.example | h.example |
      | a host that has no route         | http://a/static/10  | a         | a         |
      | another host                     | http://h.example/10 | a         | h.example |
      | another host than one of a route | http://a/10         | h.example | a         |

  Scenario: PRISM-URL-09 a request has two lengths
    When client 1 says "POST /static/10 HTTP/1.1, Host: a, Content-Length: 3, Transfer-Encoding: chunked" without chunks, and "GET /a/10.php HTTP/1.1, Host: a" at once
    Then client 1 has one answer, or status 400, and then the end of its connection
    And no server gets a request with Content-Length

  Scenario: PRISM-URL-10 a request line is as long as it should be possible
    When client 1 asks with a request line of 8000 octets
    Then client 1 is answered by s1

  Scenario: PRISM-URL-17 a request line is longer than any that is read
    When client 1 asks with a request line of twice as many octets as are read
    Then client 1 is answered with status 414, and by no server
