@balancer @needs-HTTP
Feature: A URL switch finds the route of a request

  Background:
    Given the service 10.1.0.201:80 by HTTP to s4
    And requests beginning with /static/ go to s1
    And requests ending in .php go to s2
    And requests for h.example go to s3

  Scenario Outline: PRISM-URL-03 <what>
    When client 1 gets "<request>"
    Then client 1 is answered by <server>

    Examples:
      | what                               | request                   | server |
      | a prefix has case                  | GET /STATIC/10            | s4     |
      | a prefix is as it is written       | GET /static/10            | s1     |
      | a suffix has case                  | GET /a/10.PHP             | s4     |
      | a suffix is as it is written       | GET /a/10.php             | s2     |
      | a host has no case                 | GET /a/10 for H.ExAmPlE   | s3     |
      | a host is as it is written         | GET /a/10 for h.example   | s3     |
      | a host is not the end of another   | GET /a/10 for a.h.example | s4     |
      | a host is not the beginning of one | GET /a/10 for h.example.a | s4     |

  Scenario Outline: PRISM-URL-04 <what>
    When client 1 gets "<request>"
    Then client 1 is answered by its pool, in order

    Examples:
      | what                            | request                 |
      | a prefix is in the query        | GET /a/10?x=/static/    |
      | a prefix is before the query    | GET /static/10?x        |
      | a suffix is in the query        | GET /a/10?x=b.php       |
      | a suffix is before the query    | GET /a/10.php?x=1       |
      | a question mark is in the query | GET /a/10?x?y.php       |
      | a slash is in the query         | GET /a/10?x=/../static/ |

  Scenario Outline: PRISM-URL-04 a substring is <where>
    Given the service 10.1.0.202:80 by HTTP to s4
    And requests with /api/ go to s2
    When client 1 gets "<request>" from 10.1.0.202:80
    Then client 1 is answered by its pool, in order

    Examples:
      | where               | request           |
      | in the path         | GET /a/10/api/b   |
      | at the path's end   | GET /a/10/api/    |
      | in the query        | GET /a/10?x=/api/ |
      | partly in the query | GET /a/10/api?/   |
      | nowhere             | GET /a/10/ap/i    |

  Scenario Outline: PRISM-URL-05 <routes> fit
    When client 1 gets "<request>"
    Then client 1 is answered by its pool, in order

    Examples:
      | routes                     | request                          |
      | a prefix and a suffix      | GET /static/10/a.php             |
      | a prefix and a host        | GET /static/10 for h.example     |
      | a suffix and a host        | GET /a/10.php for h.example      |
      | a prefix, a suffix, a host | GET /static/10.php for h.example |

  Scenario Outline: PRISM-URL-05 two prefixes fit, the longer one is the <place>
    Given the service 10.1.0.202:80 by HTTP to s4
    And requests beginning with <first> go to s1
    And requests beginning with <second> go to s2
    When client 1 gets "<request>" from 10.1.0.202:80
    Then client 1 is answered by its pool, in order

    Examples:
      | place  | first  | second | request     |
      | second | /a/    | /a/10/ | GET /a/10/b |
      | first  | /a/10/ | /a/    | GET /a/10/b |

  Scenario Outline: PRISM-URL-06 <what>
    When client 1 says "GET <target> HTTP/1.1, Host: <host>"
    Then client 1 is answered by its pool, or refused, as declared

    Examples: Paths
      | what                                    | target            | host |
      | dot segments lead out of a prefix       | /static/../x      | a    |
      | dot segments lead into a prefix         | /x/../static/a    | a    |
      | a dot segment changes nothing           | /static/./a       | a    |
      | dot segments are escaped                | /static/%2e%2E/x  | a    |
      | a path ends in a dot segment            | /static/a/..      | a    |
      | dots that are no segment                | /static/..a       | a    |
      | dot segments lead above the root        | /../static/a      | a    |
      | dot segments lead above the root, later | /a/../../static/a | a    |
      | an unreserved character is escaped      | /%73tatic/a       | a    |
      | it is escaped in a suffix               | /a.ph%70          | a    |
      | two slashes come first                  | //static/a        | a    |
      | two slashes come last                   | /static//         | a    |
      | a slash is escaped                      | /static%2Fa       | a    |
      | an escape is escaped                    | /%2573tatic/a     | a    |
      | an escape has other digits              | /static/%zz       | a    |
      | an escape is cut off                    | /static/%2        | a    |
      | NUL is escaped                          | /static/%00       | a    |
      | a question mark is escaped              | /a%3F.php         | a    |
      | a number sign is escaped                | /a%23.php         | a    |
      | a number sign is in a target            | /static/a#b       | a    |
      | a suffix is behind a number sign        | /a#b.php          | a    |
      | a suffix has a parameter                | /a.php;j=1        | a    |

    Examples: Hosts
      | what                        | target | host           |
      | a host has the default port | /a     | h.example:80   |
      | a host has another port     | /a     | h.example:8443 |
      | a host has a final dot      | /a     | h.example.     |
      | a host has dot and port     | /a     | h.example.:80  |

  Scenario Outline: PRISM-URL-06 nothing is named but the server: <host>
    When client 1 says "OPTIONS * HTTP/1.1, Host: <host>"
    Then client 1 is answered by its pool, or refused, as declared

    Examples:
      | host      |
      | a         |
      | h.example |
