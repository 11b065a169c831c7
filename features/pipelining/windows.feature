@system
Feature: Requests that come before the last one is answered are each answered once, in order

  They may come before the connection is exported, while it is locked, or when a backend owns it.

  Scenario Outline: PRISM-PIPE-01 <count> requests in one segment, for <whom>, are answered in order
    When the client sends "<requests>"
    Then the answers are whole and in order, if need be with a close before the last
    And every answered request is executed once
    And no request is executed twice, or by a backend that the policy does not name
    And no rule is left

    Examples:
      | count | whom          | requests                                                         |
      | 2     | one backend   | 2 times GET /a/100/#                                             |
      | 20    | one backend   | 20 times GET /a/100/#                                            |
      | 2     | both backends | GET /a/100, GET /b/100                                           |
      | 8     | both backends | 4 times GET /a/10/#, 4 times GET /b/10/#                         |
      | 20    | both in turn  | GET /a/1, GET /b/2, GET /a/3, GET /b/4, GET /a/5, GET /b/6, GET /a/7, GET /b/8, GET /a/9, GET /b/10, GET /a/11, GET /b/12, GET /a/13, GET /b/14, GET /a/15, GET /b/16, GET /a/17, GET /b/18, GET /a/19, GET /b/20 |
      | 3     | one backend   | POST /a/10/1 with 100 octets, GET /a/10/2, HEAD /a/10/3          |

  Scenario: PRISM-PIPE-01 requests of which a segment ends in the middle are answered in order
    When the client sends "GET /a/100, GET /b/100, GET /a/200", the rest from octet 70 on after 10 ms
    Then the answers are whole and in order, if need be with a close before the last
    And every answered request is executed once

  Scenario Outline: PRISM-PIPE-02 octets that come between the lock command and its reply are answered, <late> late: <request>
    Given the first <late> is 30 ms late
    When the client sends "GET /a/1000"
    And the client sends "<request>" when the first add <moment>
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And the content of every request reaches its server to the octet

    Examples:
      | late         | moment  | request                    |
      | add          | is sent | GET /a/10                  |
      | add          | is sent | GET /b/10                  |
      | add          | is sent | POST /b/10 with 900 octets |
      | reply to add | arrives | GET /a/10                  |
      | reply to add | arrives | GET /b/10                  |

  Scenario Outline: PRISM-PIPE-03 a request that comes <moment> is delivered once, later, locked packets <lock>
    Given locked packets are <lock>
    And the first <late> is 20 ms late
    When the client sends "GET /a/1000"
    And the client sends "<request>" when the first <moment>
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And the captures show nothing wrong

    Examples:
      | moment                 | late           | lock    | request                    |
      | reply to add arrives   | offer          | dropped | GET /a/10                  |
      | reply to add arrives   | offer          | held    | GET /b/10                  |
      | offer arrives          | imported       | dropped | GET /b/10                  |
      | offer arrives          | imported       | held    | POST /a/10 with 900 octets |
      | imported arrives       | chown          | dropped | POST /b/10 with 900 octets |
      | imported arrives       | chown          | held    | GET /a/10                  |
      | chown arrives          | reply to chown | dropped | GET /b/10                  |
      | reply to chown arrives | commit         | dropped | GET /a/10                  |
      | commit is sent         | commit         | held    | GET /b/10                  |

  Scenario: PRISM-PIPE-03 more than a window of octets that come while it is locked are delivered once
    Given locked packets are held
    And the first offer is 100 ms late
    When the client sends "GET /a/1000"
    And the client sends "POST /a/10 with 100000 octets" when the first offer is sent
    Then every answer is whole and in order
    And the content of every request reaches its server to the octet

  Scenario Outline: PRISM-PIPE-04 what comes during a slow answer waits for its turn: <requests>
    When the client sends "GET /a/1000?think=200"
    And the client sends "<requests>" after 50 ms
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

    Examples:
      | requests                                          |
      | GET /a/10                                         |
      | GET /b/10                                         |
      | POST /b/10 with 2000 octets, GET /a/10            |
      | GET /b/10?think=100, GET /a/10, GET /b/20?think=5 |

  Scenario: PRISM-PIPE-04 what comes during a long answer waits for its turn
    When the client sends "GET /a/1000000"
    And the client sends "GET /b/10, GET /a/20" once it has 100000 octets
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

  Scenario Outline: PRISM-PIPE-05 <what> is put together at every cut
    Then for any cut of "<requests>", the rest <ms> ms later, every answer is whole and in order

    Examples:
      | what                                | requests                                               | ms |
      | a request                           | GET /a/100                                             | 5  |
      | a request behind another            | GET /a/100, GET /b/100                                 | 5  |
      | a request with content              | POST /a/100 with 50 octets                             | 3  |
      | a request with chunks               | POST /b/10 with 130 octets in chunks, GET /a/10        | 2  |
      | a request behind one with content   | POST /b/10 with 30 octets, GET /a/10                   | 1  |

  Scenario: PRISM-PIPE-05 requests that come octet by octet are put together
    When the client sends "POST /a/10 with 40 octets in chunks, GET /b/100" octet by octet
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

  Scenario: PRISM-PIPE-06 two backends in turn keep the order, the first slow and the second fast
    When the client sends "GET /a/100/1?think=40, GET /b/100/2, GET /a/100/3?think=30, GET /b/100/4"
    Then every answer is whole and in order
    And the client's connection goes to backend 1, then backend 2, then backend 1, then backend 2

  Scenario Outline: PRISM-PIPE-07 a POST is executed once when every <message> <fate>
    Given every <message> <fate>
    When the client sends "POST /a/10 with 500 octets, POST /b/10 with 600 octets"
    Then no request is executed twice, or by a backend that the policy does not name
    And every answer is whole and in order

    Examples:
      | message      | fate        |
      | offer        | comes twice |
      | commit       | comes twice |
      | imported     | comes twice |
      | add          | comes twice |
      | reply to add | comes twice |
      | chown        | comes twice |
      | release      | comes twice |
      | move         | comes twice |
      | export       | comes twice |
      | offer        | is 60 ms late  |
      | commit       | is 60 ms late  |
      | imported     | is 60 ms late  |
      | committed    | is lost        |
      | release      | is lost        |

  Scenario Outline: PRISM-PIPE-07 nothing behind <request> is executed
    When the client sends "<request>, POST /a/10/2 with 10 octets, GET /b/10/3"
    And the client closes the connection once the server has closed
    Then 1 requests are executed
    And the connection ends with a FIN of the server

    Examples:
      | request                   |
      | GET /a/10 closing         |
      | GET /a/10?last            |
      | GET /b/3000?until-close   |
      | GET /b/10 by HTTP/1.0     |

  Scenario Outline: PRISM-PIPE-08 a request behind <request> begins where that ends
    When the client sends "<request>, GET /a/70, <request>, GET /b/80"
    Then every answer is whole and in order
    And the content of every request reaches its server to the octet

    Examples:
      | request                                |
      | POST /a/10 with 3 octets               |
      | POST /b/10 with 5000 octets            |
      | POST /a/10 with 500 octets in chunks   |
      | POST /b/10 with 0 octets in chunks     |
      | POST /a/10?early with 40 octets        |
      | PUT /b/10 with 0 octets                |

  Scenario: PRISM-PIPE-09 no request is answered by a backend of another
    When the client sends "GET /a/50/1, GET /a/50/2, GET /b/50/3, GET /a/50/4, GET /b/50/5, GET /b/50/6"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy

  Scenario: PRISM-PIPE-09 also when its backend is silent
    Given backend 2 hears no offer
    When the client sends "GET /a/50/1, GET /b/50/2, GET /a/50/3"
    Then no request is executed twice, or by a backend that the policy does not name
    And the client has whole answers, and of one more at most a part or 5xx

  Scenario Outline: PRISM-PIPE-10 a client that still sends when <what> gets all of the answer to <request>
    When the client sends "<request>"
    And the client sends "POST /a/1 with 20000 octets" after 1 ms
    And the client closes the connection once the server has closed
    Then the answer to "<target>" is whole
    And no segment with RST reaches the client

    Examples:
      | what                           | request                | target           |
      | the server closes              | GET /a/30000?last      | /a/30000?last    |
      | the server closes              | GET /b/10?until-close  | /b/10?until-close |
      | it has asked for a close       | GET /b/30000 closing   | /b/30000         |
