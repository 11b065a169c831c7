@balancer @needs-HTTP
Feature: A URL switch keeps clients with their servers

  @needs-COOKIE
  Scenario: PRISM-SES-02 a client comes from many addresses
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, kept by the cookie SRV
    And the cookie of each server is known
    When client 1 asks with the cookies "SRV=[s2]"
    And client 20 asks with the cookies "SRV=[s2]" after 50 ms
    And client 33 asks with the cookies "SRV=[s2]" after 100 ms
    And client 77 asks with the cookies "SRV=[s2]" after 150 ms
    Then client 1 is answered by s2
    And client 20 is answered by s2
    And client 33 is answered by s2
    And client 77 is answered by s2

  @needs-COOKIE
  Scenario: PRISM-SES-03 cookies name servers
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, kept by the cookie SRV
    And the cookie of each server is known
    When client 1 asks with the cookies "SRV=[s3]"
    And client 2 asks with the cookies "SRV=[s3]" after 50 ms
    And client 3 asks with the cookies "SRV=[s1]" after 100 ms
    And client 4 asks with the cookies "SRV=[s2]" after 150 ms
    And client 5 asks with the cookies "SRV=[s1]" after 200 ms
    Then client 1 is answered by s3
    And client 2 is answered by s3
    And client 3 is answered by s1
    And client 4 is answered by s2
    And client 5 is answered by s1

  @needs-COOKIE
  Scenario: PRISM-SES-04 a client has no cookie, and then it has one
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, kept by the cookie SRV
    And the cookie of each server is known
    When client 1 asks with the cookies "a=1"
    And client 2 asks with the cookies "SRV=[s2]" after 50 ms
    And client 3 gets "GET /a/10" after 100 ms
    Then client 1 is given the cookie of its server
    And client 2 is given no cookie but that of s2
    And client 3 is given the cookie of its server

  @needs-COOKIE
  Scenario Outline: PRISM-SES-04 a cookie is forged: <what>
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, kept by the cookie SRV
    And the cookie of each server is known
    When client 1 asks with the cookies "SRV=<value>"
    Then client 1 is answered by its pool, in order
    And client 1 is given the cookie of its server

    Examples:
      | what               | value  |
      | it names nobody    | nobody |
      | more than a server | [s2]x  |
      | nothing            |        |

  @needs-COOKIE
  Scenario: PRISM-SES-04 long and short answers have the cookie
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, kept by the cookie SRV
    And the cookie of each server is known
    When client 1 gets "GET /a/20001"
    And client 2 gets "HEAD /a/10" after 50 ms
    And client 3 gets "GET /a/0?status=204" after 100 ms
    And client 4 gets "GET /a/2500?chunked" after 150 ms
    And client 5 gets "POST /a/3000 with 3000 octets" after 200 ms
    Then each request is answered by its pool, in order
    And client 1 is given the cookie of its server
    And client 2 is given the cookie of its server
    And client 3 is given the cookie of its server
    And client 4 is given the cookie of its server
    And client 5 is given the cookie of its server

  @needs-COOKIE
  Scenario: PRISM-SES-05 the server of a cookie is dead
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, kept by the cookie SRV
    And the cookie of each server is known
    And server s2 is dead after 10 ms
    When client 1 asks with the cookies "SRV=[s2]" after 500 ms
    And client 2 asks with the cookies "SRV=[s3]" after 600 ms
    Then client 1 has another server with its cookie, or a status of 5xx, as declared
    And client 2 is answered by s3

  @needs-COOKIEHASH
  Scenario: PRISM-SES-06 the same cookies lead to the same servers
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, chosen by hash of the cookie USER
    When client 1 asks with 30 values of the cookie USER
    And client 2 asks with 30 values of the cookie USER, after 500 ms
    Then each request is answered by its pool, in order
    And clients 1 and 2 have the same servers, several of them

  @needs-COOKIEHASH
  Scenario: PRISM-SES-06 a server is taken away
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, chosen by hash of the cookie USER
    When client 1 asks with 60 values of the cookie USER
    And the servers of 10.1.0.201:80 become s1, s3 after 1500 ms
    And client 2 asks with 60 values of the cookie USER, after 2500 ms
    Then of the servers of client 1 and client 2, who has s2 no more, the declared share differs

  @needs-COOKIE
  Scenario Outline: PRISM-SES-07 <what>
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, kept by the cookie SRV
    And the cookie of each server is known
    When client 1 asks with the cookies "<cookies>"
    Then client 1 is answered by s2
    And client 1 is given no cookie but that of s2

    Examples:
      | what                      | cookies              |
      | the cookie stands alone   | SRV=[s2]             |
      | the cookie stands first   | SRV=[s2]; a=1        |
      | the cookie stands last    | a=1; SRV=[s2]        |
      | the cookie stands between | a=1; SRV=[s2]; b=2   |
      | a longer name comes first | XSRV=[s1]; SRV=[s2]  |
      | a longer name comes later | SRV=[s2]; SRVX=[s1]  |
      | another case comes first  | srv=[s1]; SRV=[s2]   |
      | a value looks like it     | a=SRV=[s1]; SRV=[s2] |

  @needs-COOKIE
  Scenario Outline: PRISM-SES-07 there is only <what>
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, kept by the cookie SRV
    And the cookie of each server is known
    When client 1 asks with the cookies "<cookies>"
    Then client 1 is answered by its pool, in order
    And client 1 is given the cookie of its server

    Examples:
      | what                     | cookies    |
      | a name that ends in it   | XSRV=[s2]  |
      | a name that begins so    | SRVX=[s2]  |
      | its name in another case | srv=[s2]   |
      | a value that looks so    | a=SRV=[s2] |
