@system
Feature: The controller accepts connections, reads requests and gives them away

  Scenario: PRISM-CTRL-01 no SYN of a client reaches a backend
    When the client sends "GET /a/1000, GET /b/1000"
    And another client sends "GET /b/1000"
    Then no SYN of the client reaches backend 1
    And no SYN of the client reaches backend 2
    And every answer is whole and in order

  Scenario Outline: PRISM-CTRL-02 nothing is decided before the head ends: <what>
    When the client sends the octets "<first>"
    And the client sends the octets "<rest>" after 200 ms
    And the client closes the connection once it has <octets> octets
    Then no message is sent before 200 ms
    And 1 requests are executed

    Examples:
      | what                 | first                                 | rest                          | octets |
      | all but the last LF  | GET /a/0 HTTP/1.1\r\nHost: s.t\r\n\r  | \n                            | 50     |
      | a cookie comes late  | GET /a/0 HTTP/1.1\r\nHost: s.t\r\n    | Cookie: x=y\r\n\r\n           | 50     |
      | the target is cut    | GET /a/                               | 0 HTTP/1.1\r\nHost: s.t\r\n\r\n | 50   |

  Scenario: PRISM-CTRL-02 a head that comes octet by octet is decided once
    When the client sends "GET /b/1000 with cookie user=b" octet by octet
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

  Scenario Outline: PRISM-CTRL-03 the backend is chosen by <what>
    Given a policy of
      | host     | path | cookie | backend |
      | b.test   |      |        | 2       |
      |          |      | shop=b | 2       |
      |          | /b   |        | 2       |
      |          |      |        | 1       |
    When the client sends "<request>"
    And the client sends "GET /other/10/1" once it has all answers
    And the client sends "<request>" once it has all answers
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

    Examples:
      | what   | request                            |
      | host   | GET /x/1000 for b.test             |
      | cookie | GET /x/1000 with cookie shop=b     |
      | path   | GET /b/1000                        |
      | none   | GET /x/1000 for a.test             |

  Scenario: PRISM-CTRL-04 after the hand-off no octet of an answer crosses the controller's port
    When the client sends "GET /a/100000, GET /b/100000, POST /a/5000 with 5000 octets"
    Then every answer is whole and in order
    And no octet of an answer crosses the controller's port

  Scenario Outline: PRISM-CTRL-08 a client that waits for 100 gets it, or a final status: <request>
    When the client sends "<request>" without its content
    And the client sends the content once it has 25 octets
    Then every answer is whole and in order
    And the content of every request reaches its server to the octet

    Examples:
      | request                                           |
      | POST /a/100 with 5000 octets expecting 100        |
      | POST /b/100 with 500 octets in chunks expecting 100 |

  Scenario: PRISM-CTRL-08 a client that does not wait for 100 is answered as well
    When the client sends "POST /b/100 with 500 octets expecting 100, GET /a/10"
    And the client closes the connection after 1000 ms
    Then every request is executed once, by the backend of the policy
    And the answer to "/a/10" is whole

  Scenario: PRISM-CTRL-08 a client that waits for 100 gets it from the controller that passes requests on
    Given the controller passes requests on
    When the client sends "POST /a/100 with 500 octets expecting 100" without its content
    And the client sends the content once it has 25 octets
    Then every answer is whole and in order

  Scenario Outline: PRISM-CTRL-09 behind 101 nothing is read as HTTP, and nothing handed back: <what>, <way>
    Given <way>
    When the client sends "GET /a/0?tunnel upgrading"
    And the client sends the octets "<octets>" once it has all answers
    And the client sends the octets "end" after 300 ms
    And the client closes the connection after 300 ms
    Then the tunnel carries "<octets>end"
    And 1 requests are executed
    And no rule is left

    Examples:
      | what               | octets                                        | way                               |
      | what looks like it | GET /b/10 HTTP/1.1\r\nHost: site.test\r\n\r\n | locked packets are dropped        |
      | anything           | no HTTP at all\n\n                            | locked packets are dropped        |
      | what looks like it | GET /b/10 HTTP/1.1\r\nHost: site.test\r\n\r\n | the controller passes requests on |

  Scenario Outline: PRISM-CTRL-10 <request> is answered, and the connection closed, where <way>
    Given <way>
    When the client sends "<request>"
    And the client closes the connection once the server has closed
    Then every answer is whole and in order
    And the connection ends with a FIN of the server
    And no rule is left

    Examples:
      | request                             | way                               |
      | GET /a/1000 closing                 | locked packets are dropped        |
      | GET /a/1000 by HTTP/1.0             | locked packets are dropped        |
      | GET /b/1000?last                    | locked packets are dropped        |
      | POST /b/10 with 10 octets closing   | locked packets are dropped        |
      | GET /a/1000 closing                 | the controller passes requests on |
      | GET /a/1000 by HTTP/1.0             | the controller passes requests on |

  Scenario Outline: PRISM-CTRL-11 <request> ends without content, and the next request works, where <way>
    Given <way>
    When the client sends "<request>, GET /b/100, <request>, GET /a/100"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

    Examples:
      | request                   | way                               |
      | HEAD /a/5000              | locked packets are dropped        |
      | HEAD /b/5000?chunked      | locked packets are dropped        |
      | GET /a/10?status=204      | locked packets are dropped        |
      | GET /b/10?status=304      | locked packets are dropped        |
      | HEAD /a/5000              | the controller passes requests on |
      | GET /b/10?status=204      | the controller passes requests on |

  Scenario Outline: PRISM-CTRL-12 an empty line before a request is ignored: <where>
    When the client sends the octets "\r\n"
    And the client sends "GET /a/100" <timing>
    Then every answer is whole and in order

    Examples:
      | where                | timing      |
      | in the same instant  | at once     |
      | in a segment before  | after 10 ms |

  Scenario: PRISM-CTRL-12 an empty line between two requests is ignored
    When the client sends "POST /a/100 with 5 octets"
    And the client sends the octets "\r\n"
    And the client sends "GET /b/100"
    Then every answer is whole and in order
