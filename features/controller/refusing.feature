@system
Feature: What is no clear request is refused by the controller, and no backend hears of it

  Scenario Outline: PRISM-CTRL-05 <what> is answered with 400
    When the client sends the octets "GET /a/10 HTTP/1.1\r\n<fields>\r\n"
    And the client leaves the connection open
    Then the last answer has status 400, and the connection is closed
    And no backend executes anything
    And no rule is left

    Examples:
      | what                 | fields                                     |
      | no Host              | Accept: */*\r\n                            |
      | two Hosts            | Host: a.test\r\nHost: b.test\r\n           |
      | the same Host twice  | Host: a.test\r\nHost: a.test\r\n           |
      | a Host that is none  | Host: a b\r\n                              |
      | a Host with a path   | Host: a.test/x\r\n                         |

  Scenario Outline: PRISM-CTRL-06 <what> is not handed off, and what is hidden in it never executed
    When the client sends the octets "POST /a/1 HTTP/1.1\r\nHost: s.t\r\n<fields>\r\n<content>"
    And the client leaves the connection open
    Then no hidden request is executed
    And the connection is closed after one answer or none
    And no rule is left

    Examples:
      | what                          | fields                                                        | content                                             |
      | CL and TE                     | Content-Length: 5\r\nTransfer-Encoding: chunked\r\n           | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | TE and CL                     | Transfer-Encoding: chunked\r\nContent-Length: 4\r\n           | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | differing lengths             | Content-Length: 0\r\nContent-Length: 40\r\n                   | GET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n         |
      | a list of differing lengths   | Content-Length: 0, 40\r\n                                     | GET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n         |
      | a signed length               | Content-Length: +0\r\n                                        | GET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n         |
      | a negative length             | Content-Length: -1\r\n                                        | GET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n         |
      | a hexadecimal length          | Content-Length: 0x0\r\n                                       | GET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n         |
      | chunked that is not the last  | Transfer-Encoding: chunked, gzip\r\n                          | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | chunked twice                 | Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n  | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | a coding that is not known    | Transfer-Encoding: xchunked\r\n                               | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | an obsolete fold              | Transfer-Encoding:\r\n chunked\r\n                            | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | a bare LF before TE           | X: y\nTransfer-Encoding: chunked\r\n                          | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | a bare CR in a field          | X: y\rTransfer-Encoding: chunked\r\n                          | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | a NUL in a field              | X: \0\r\nTransfer-Encoding: chunked\r\n                       | 0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | a chunk size with a sign      | Transfer-Encoding: chunked\r\n                                | +0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | a chunk longer than its size  | Transfer-Encoding: chunked\r\n                                | 1\r\nxx\r\n0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n |
      | a space before the colon      | Content-Length : 40\r\n                                       | GET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n         |

  Scenario: PRISM-CTRL-06 behind a clear request an ambiguous one is not handed off either
    When the client sends "GET /a/100"
    And the client sends the octets "POST /a/1 HTTP/1.1\r\nHost: s.t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b/hidden HTTP/1.1\r\nHost: s.t\r\n\r\n" once it has all answers
    And the client leaves the connection open
    Then no hidden request is executed
    And the answer to "/a/100" is whole
    And no rule is left

  Scenario Outline: PRISM-CTRL-07 whitespace before the colon is answered with 400: <field>
    When the client sends the octets "GET /a/10 HTTP/1.1\r\nHost: s.t\r\n<field>\r\n\r\n"
    And the client leaves the connection open
    Then the last answer has status 400, and the connection is closed
    And no backend executes anything

    Examples:
      | field                          |
      | Accept : text/plain            |
      | Content-Length : 0             |
      | Transfer-Encoding\t: chunked   |

  Scenario Outline: PRISM-CTRL-13 <octets> octets of header fields are answered with 4xx or a close
    When the client sends a request with <octets> octets of header fields
    And the client leaves the connection open
    Then the client is answered with 4xx, or the connection is closed
    And no backend executes anything
    And no rule is left

    Examples:
      | octets  |
      | 100000  |
      | 1000000 |

  Scenario: PRISM-CTRL-13 a client that is slow with its head is given up within the bound
    When the client sends the octets "GET /a/10 HTTP/1.1\r\nHost: s.t\r\n"
    And the client sends the octets "X: y\r\n" after 500 ms
    And the client sends the octets "X: y\r\n" after 500 ms
    And the client sends the octets "X: y\r\n" after 500 ms
    And the client leaves the connection open
    Then the client is answered with 4xx, or the connection is closed
    And no backend executes anything
    And the connection has ended by the bound for heads
