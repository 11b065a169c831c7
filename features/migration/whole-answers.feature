@system
Feature: A connection moves with its request, and the client notices nothing

  Unless a scenario says otherwise, /a is backend 1's and /b backend 2's, every request is handed
  off, and a client closes once it has all its answers.

  Scenario Outline: PRISM-MIG-01 the answer to <request> is whole after a hand-off, locked packets <lock>
    Given locked packets are <lock>
    When the client sends "<request>"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left
    And the captures show nothing wrong

    Examples:
      | request                                | lock    |
      | GET /a/0                               | dropped |
      | GET /a/1                               | held    |
      | GET /b/100000                          | dropped |
      | GET /b/2000000                         | held    |
      | GET /a/3000?chunked                    | dropped |
      | GET /a/3000?until-close                | held    |
      | HEAD /b/3000                           | dropped |
      | POST /a/100 with 1 octets              | held    |
      | POST /b/100 with 100000 octets         | dropped |
      | POST /b/100 with 3000 octets in chunks | held    |
      | POST /a/10 with 0 octets in chunks     | dropped |

  Scenario Outline: PRISM-MIG-01 the answer to <request> is whole when the controller passes it on
    Given the controller passes requests on
    When the client sends "<request>"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And the captures show nothing wrong

    Examples:
      | request                                |
      | GET /a/100000                          |
      | HEAD /b/3000                           |
      | POST /b/100 with 3000 octets in chunks |

  Scenario: PRISM-MIG-01 the client's stream is whole over twenty migrations
    When the client sends "GET /a/1000"
    And the client sends "GET /b/2000, GET /a/3000, GET /b/10, GET /a/20000" once it has all answers
    And the client sends "GET /b/1, GET /a/2, GET /b/3, GET /a/4, GET /b/5" once it has all answers
    And the client sends "GET /a/6, GET /b/7, GET /a/8, GET /b/9, GET /a/10" once it has all answers
    And the client sends "GET /b/60, GET /a/70, GET /b/80, GET /a/90, GET /b/100" once it has all answers
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left
    And the captures show nothing wrong

  Scenario: PRISM-MIG-01 two clients that move at the same time get what each has asked for
    When the client sends "GET /a/30000, GET /b/1000, GET /a/500"
    And another client sends "GET /b/20000, GET /a/2000, GET /b/600"
    And a third client sends "GET /a/300?think=20, GET /b/70000"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And no rule is left

  Scenario: PRISM-MIG-01 whatever is asked, lost, doubled and reordered, the streams are whole
    Then for any requests on any network every answer is whole and in order

  Scenario Outline: PRISM-MIG-02 the content of <request> reaches one server to the octet
    When the client sends "<request>"
    Then the content of every request reaches its server to the octet
    And every request is executed once, by the backend of the policy

    Examples:
      | request                                                                  |
      | POST /a/10 with 5000 octets                                              |
      | POST /b/10 with 5000 octets in chunks                                    |
      | POST /a/1 with 400 octets, POST /b/1 with 500 octets in chunks, GET /a/3 |
      | POST /a/1 with 70000 octets, POST /b/1 with 80000 octets                 |

  Scenario: PRISM-MIG-02 what a client sends while it moves is read by one owner
    Given the first offer is 20 ms late
    When the client sends "POST /a/1 with 4000 octets", the rest from octet 2000 on when the first offer is sent
    Then the content of every request reaches its server to the octet
    And every request is executed once, by the backend of the policy

  Scenario Outline: PRISM-MIG-12 /a and /b are answered by two backends on one connection, <times> times in turn
    When the client sends "<requests>"
    Then every answer is whole and in order
    And every request is executed once, by the backend of the policy
    And the client's connection goes to <owners>

    Examples:
      | times | requests                                        | owners                                                                                   |
      | 1     | GET /a/1000, GET /b/1000                        | backend 1, then backend 2                                                                |
      | 2     | GET /a/1000, GET /b/1000, GET /a/100, GET /b/10 | backend 1, then backend 2, then backend 1, then backend 2                                |

  Scenario: PRISM-MIG-13 once the second backend answers, the first one hears nothing of the client
    When the client sends "GET /a/10000"
    And the client sends "GET /b/10000, GET /b/20000" once it has all answers
    And the client closes the connection after 500 ms
    Then nothing of the client reaches backend 1 once backend 2 has spoken
    And every answer is whole and in order

  Scenario: PRISM-MIG-13 a backend that never owned the connection hears nothing of the client
    When the client sends "GET /a/10000, GET /a/10"
    Then backend 2 hears nothing of the client
